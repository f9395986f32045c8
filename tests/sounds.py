"""Sound files for tests."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np


def write_wav(path: Path, channels: np.ndarray, rate: int) -> Path:
    """int16, shape (channels, samples)."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.ascontiguousarray(channels.T).tobytes())
    return path


def tones(seconds: float, rate: int, *frequencies: int) -> np.ndarray:
    """A tone a channel, int16."""
    at = np.arange(int(seconds * rate)) / rate
    return np.stack([np.rint(9000 * np.sin(2 * np.pi * hz * at)) for hz in frequencies]).astype(np.int16)
