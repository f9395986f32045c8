"""Spoken texts on the spot: the espeak-ng library out of the `espeakng-loader` wheel, by ctypes.

espeak-ng keeps one global state and is not thread-safe, so one lock guards every call into it.
"""

from __future__ import annotations

import ctypes
import threading
from dataclasses import dataclass
from functools import cache

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

from fonoteka.domain.errors import SpeechUnavailable

MAX_TEXT_BYTES = 10_000
_SILENCE_PEAK = 200  # samples quieter than this at a clip's ends are trimmed
_SPEECH_RMS = 3000.0  # about -21 dBFS, the level of a telephone voice

# Of espeak-ng's speak_lib.h.
_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_DONT_EXIT = 0x8000
_PARAMETER_RATE = 1
_PARAMETER_PITCH = 3
_PARAMETER_RANGE = 4
_CHARS_UTF8 = 1

_SynthCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: a variant of espeak-ng's voices, pitch and range 0-100, speed in words a minute."""

    variant: str
    pitch: int = 50
    pitch_range: int = 50
    words_per_minute: int = 170


ANNA = Voice("f2", pitch=58, pitch_range=62, words_per_minute=172)
BORIS = Voice("m3", pitch=38, pitch_range=55, words_per_minute=165)
VERA = Voice("Annie", pitch=52, pitch_range=60, words_per_minute=178)
DENIS = Voice("Denis", pitch=45, pitch_range=60, words_per_minute=175)
ELENA = Voice("f4", pitch=46, pitch_range=55, words_per_minute=160)
MIKHAIL = Voice("Michael", pitch=42, pitch_range=50, words_per_minute=182)
PAVEL = Voice("m7", pitch=50, pitch_range=48, words_per_minute=158)
ALICE = Voice("Alicia", pitch=50, pitch_range=58, words_per_minute=182)


def speak(text: str, language: str, voice: Voice = ANNA) -> tuple[NDArray[np.int16], int]:
    """Speak `text` (`language` "ru", "en", …): mono samples, silence at the ends cut, and their Hz.

    Raises `SpeechUnavailable` when the library does not load or knows no such language or variant.
    """
    encoded = text.encode()
    if len(encoded) > MAX_TEXT_BYTES:
        raise SpeechUnavailable(f"The text has {len(encoded)} bytes; at most {MAX_TEXT_BYTES} are spoken.")
    return _engine().synthesise(encoded, language, voice)


class _Engine:
    """The one espeak-ng of this process."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL(espeakng_loader.get_library_path())
            data_path = espeakng_loader.get_data_path()
        except (OSError, RuntimeError) as error:
            raise SpeechUnavailable(f"espeak-ng cannot be loaded: {error}") from error
        self._declare()
        self._lock = threading.Lock()
        self._blocks: list[NDArray[np.int16]] = []
        self._callback = _SynthCallback(self._receive)  # kept: the library holds only its address
        rate = self._library.espeak_Initialize(
            _OUTPUT_SYNCHRONOUS, 0, data_path.encode(), _INITIALIZE_DONT_EXIT
        )
        if rate <= 0:
            raise SpeechUnavailable(f"espeak-ng finds no voices in {data_path}.")
        self._rate_hz = int(rate)

    def _declare(self) -> None:
        library = self._library
        library.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
        library.espeak_SetSynthCallback.argtypes = [_SynthCallback]
        library.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
        library.espeak_SetParameter.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int]
        library.espeak_Synth.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]

    def _receive(self, samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if samples and count > 0:
            self._blocks.append(np.ctypeslib.as_array(samples, (count,)).astype(np.int16))
        return 0

    def synthesise(self, text: bytes, language: str, voice: Voice) -> tuple[NDArray[np.int16], int]:
        with self._lock:
            self._blocks.clear()
            # Each time: another user of the library in this process may have set its own.
            self._library.espeak_SetSynthCallback(self._callback)
            name = f"{language}+{voice.variant}"
            if self._library.espeak_SetVoiceByName(name.encode()) != 0:
                raise SpeechUnavailable(f"espeak-ng has no voice {name!r}.")
            self._library.espeak_SetParameter(_PARAMETER_RATE, voice.words_per_minute, 0)
            self._library.espeak_SetParameter(_PARAMETER_PITCH, voice.pitch, 0)
            self._library.espeak_SetParameter(_PARAMETER_RANGE, voice.pitch_range, 0)
            if self._library.espeak_Synth(text, len(text) + 1, 0, 1, 0, _CHARS_UTF8, None, None) != 0:
                raise SpeechUnavailable("espeak-ng did not speak the text.")
            blocks = [*self._blocks, np.zeros(0, np.int16)]
        return _level(_trim(np.concatenate(blocks))), self._rate_hz


@cache
def _engine_made_once() -> _Engine:
    return _Engine()


_making = threading.Lock()


def _engine() -> _Engine:
    with _making:
        return _engine_made_once()


def _trim(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > _SILENCE_PEAK)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]


def _level(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    if not len(samples):
        return samples
    wide = samples.astype(np.float64)
    gain = min(_SPEECH_RMS / np.sqrt(np.mean(wide**2)), 32_000 / np.max(np.abs(wide)))
    levelled: NDArray[np.int16] = np.rint(wide * gain).astype(np.int16)
    return levelled
