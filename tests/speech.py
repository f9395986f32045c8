"""Speech for tests: espeak-ng out of its wheel, and Debian's human prompts where they are installed."""

from __future__ import annotations

import ctypes
import wave
from functools import cache
from pathlib import Path

import espeakng_loader
import numpy as np

_PROMPTS = Path("/usr/share/asterisk/sounds")
_SYNCHRONOUS = 2
# Most of espeak-ng's voices buzz, and code worse than any human one: 3.1 PESQ where people score 3.8.
_VARIANT = "+steph"
_SPEECH_RMS = 1800  # about -25 dBFS, a telephone voice
_SYNTH_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)

CALLING_TEXT = (
    "Здравствуйте, вас беспокоит Анна из отдела поставок. Я хотела уточнить, когда придёт наш заказ. "
    "Номер договора семьсот двенадцать, от третьего марта. Нам обещали доставку ещё на прошлой неделе."
)
CALLED_TEXT = (
    "Good afternoon, thank you for calling. Let me look at your order, it will take only a moment. "
    "The parcel left our warehouse on Tuesday, and you should receive it by the end of this week."
)


class _Engine:
    """The one espeak-ng of this process; it keeps global state."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self.rate = self._library.espeak_Initialize(
            _SYNCHRONOUS, 0, str(espeakng_loader.get_data_path()).encode(), 0
        )
        self._heard: list[np.ndarray] = []
        self._callback = _SYNTH_CALLBACK(self._hear)  # the library keeps no reference
        self._library.espeak_SetSynthCallback(self._callback)

    def _hear(self, samples: ctypes._Pointer[ctypes.c_short], count: int, _: int) -> int:
        if samples and count > 0:
            self._heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    def speak(self, text: str, voice: str) -> np.ndarray:
        self._heard.clear()
        self._library.espeak_SetSynthCallback(self._callback)  # fonoteka.caller.speech sets its own
        assert self._library.espeak_SetVoiceByName(voice.encode()) == 0
        encoded = text.encode()
        assert self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 0, 0, 1, None, None) == 0
        return np.concatenate(self._heard)


@cache
def _engine() -> _Engine:
    return _Engine()


@cache
def spoken(text: str, voice: str, sample_rate_hz: int = 8000) -> np.ndarray:
    """A text as int16 samples with a little noise, as from a telephone; voices are "ru", "en+f3", …"""
    engine = _engine()
    samples = engine.speak(text, voice).astype(np.float64)
    wanted = len(samples) * sample_rate_hz // engine.rate
    spectrum = np.fft.rfft(samples)[: wanted // 2 + 1]
    band_limited = np.fft.irfft(spectrum, wanted) * (wanted / len(samples))
    noise = np.random.default_rng(len(text)).normal(0, 12, wanted)
    return np.clip(band_limited * (_SPEECH_RMS / band_limited.std()) + noise, -32768, 32767).astype(np.int16)


def conversation(sample_rate_hz: int = 8000) -> np.ndarray:
    """Two parties who speak in turns, shape (2, samples): calling in Russian, called in English."""
    calling = spoken(CALLING_TEXT, "ru" + _VARIANT, sample_rate_hz)
    called = spoken(CALLED_TEXT, "en" + _VARIANT, sample_rate_hz)
    return _in_turns(calling, called, sample_rate_hz)


def human_conversation() -> np.ndarray | None:
    """The same with human voices at 8 kHz from Debian's prompts; None where they are not installed."""
    folders = sorted(_PROMPTS.glob("ru_RU*")) + sorted(_PROMPTS.glob("en_US*"))
    parties = [_prompts(folder) for folder in folders]
    parties = [party for party in parties if len(party)]
    if not parties:
        return None
    return _in_turns(parties[0], parties[-1][8000:], 8000)


def _prompts(folder: Path, seconds: int = 12) -> np.ndarray:
    clips: list[np.ndarray] = []
    for path in sorted(folder.glob("v*.wav")):
        with wave.open(str(path)) as file:
            clips.append(np.frombuffer(file.readframes(file.getnframes()), np.int16))
        if sum(map(len, clips)) > seconds * 8000:
            break
    return np.concatenate(clips) if clips else np.zeros(0, np.int16)


def _in_turns(calling: np.ndarray, called: np.ndarray, sample_rate_hz: int) -> np.ndarray:
    """The called party answers when the calling one is done; both lines have a little noise throughout."""
    channels = np.zeros((2, len(calling) + len(called) + sample_rate_hz), np.int16)
    channels[0, : len(calling)] = calling
    channels[1, len(calling) + sample_rate_hz // 2 :][: len(called)] = called
    noise = np.random.default_rng(7).normal(0, 10, channels.shape)
    return np.clip(channels + noise, -32768, 32767).astype(np.int16)
