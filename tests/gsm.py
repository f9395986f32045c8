"""GSM 06.10 full rate, the codec that call recorders store, by the reference library (Debian's libgsm1)."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

FRAME_SAMPLES, FRAME_BYTES = 160, 33


def encoded(samples: np.ndarray) -> bytes:
    """int16 samples of 8 kHz as frames of 33 bytes, the last one padded with silence."""
    sent = np.pad(samples, (0, -len(samples) % FRAME_SAMPLES)).astype(np.int16)
    frame = (ctypes.c_ubyte * FRAME_BYTES)()
    made = bytearray()
    with _codec() as (library, state):
        for at in range(0, len(sent), FRAME_SAMPLES):
            library.gsm_encode(state, ctypes.c_void_p(sent[at:].ctypes.data), frame)
            made += frame
    return bytes(made)


def decoded(data: bytes) -> np.ndarray:
    """Frames as int16 samples of 8 kHz."""
    heard = np.zeros(len(data) // FRAME_BYTES * FRAME_SAMPLES, np.int16)
    with _codec() as (library, state):
        for index in range(len(data) // FRAME_BYTES):
            frame = data[index * FRAME_BYTES : (index + 1) * FRAME_BYTES]
            library.gsm_decode(state, frame, ctypes.c_void_p(heard[index * FRAME_SAMPLES :].ctypes.data))
    return heard


def coded(samples: np.ndarray) -> np.ndarray:
    """What GSM makes of int16 samples of 8 kHz, as long as what went in."""
    return decoded(encoded(samples))[: len(samples)]


@contextmanager
def _codec() -> Iterator[tuple[ctypes.CDLL, ctypes.c_void_p]]:
    library = ctypes.CDLL(ctypes.util.find_library("gsm"))
    library.gsm_create.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.gsm_create())
    try:
        yield library, state
    finally:
        library.gsm_destroy(state)
