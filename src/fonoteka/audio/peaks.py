"""What a player and a list draw of a recording's sound."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fonoteka.domain.recording import STRIP_COLUMNS, ActivityStrip

PEAKS_INTERVAL_MS = 50
_STRIP_LEVELS = 15
_STRIP_FLOOR_DB, _STRIP_CEILING_DB = -46.0, -8.0  # a quiet line's noise; a loud voice's mean peak


def peaks(
    channels: npt.NDArray[np.int16], sample_rate_hz: int, interval_ms: int = PEAKS_INTERVAL_MS
) -> npt.NDArray[np.uint8]:
    """The largest amplitude of each interval, 255 = full scale, shape (channels, intervals).

    The last interval may be a part of one; an interval with any sound but digital silence is at least 1.
    """
    step = max(1, sample_rate_hz * interval_ms // 1000)
    count, length = channels.shape
    result = np.zeros((count, -(-length // step)), np.uint8)
    whole = length // step
    for row, channel in zip(result, channels, strict=True):
        blocks = channel[: whole * step].reshape(whole, step)
        row[:whole] = _scaled(blocks.max(axis=1), blocks.min(axis=1))
        if whole < len(row):
            rest = channel[whole * step :]
            row[whole] = _scaled(rest.max(keepdims=True), rest.min(keepdims=True))[0]
    return result


def strip(of: npt.NDArray[np.uint8]) -> ActivityStrip:
    """Peaks (shape (channels, intervals)) as a list's small picture, on a scale of decibels.

    A column is the root mean square of its peaks; a recording shorter than the columns repeats intervals.
    """
    length = of.shape[1]
    if not length:
        return ActivityStrip(tuple((0,) * STRIP_COLUMNS for _ in of))
    starts = np.arange(STRIP_COLUMNS) * length // STRIP_COLUMNS
    power = np.add.reduceat(np.square(of.astype(np.float64) / 255), starts, axis=1)
    width = np.maximum(np.diff(np.append(starts, length)), 1)
    level_db = 10 * np.log10(np.maximum(power / width, 1e-9))
    scaled = (level_db - _STRIP_FLOOR_DB) / (_STRIP_CEILING_DB - _STRIP_FLOOR_DB) * _STRIP_LEVELS
    levels = np.clip(np.rint(scaled), 0, _STRIP_LEVELS).astype(int)
    return ActivityStrip(tuple(tuple(int(level) for level in row) for row in levels))


def _scaled(highest: npt.NDArray[np.int16], lowest: npt.NDArray[np.int16]) -> npt.NDArray[np.uint8]:
    amplitude = np.maximum(highest.astype(np.int32), -lowest.astype(np.int32))
    return np.ceil(amplitude * (255 / 32768)).astype(np.uint8)
