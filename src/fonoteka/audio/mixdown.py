"""Tracks of one recording on a common clock: the channels of its stored file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fonoteka.audio.anchor import EARLY_MS
from fonoteka.audio.resample import resample
from fonoteka.audio.timeline import LATE_MS, MAX_TRACK_MS, AssembledTrack
from fonoteka.domain.errors import AudioTooLong, RecordingSilent

MAX_CHANNELS = 2


@dataclass(frozen=True, slots=True)
class LaidOut:
    """`channels`: int16, shape (channels, samples); they begin at `start_ms` on the recording's clock."""

    channels: npt.NDArray[np.int16]
    sample_rate_hz: int
    start_ms: int


def lay_out(tracks: Sequence[AssembledTrack]) -> LaidOut:
    """Put tracks side by side, zero being the earliest start, padded with silence to one length.

    The rate is the highest among them. Of more than two tracks the first has channel 0, all others are
    added in channel 1 with saturation. Raises `RecordingSilent` for no tracks, `AudioTooLong` past 24 hours.
    """
    if not tracks:
        raise RecordingSilent
    rate = max(track.sample_rate_hz for track in tracks)
    start_ms = min(track.start_ms for track in tracks)
    placed = [
        ((track.start_ms - start_ms) * rate // 1000, resample(track.samples, track.sample_rate_hz, rate))
        for track in tracks
    ]
    length = max(at + len(samples) for at, samples in placed)
    if length > (MAX_TRACK_MS + EARLY_MS + LATE_MS) * rate // 1000:
        raise AudioTooLong
    channels = np.zeros((min(len(tracks), MAX_CHANNELS), length), np.int16)
    for index, (at, samples) in enumerate(placed):
        region = channels[min(index, MAX_CHANNELS - 1), at : at + len(samples)]
        if index < MAX_CHANNELS:
            region[:] = samples
        else:
            np.clip(region.astype(np.int32) + samples, -32768, 32767, out=region, casting="unsafe")
    return LaidOut(channels, rate, start_ms)
