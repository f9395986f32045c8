"""A model in a local folder, run by onnx-asr on ONNX Runtime. Nothing is ever fetched from here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np

from fonoteka.domain.errors import ModelInvalid
from fonoteka.domain.transcript import Word
from fonoteka.speech.engines.engine import EngineConfig, PieceText, Samples, spread, within
from fonoteka.speech.models import InstalledModel

_LAST_TOKEN_MS = 60


class OnnxAsr:
    """A loaded model."""

    def __init__(self, model: InstalledModel, config: EngineConfig, language: str) -> None:
        """Raises `ModelInvalid`: what is wrong with the folder, or that the extra is not installed."""
        if find_spec("onnx_asr") is None or find_spec("onnxruntime") is None:
            raise ModelInvalid("Local models need the extra: pip install fonoteka[speech].")
        self.name = f"onnx_asr {model.name} {model.digest[:8]}".strip()
        self._options = {"language": language} if language and model.kind.startswith("whisper") else {}
        self._model = _load(model, config).with_timestamps()

    def transcribe(self, pieces: Sequence[Samples], sample_rate_hz: int) -> list[PieceText]:
        """As `engine.Engine`."""
        waves = [piece.astype(np.float32) / 32768 for piece in pieces]
        try:
            found = self._model.recognize(waves, sample_rate=sample_rate_hz, **self._options)
        except _failures() as error:
            raise ModelInvalid(f"{self.name} failed: {error}") from error
        lengths = (len(piece) * 1000 // sample_rate_hz for piece in pieces)
        return [_text(one, length_ms) for one, length_ms in zip(found, lengths, strict=True)]


def _load(model: InstalledModel, config: EngineConfig) -> Any:
    import onnx_asr.loader
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = config.threads
    options.inter_op_num_threads = 1
    providers = ["CPUExecutionProvider"]
    if config.device == "cuda":
        providers.insert(0, "CUDAExecutionProvider")
    try:
        manager = onnx_asr.loader.Manager(options, providers)
        return manager.create_asr(
            model.kind, model.folder, quantization=model.quantization or None, offline=True
        )
    except _failures() as error:
        raise ModelInvalid(f"The model in {model.folder} cannot be loaded: {error}") from error


def _failures() -> tuple[type[Exception], ...]:
    """What a folder that is wrong, half there or of another kind may raise."""
    import onnx_asr.utils
    from onnxruntime.capi import onnxruntime_pybind11_state as runtime

    of_runtime = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoModel", "NoSuchFile")
    named = [getattr(runtime, name) for name in (*of_runtime, "NotImplemented", "RuntimeException", "EPFail")]
    # A config of another kind of model lacks what this one looks for.
    usual = (OSError, ValueError, KeyError, IndexError, TypeError, AssertionError, AttributeError)
    return (onnx_asr.utils.ModelLoadingError, *usual, *named)


def _text(result: Any, length_ms: int) -> PieceText:
    tokens, starts = result.tokens, result.timestamps
    if not tokens or not starts or len(tokens) != len(starts):
        return PieceText(spread(result.text, 0, length_ms), is_approximate=bool(result.text.strip()))
    return PieceText(within(_words(tokens, starts, result.logprobs), length_ms))


def _words(tokens: list[str], starts: list[float], logprobs: list[float] | None) -> list[Word]:
    """Tokens are letters or pieces of words; a word ends where a space is."""
    starts_ms = [round(one * 1000) for one in starts]
    ends_ms = [following for _, following in pairwise(starts_ms)] + [starts_ms[-1] + _LAST_TOKEN_MS]
    words: list[Word] = []
    letters, since_ms, until_ms, sure = "", 0, 0, [0.0] * 0
    for place, token in enumerate(tokens):
        begins = token[:1].isspace()
        if begins and letters:
            words.append(Word(letters, since_ms, min(until_ms, starts_ms[place]), _mean(sure)))
            letters, sure = "", []
        text = token.strip()
        if not text:
            continue
        if not letters:
            since_ms = starts_ms[place]
        letters += text
        until_ms = ends_ms[place]
        if logprobs is not None and place < len(logprobs):
            sure.append(logprobs[place])
    if letters:
        words.append(Word(letters, since_ms, until_ms, _mean(sure)))
    return words


def _mean(logprobs: list[float]) -> float | None:
    """The geometric mean of probabilities."""
    return min(1.0, math.exp(sum(logprobs) / len(logprobs))) if logprobs else None
