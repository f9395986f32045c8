"""Voices for tests: people recorded for telephony (Debian's prompts), read where they are installed."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

SOUNDS = Path("/usr/share/asterisk/sounds")
PAUSE = np.zeros(4000, np.int16)
RATE_HZ = 8000


def voice(language: str, seconds: float, skip: int = 0) -> np.ndarray:
    """A human voice, int16 at 8 kHz, of exactly so many seconds; `language` is `ru` or `en`."""
    folder = next((one for one in SOUNDS.glob(f"{language}*") if one.is_dir()), None)
    if folder is None:
        pytest.skip(f"no prompts; install the package asterisk-core-sounds-{language}-wav")
    files = [path for path in sorted(folder.rglob("*.wav")) if path.stat().st_size > 40_000][skip:]
    pieces: list[np.ndarray] = []
    for path in files:
        with wave.open(str(path)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE_HZ, 1, 2)
            pieces += [np.frombuffer(file.readframes(file.getnframes()), np.int16), PAUSE]
        if sum(map(len, pieces)) >= seconds * RATE_HZ:
            break
    return np.concatenate(pieces)[: round(seconds * RATE_HZ)]


def alternating(seconds: float, turn_s: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Two people who take turns: while one speaks the other is silent."""
    speech = voice("ru", seconds), voice("en", seconds)
    turn = (np.arange(len(speech[0])) / (turn_s * RATE_HZ)).astype(int) % 2
    return np.where(turn == 0, speech[0], 0).astype(np.int16), np.where(turn == 1, speech[1], 0).astype(
        np.int16
    )
