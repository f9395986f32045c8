"""GSM 06.10 full rate, the codec that call recorders store, by the reference library (Debian's libgsm1)."""

from __future__ import annotations

import ctypes
import ctypes.util

import numpy as np

FRAME_SAMPLES, FRAME_BYTES = 160, 33


def is_there() -> bool:
    """Whether the library is installed."""
    return ctypes.util.find_library("gsm") is not None


def coded(samples: np.ndarray) -> np.ndarray:
    """What GSM makes of int16 samples of 8 kHz: encoded and decoded again, as long as what went in."""
    library = ctypes.CDLL(ctypes.util.find_library("gsm"))
    library.gsm_create.restype = ctypes.c_void_p
    encoder, decoder = (ctypes.c_void_p(library.gsm_create()) for _ in range(2))
    frames = -(-len(samples) // FRAME_SAMPLES)
    sent = np.pad(samples, (0, frames * FRAME_SAMPLES - len(samples))).astype(np.int16)
    heard = np.zeros_like(sent)
    frame = (ctypes.c_ubyte * FRAME_BYTES)()
    try:
        for at in range(0, len(sent), FRAME_SAMPLES):
            library.gsm_encode(encoder, ctypes.c_void_p(sent[at:].ctypes.data), frame)
            library.gsm_decode(decoder, frame, ctypes.c_void_p(heard[at:].ctypes.data))
    finally:
        library.gsm_destroy(encoder)
        library.gsm_destroy(decoder)
    return heard[: len(samples)]
