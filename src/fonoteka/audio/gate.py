"""Which frames of a party carry sound worth coding, and which are hard to code.

Speech over a quiet line leaves pauses that fall to the line's floor: what lies within `_ABOVE_FLOOR_DB` of
the floor is silence, so a quiet talker is kept as a loud one is. Where there is no quiet floor (noise, hold
music) the gate cannot tell what is silence: all is coded. Such sound, quiet talkers, and what sounds for
long without a pause are hard: a coder made for speech, or one that spends by loudness, needs more bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BLOCK_MS = 10
_ABOVE_FLOOR_DB = 8.0  # noise of one level reaches so far above its own lower tenth in an hour
_LOUDEST_FLOOR_DB = -54.5  # of full scale; where noise louder than this is left out, the ear misses it
_QUIETEST_THRESHOLD_DB, _LOUDEST_THRESHOLD_DB = -64.0, -50.0
_QUIET_TALKER_DB = -26.0  # the loud tenth of a second of speech
_WINDOW_S = 13
_FLOOR_SHARE = 0.25  # of the seconds around, so many have a pause in speech
_NO_PAUSE_SHARE = 0.98
_BEFORE_MS, _AFTER_MS = 90, 120  # soft beginnings and ends of words lie below the threshold
_BLOCKS_A_SECOND = 1000 // BLOCK_MS
_BLOCKS_AT_ONCE = 10_000

_Floats = npt.NDArray[np.float32]
_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Gate:
    """For each frame: whether it is coded at all, and whether what it holds is hard to code."""

    is_open: _Flags
    is_hard: _Flags


def gate(samples: npt.NDArray[np.int16], sample_rate_hz: int, frame_ms: int, lead: int) -> Gate:
    """Look at one party's sound (int16), cut into frames of `frame_ms` (a multiple of `BLOCK_MS`).

    The first frame begins `lead` samples before the sound, the last one covers its end.
    """
    levels = _levels_db(samples, sample_rate_hz * BLOCK_MS // 1000, frame_ms // BLOCK_MS, lead)
    seconds = _by_second(levels)
    floors = _around(np.quantile(seconds, 0.1, axis=1), _FLOOR_SHARE)
    is_steady = floors > _LOUDEST_FLOOR_DB
    thresholds = np.clip(floors + _ABOVE_FLOOR_DB, _QUIETEST_THRESHOLD_DB, _LOUDEST_THRESHOLD_DB)
    sounds = levels > np.repeat(thresholds, _BLOCKS_A_SECOND)[: len(levels)]
    opens = _widened(sounds, _BEFORE_MS // BLOCK_MS, _AFTER_MS // BLOCK_MS)
    is_unbroken = _around(_by_second(opens).mean(axis=1), 0.1) >= _NO_PAUSE_SHARE
    is_quiet = _around(np.quantile(seconds, 0.9, axis=1), 0.9) < _QUIET_TALKER_DB
    frames = (len(levels) * BLOCK_MS // frame_ms, frame_ms // BLOCK_MS)
    return Gate(
        is_open=np.any((opens | _of_blocks(is_steady, len(levels))).reshape(frames), axis=1),
        is_hard=np.any(_of_blocks(is_steady | is_unbroken | is_quiet, len(levels)).reshape(frames), axis=1),
    )


def _levels_db(samples: npt.NDArray[np.int16], block: int, blocks_a_frame: int, lead: int) -> _Floats:
    """Level of each block without its direct current; whole frames of blocks, silence around the sound."""
    blocks = -(-(len(samples) + lead) // (block * blocks_a_frame)) * blocks_a_frame
    power = np.empty(blocks, np.float32)
    for at in range(0, blocks, _BLOCKS_AT_ONCE):
        stop = min(at + _BLOCKS_AT_ONCE, blocks)
        start = at * block - lead
        piece = samples[max(start, 0) : stop * block - lead]
        before = max(-start, 0)
        padded = np.pad(piece, (before, (stop - at) * block - len(piece) - before))
        power[at:stop] = padded.reshape(-1, block).var(axis=1, dtype=np.float32)
    levels: _Floats = 10 * np.log10(np.maximum(power, 1e-2) / 32768**2)
    return levels


def _of_blocks(flags: _Flags, blocks: int) -> _Flags:
    """A flag of each second as flags of its blocks."""
    return np.repeat(flags, _BLOCKS_A_SECOND)[:blocks]


def _by_second(values: _Floats | _Flags) -> _Floats:
    """Shape (seconds, blocks of one), the last value repeated to the end of the last second."""
    missing = -len(values) % _BLOCKS_A_SECOND
    padded = np.pad(values.astype(np.float32), (0, missing), mode="edge")
    return padded.reshape(-1, _BLOCKS_A_SECOND)


def _around(seconds: npt.NDArray[np.floating], share: float) -> _Floats:
    """The quantile of what a value for each second is in the seconds around it."""
    padded = np.pad(seconds, _WINDOW_S // 2, mode="reflect" if len(seconds) > _WINDOW_S else "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW_S)
    result: _Floats = np.quantile(windows, share, axis=1).astype(np.float32)
    return result


def _widened(flags: _Flags, before: int, after: int) -> _Flags:
    """True as well for so many blocks before and after each that is."""
    counts = np.cumsum(np.pad(flags, (after + 1, before)), dtype=np.int64)
    return counts[before + after + 1 :] > counts[: len(flags)]
