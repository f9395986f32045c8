"""What the use cases of speech work on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from fonoteka.objects import ObjectStore
from fonoteka.speech.engines.engine import EngineConfig, EngineKind
from fonoteka.store import Store


class VoiceDetector(StrEnum):
    """What tells voices from other sounds."""

    AUTO = "auto"
    """Silero where it is installed, else by energy."""
    SILERO = "silero"
    ENERGY = "energy"


def utc_now() -> datetime:
    """Now, aware UTC."""
    return datetime.now(UTC)


NO_ENGINE = EngineConfig(EngineKind.NONE, Path("models"))


@dataclass(frozen=True, slots=True)
class SpeechRoom:
    """The first argument of each use case; threads may share it."""

    store: Store
    objects: ObjectStore
    voice_detector: VoiceDetector = VoiceDetector.AUTO
    engine: EngineConfig = NO_ENGINE
    now: Callable[[], datetime] = utc_now
