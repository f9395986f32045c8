"""Short calls of tones, placed with `fonoteka call` while a browser looks."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np

from tests.service import Service, wait_for

_RATE_HZ = 8000


def tone(path: Path, *parts: tuple[float, float]) -> Path:
    """Write a WAV file of parts (seconds, pitch in hertz; pitch 0 is silence)."""
    pieces = [
        np.sin(2 * np.pi * pitch * np.arange(int(seconds * _RATE_HZ)) / _RATE_HZ) * 9000
        for seconds, pitch in parts
    ]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE_HZ)
        file.writeframes(np.concatenate(pieces).astype("<i2").tobytes())
    return path


def place(service: Service, name: str, calling: Path, called: Path) -> dict[str, Any]:
    """Place an incoming call from somebody of that name, and return it as soon as it is playable."""
    told = ("--calling", "+79005550000", "--calling-name", name, "--called", "109")
    audio = ("--audio-calling", str(calling), "--audio-called", str(called))
    service.run("call", "--srs", f"sip:{service.sip}", *told, *audio)

    def playable() -> dict[str, Any] | None:
        for one in service.get("/calls?limit=50")["items"]:
            names = [person["name"] for person in one["participants"]]
            if name in names and [recording["state"] for recording in one["recordings"]] == ["ready"]:
                call: dict[str, Any] = one
                return call
        return None

    found: dict[str, Any] = wait_for(playable)
    return found
