"""Stretches: packets of one SSRC whose timestamps run on one clock.

A stretch ends where the SSRC or the RTP clock changes, or where the timestamps leave the arrival clock for
good: the sender restarted, chose a new timestamp base, stood still during a hold, or lies. What a network
does (jitter, reordering, a stall with the backlog delivered after it) does not end one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fonoteka.audio.packets import Packets

JUMP_MS = 200
"""Timestamps may leave the arrival clock by this much before it is a jump, not jitter or drift."""
_REGULAR_SLACK_MS = 10_000  # an unbroken sequence may catch up this much at once (a stall, an early burst)
_WINDOW = 256  # packets in which a stall is expected to recover
_TAIL_PACKETS, _TAIL_LATE_MS = 25, 1_000  # too few packets, not late enough to tell a stall from a jump

_Integers = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """`order` points into the packets, by timestamp and without duplicates; `ticks` count from the first.

    `transit_ms` is when each packet arrived on the recording's clock less its media time: the network's
    delay plus a constant.
    """

    order: _Integers
    ticks: _Integers
    clock_hz: int
    transit_ms: _Floats
    arrival_ms: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """Packets [start, stop) without a jump; the least transit of its first and of its last packets.

    `follows` says that it continues the sequence before it, if late.
    """

    start: int
    stop: int
    source: tuple[int, int]
    head_ms: float
    tail_ms: float
    follows: bool

    @property
    def packets(self) -> int:
        return self.stop - self.start


@dataclass(slots=True)
class _Chain:
    """Pieces of one stretch; `floor_ms` is the transit at its end."""

    pieces: list[_Piece]
    floor_ms: float

    def takes(self, piece: _Piece) -> bool:
        """Whether a piece belongs here: its transit agrees, or it is the short tail of a stall."""
        late_ms = piece.head_ms - self.floor_ms
        if self.pieces[0].source != piece.source:
            return False
        is_tail = piece.follows and piece.packets < _TAIL_PACKETS and 0 < late_ms <= _TAIL_LATE_MS
        return abs(late_ms) <= JUMP_MS or is_tail

    def append(self, piece: _Piece) -> None:
        enough = piece.packets >= _TAIL_PACKETS
        self.floor_ms = piece.tail_ms if enough else min(self.floor_ms, piece.tail_ms)
        self.pieces.append(piece)

    def rows(self) -> _Integers:
        return np.concatenate([np.arange(piece.start, piece.stop) for piece in self.pieces])


def find_stretches(packets: Packets) -> list[Stretch]:
    """Part packets into stretches, ordered by arrival.

    A single packet that fits none of them is a stray and left out (RFC 3550 appendix A.1 asks for two in a
    row as well), unless there is nothing else.
    """
    clock_hz = packets.clock_hz
    same = (np.diff(packets.ssrc) == 0) & (np.diff(clock_hz) == 0)
    # Differences of unsigned 32 bits, read as signed: wraps and reordering come out right.
    step = np.where(same, np.diff(packets.rtp_timestamp).astype(np.int32), 0).astype(np.int64)
    ticks = np.concatenate([[0], np.cumsum(step)])
    media_ms = np.concatenate([[0.0], np.cumsum(step * 1000.0 / clock_hz[1:])])
    transit_ms = packets.arrival_ms - media_ms
    follows = same & (step == _expected_step(packets))
    cuts = ~same | _jumps(np.diff(transit_ms), follows)
    pieces = _pieces(packets, transit_ms, cuts, follows)
    stretches = [_stretch(packets, rows, ticks, int(clock_hz[rows[0]])) for rows in _joined(pieces)]
    return sorted(stretches, key=lambda stretch: stretch.arrival_ms)


def _expected_step(packets: Packets) -> _Integers:
    """By how many ticks timestamps step if nothing but what the sequence numbers say lies between."""
    seq_step = np.diff(packets.seq).astype(np.int16).astype(np.int64)
    result: _Integers = seq_step * packets.ticks[:-1]
    return result


def _jumps(shift_ms: _Floats, follows: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Where the transit changes by more than a network explains.

    It may fall by much where the sequence is unbroken: the packets before were held up.
    """
    return (shift_ms > JUMP_MS) | ((shift_ms < -JUMP_MS) & ~follows) | (shift_ms < -_REGULAR_SLACK_MS)


def _pieces(
    packets: Packets,
    transit_ms: _Floats,
    cuts: npt.NDArray[np.bool_],
    follows: npt.NDArray[np.bool_],
) -> list[_Piece]:
    starts = np.flatnonzero(np.concatenate([[True], cuts]))
    stops = np.append(starts[1:], len(packets))
    heads = _least(transit_ms, starts, np.minimum(starts + _WINDOW, stops))
    tails = _least(transit_ms, np.maximum(stops - _WINDOW, starts), stops)
    following = np.concatenate([[False], follows])[starts]
    sources = zip(packets.ssrc[starts].tolist(), packets.clock_hz[starts].tolist(), strict=True)
    columns = (starts, stops, sources, heads, tails, following)
    listed = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns]
    return [_Piece(*row) for row in zip(*listed, strict=True)]


def _least(values: _Floats, starts: _Integers, stops: _Integers) -> _Floats:
    """The minimum of values[start:stop] for each pair."""
    padded = np.append(values, np.inf)
    bounds = np.stack([starts, stops], axis=1).ravel()
    result: _Floats = np.minimum.reduceat(padded, bounds)[::2]
    return result


def _joined(pieces: list[_Piece]) -> list[_Integers]:
    """Join pieces whose transit agrees (a stall or strays lay between them): the packets of each stretch."""
    chains: list[_Chain] = []
    strays: list[_Chain] = []
    for piece in pieces:
        home = next((chain for chain in (chains[-1:] + strays[-1:]) if chain.takes(piece)), None)
        if home is None:
            is_stray = piece.packets == 1 and not piece.follows
            (strays if is_stray else chains).append(_Chain([piece], piece.tail_ms))
            continue
        home.append(piece)
        if strays and home is strays[-1]:
            chains.append(strays.pop())
    return [chain.rows() for chain in chains or strays]


def _stretch(packets: Packets, rows: _Integers, ticks: _Integers, clock_hz: int) -> Stretch:
    seq = packets.seq[rows]
    by_time = np.lexsort((np.arange(len(rows)), seq, ticks[rows]))
    order = rows[by_time]
    again = (np.diff(ticks[order]) == 0) & (np.diff(packets.seq[order]) == 0)
    order = order[np.concatenate([[True], ~again])]
    relative = ticks[order] - ticks[order[0]]
    return Stretch(
        order=order,
        ticks=relative,
        clock_hz=clock_hz,
        transit_ms=packets.arrival_ms[order] - relative * 1000.0 / clock_hz,
        arrival_ms=int(packets.arrival_ms[rows].min()),
        duplicates=int(np.count_nonzero(again)),
    )
