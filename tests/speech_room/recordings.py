"""Recordings with real sound in an archive, for whoever analyses them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fonoteka.archive import Archive, register_call, shelve_recording
from fonoteka.audio.encode import encode_opus
from fonoteka.domain.call import Call
from fonoteka.domain.recording import Recording, RecordingState
from tests.examples import call, two_tracks
from tests.voices import alternating


def talk(seconds: float = 6.0) -> np.ndarray:
    """Two people who take turns of two seconds."""
    return np.stack(alternating(seconds))


def shelved(
    archive: Archive, folder: Path, channels: np.ndarray | None = None, **fields: Any
) -> tuple[Call, Recording]:
    """A call in the archive with that sound; without any, what is stored is no sound at all."""
    one = call(**fields)
    register_call(archive, one)
    path = folder / "audio.opus"
    path.write_bytes(b"no sound" if channels is None else encode_opus(channels, 8000))
    length = 0 if channels is None else channels.shape[1] // 8
    recording = replace(
        one.recordings[0], state=RecordingState.READY, tracks=two_tracks(), duration_ms=length
    )
    shelve_recording(archive, recording, path, b"{}")
    return one, recording
