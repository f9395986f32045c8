"""Where a stretch lies on the recording's clock, and how it is kept there when the sender's clock drifts.

The least transit among many packets is the network's floor; jitter only adds to it. A stretch is anchored
to that floor. Where the floor moves away by more than `TOLERANCE_MS` (the sender's clock is faster or
slower than ours, or the route changed), the anchor follows it inside pauses: silence is made longer or
shorter there, and no sound is touched until the error passes `FORCED_MS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fonoteka.audio.stretches import JUMP_MS

BLOCK_PACKETS = 256
EARLY_MS = 10_000
"""How long before it arrived sound may lie."""
TOLERANCE_MS = 18.0
FORCED_MS = 60.0
_FORCED_STEP_MS = 20.0
_SHORTEST_GAP_MS = 40.0
_SHORTEST_PAUSE_MS = 80.0
_QUIET_PEAK = 256  # -42 dBFS
_QUIET_SHARE = 0.1  # of the block's loudest packet

_Integers = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Step:
    """From packet `at` of its block on, everything lies `by_ms` later."""

    at: int
    by_ms: float


NO_STEP = Step(0, 0.0)


def block_bounds(packets: int) -> _Integers:
    """Bounds of blocks of about `BLOCK_PACKETS` (the last one takes a short rest): blocks + 1 values."""
    blocks = max(1, round(packets / BLOCK_PACKETS))
    bounds: _Integers = np.linspace(0, packets, blocks + 1).astype(np.int64)
    return bounds


def floors_ms(transit_ms: _Floats, bounds: _Integers) -> _Floats:
    """The network's floor in each block: the least transit there and in the blocks beside it.

    Where it falls at once, packets before were held up for long (a stall, or sound buffered before the
    call): they belong to the floor after, as far as `EARLY_MS`.
    """
    least = np.minimum.reduceat(transit_ms, bounds[:-1])
    padded = np.pad(least, 1, constant_values=np.inf)
    result: _Floats = np.minimum(np.minimum(padded[:-2], padded[2:]), least)
    for block in range(len(result) - 2, -1, -1):
        if JUMP_MS < result[block] - result[block + 1] <= EARLY_MS:
            result[block] = result[block + 1]
    return result


def plan_step(
    error_ms: float, gaps_ms: _Floats, lengths_ms: _Floats, measure: Callable[[], _Integers]
) -> Step:
    """Decide whether and where to move the anchor by up to `error_ms` inside a block.

    `gaps_ms` is the silence before each packet as timestamps tell it; `measure` gives each packet's peak.
    """
    if abs(error_ms) <= TOLERANCE_MS:
        return NO_STEP
    if abs(error_ms) > JUMP_MS:
        return Step(0, error_ms)
    widest = int(gaps_ms.argmax())
    if gaps_ms[widest] >= _SHORTEST_GAP_MS:
        return Step(widest, max(error_ms, -gaps_ms[widest] / 2))
    peaks = measure()
    start, stop = _longest_run(peaks <= max(_QUIET_PEAK, _QUIET_SHARE * float(peaks.max())))
    pause_ms = float(lengths_ms[start:stop].sum())
    if pause_ms >= _SHORTEST_PAUSE_MS:
        return Step((start + stop) // 2, max(error_ms, -pause_ms / 4))
    if abs(error_ms) > FORCED_MS and len(peaks) > 1:
        softest = int((peaks[1:] + peaks[:-1]).argmin()) + 1
        return Step(softest, float(np.clip(error_ms, -_FORCED_STEP_MS, _FORCED_STEP_MS)))
    return NO_STEP


def _longest_run(flags: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Start and stop of the longest run of true values, (0, 0) where there is none."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    if not len(edges):
        return 0, 0
    starts, stops = edges[::2], edges[1::2]
    longest = int((stops - starts).argmax())
    return int(starts[longest]), int(stops[longest])
