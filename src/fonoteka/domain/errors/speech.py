"""Models and engines that make speech into text."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class ModelMissing(FonotekaError):
    """There is no such speech model, or none is in use for the language."""

    code = "speech.model_missing"


class ModelInvalid(FonotekaError):
    """A speech model's folder is wrong, half there, or of another kind."""

    code = "speech.model_invalid"


class EngineUnavailable(FonotekaError):
    """The speech server does not answer, or not now; it is asked again."""

    code = "speech.engine_unavailable"


class EngineRefused(FonotekaError):
    """The speech server does not take what it is asked, or answers what cannot be understood."""

    code = "speech.engine_refused"


class LanguageInvalid(FonotekaError):
    """A language for speech is not one that can be asked for; the context names the group."""

    code = "speech.language_invalid"
