"""The samples of one track while they are put in place."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]


class Canvas:
    """Silence from `start_ms` to `stop_ms` of the recording's clock, to be filled; what lies outside is cut.

    Pages of memory that stay silent are never touched, so they cost nothing.
    """

    def __init__(self, start_ms: int, stop_ms: int, sample_rate_hz: int) -> None:
        self.start_ms = start_ms
        self.sample_rate_hz = sample_rate_hz
        self._samples: Samples = np.zeros((stop_ms - start_ms) * sample_rate_hz // 1000, np.int16)
        self._first, self._last = len(self._samples), 0

    @property
    def end(self) -> int:
        """The position after the last sample put so far; 0 while there is none."""
        return self._last

    def position(self, at_ms: float) -> int:
        """The position of a time on the recording's clock."""
        return round((at_ms - self.start_ms) * self.sample_rate_hz / 1000)

    def put(self, position: int, samples: Samples, mixed_until: int) -> None:
        """Lay samples down at a position; up to `mixed_until` they are added to what is there."""
        start, stop = max(position, 0), min(position + len(samples), len(self._samples))
        if start >= stop:
            return
        samples = samples[start - position : stop - position]
        shared = min(max(mixed_until - start, 0), len(samples))
        if shared:
            region = self._samples[start : start + shared]
            np.clip(region.astype(np.int32) + samples[:shared], -32768, 32767, out=region, casting="unsafe")
        self._samples[start + shared : stop] = samples[shared:]
        self._first, self._last = min(self._first, start), max(self._last, stop)

    def silence(self, since_ms: float, until_ms: float | None) -> None:
        """Make a span silent (None: to the end)."""
        start = max(self.position(since_ms), 0)
        stop = len(self._samples) if until_ms is None else max(self.position(until_ms), start)
        self._samples[start:stop] = 0

    def cropped(self) -> tuple[Samples, int]:
        """The samples from the first to the last that was put, and when they start in ms."""
        first = min(self._first, self._last)
        start_ms = self.start_ms + round(first * 1000 / self.sample_rate_hz)
        return self._samples[first : self._last], start_ms
