"""Which engine a language has here, loaded once for a thread."""

from __future__ import annotations

import time

from fonoteka.domain.errors import FonotekaError, ModelMissing
from fonoteka.speech.engines.engine import Engine, EngineConfig, EngineKind
from fonoteka.speech.models import name_for, read_model

NO_LANGUAGE = "none"
"""As a language: these calls are not transcribed."""
_AGAIN_S = 60.0


def is_wanted(config: EngineConfig, language: str) -> bool:
    """Whether calls in this language are transcribed here. Raises `ModelInvalid`."""
    if language == NO_LANGUAGE or config.kind is EngineKind.NONE:
        return False
    if config.kind is EngineKind.OPENAI:
        return bool(config.url)
    return name_for(config.models, language) is not None


class Engines:
    """The engines of one thread. A folder that could not be loaded is not tried again for a minute."""

    def __init__(self, config: EngineConfig) -> None:
        self._config = config
        self._loaded: dict[tuple[str, str], Engine] = {}
        self._broken: dict[tuple[str, str], tuple[float, FonotekaError]] = {}

    def of_language(self, language: str) -> Engine:
        """Raises `ModelMissing`, `ModelInvalid`, `SettingInvalid`."""
        config = self._config
        model = None
        if config.kind is EngineKind.ONNX_ASR:
            name = name_for(config.models, language)
            if name is None:
                raise ModelMissing(f"No speech model is in use for the language “{language or 'any'}”.")
            model = read_model(config.models, name)
        key = (language, "" if model is None else f"{model.name} {model.digest}")
        if key in self._loaded:
            return self._loaded[key]
        since, error = self._broken.get(key, (0.0, None))
        if error is not None and time.monotonic() - since < _AGAIN_S:
            raise error
        try:
            if model is not None:
                from fonoteka.speech.engines.onnx_asr import OnnxAsr

                engine: Engine = OnnxAsr(model, config, language)
            else:
                from fonoteka.speech.engines.openai import OpenAi

                engine = OpenAi(config, language)
        except FonotekaError as broken:
            self._broken[key] = (time.monotonic(), broken)
            raise
        self._loaded = {key: engine}  # one at a time: models are large
        return engine
