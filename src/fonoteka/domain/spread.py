"""How a figure is spread over many calls: counted in fixed bins, so that sums of parts are the whole.

All counters of a spread lie side by side in one whole number, 32 bits each: adding two spreads is one
addition, and a thousand of them are added in a millisecond.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_LANE_BITS = 32
_LANE_MAX = 2**_LANE_BITS - 1


class Measure(StrEnum):
    """What a single conversation of one of ours is measured by. Shares are 0 to 1, times in ms."""

    TALK_RATIO = "talk_ratio"
    """What ours spoke of all that was spoken."""
    SILENCE = "silence"
    """The share of silence in the conversation."""
    INTERRUPTIONS = "interruptions"
    """How often ours took the other's word."""
    MONOLOGUE = "monologue"
    """The longest of ours."""
    LONGEST_SILENCE = "longest_silence"
    PATIENCE = "patience"
    """How long ours waited before answering, on average over the call."""


_SHARES = tuple(step / 20 for step in range(1, 20))
_NUMBERS = tuple(float(step) for step in range(1, 16))
# A quarter more each: from 0.25 s to over 8 minutes.
_TIMES = tuple(250 * 1.25**step for step in range(35))
_EDGES: dict[Measure, tuple[float, ...]] = {
    Measure.TALK_RATIO: _SHARES,
    Measure.SILENCE: _SHARES,
    Measure.INTERRUPTIONS: _NUMBERS,
    Measure.MONOLOGUE: _TIMES,
    Measure.LONGEST_SILENCE: _TIMES,
    Measure.PATIENCE: _TIMES,
}
"""The lower edges of all bins but the first, which begins at 0."""
_FIRST: dict[Measure, int] = {}
for _measure, _edges in _EDGES.items():
    _FIRST[_measure] = sum(len(_EDGES[one]) + 1 for one in _FIRST)
_LANES = sum(len(one) + 1 for one in _EDGES.values())
WIDTH_BYTES = _LANES * _LANE_BITS // 8


@dataclass(frozen=True, slots=True)
class Spread:
    """Counters of all measures in one number."""

    packed: int = 0

    @classmethod
    def of(cls, values: dict[Measure, float]) -> Spread:
        """The spread of one conversation."""
        lanes = (_FIRST[name] + bisect_right(_EDGES[name], value) for name, value in values.items())
        return cls(sum(1 << (_LANE_BITS * lane) for lane in lanes))

    def __add__(self, other: Spread) -> Spread:
        return Spread(self.packed + other.packed)

    def counts(self, measure: Measure) -> Sequence[int]:
        """How many conversations are in each bin."""
        first = _FIRST[measure]
        return [
            (self.packed >> (_LANE_BITS * lane)) & _LANE_MAX
            for lane in range(first, first + len(_EDGES[measure]) + 1)
        ]

    def quantile(self, measure: Measure, share: float) -> float | None:
        """The value that `share` of the conversations do not exceed; None of none.

        Exact for numbers; within a bin of shares (0.05) or times (a quarter) values count as evenly spread.
        """
        counts = self.counts(measure)
        wanted = share * sum(counts)
        if not wanted:
            return None
        edges = (0.0, *_EDGES[measure])
        below = 0
        for place, count in enumerate(counts):
            if count and below + count >= wanted:
                if measure is Measure.INTERRUPTIONS:
                    return edges[place]
                upper = edges[place + 1] if place + 1 < len(edges) else _last(measure)
                return edges[place] + (upper - edges[place]) * (wanted - below) / count
            below += count
        return edges[-1]

    def encode(self) -> bytes:
        """As bytes, trailing zeros left out."""
        return self.packed.to_bytes((self.packed.bit_length() + 7) // 8, "little")

    @classmethod
    def decode(cls, written: bytes) -> Spread:
        """The inverse of `encode`."""
        return cls(int.from_bytes(written, "little"))


NO_SPREAD = Spread()


def _last(measure: Measure) -> float:
    """The upper edge of the last bin, which has none."""
    edges = _EDGES[measure]
    return 1.0 if edges is _SHARES else edges[-1] * 1.25
