"""From packets to samples: one party's track with everything in its place on the recording's clock.

Order of work: the packets that have sound (`packets`), the stretches in which timestamps can be trusted
(`stretches`), where each stretch lies and how clock drift is followed (`anchor`), decoding in blocks
(`codecs`), and laying down (`canvas`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fonoteka.audio.anchor import EARLY_MS, block_bounds, floors_ms, plan_step
from fonoteka.audio.canvas import Canvas
from fonoteka.audio.codecs import Decoder
from fonoteka.audio.packets import Packets, sounding_packets
from fonoteka.audio.resample import Resampler
from fonoteka.audio.stretches import JUMP_MS, Stretch, find_stretches
from fonoteka.domain.errors import AudioTooLong
from fonoteka.domain.sealed import FormatSpan, HoldSpan

MAX_TRACK_MS = 24 * 3_600_000
LATE_MS = 3 * JUMP_MS
"""How long after its last packet arrived a track may end."""

Samples = npt.NDArray[np.int16]
_Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class AssembledTrack:
    """One party's sound, mono, from its first to its last packet; `start_ms` on the recording's clock.

    `packets` counts those that were used; `lost_packets` sequence numbers that never came, and `gap_ms` the
    silence in their place (no other silence); `unknown_packets` those left out because their payload type
    was not named or has no decoder; `codec` is the one that most packets had.
    """

    samples: Samples
    sample_rate_hz: int
    start_ms: int
    packets: int
    lost_packets: int
    duplicate_packets: int
    unknown_packets: int
    gap_ms: int
    codec: str


def assemble(
    table: npt.NDArray[Any],
    data: bytes,
    format_spans: tuple[FormatSpan, ...],
    hold_spans: Sequence[HoldSpan] = (),
) -> AssembledTrack | None:
    """Assemble one stream's packets (a table of `wire.rtpdump_table`, payloads inside `data`).

    G.711 of which nothing was lost comes out bit-exact. The rate is the highest among the track's codecs;
    sound of a lower rate is converted to it. Lost packets, pauses in sending (DTX, comfort noise) and the
    time between stretches are silence of their length. A hold span is silence as well: whatever the sender
    let through while signalling said that the stream was inactive is not kept, and time goes on; what was
    not recorded in it (a pause) is no loss. Two sources that speak at once are added.
    None where no packet has sound. Raises `WireMalformed`, `CodecUnknown` (all sound is in codecs that we
    lack), `AudioTooLong` (24 hours). Memory is bounded by the arrival clock, whatever timestamps say: a
    track starts at most `EARLY_MS` before the first packet arrived and ends at most `LATE_MS` after the
    last.
    """
    packets = sounding_packets(table, data, format_spans, hold_spans)
    if packets is None:
        return None
    first_ms, last_ms = int(packets.arrival_ms.min()), int(packets.arrival_ms.max())
    if last_ms - first_ms > MAX_TRACK_MS:
        raise AudioTooLong(f"The stream lasts {last_ms - first_ms} ms.")
    used = np.unique(packets.codec)
    rate = max(packets.codecs[index].sample_rate_hz for index in used.tolist())
    canvas = Canvas(first_ms - EARLY_MS, last_ms + LATE_MS, rate)
    stretches = find_stretches(packets)
    for stretch in stretches:
        _lay_down(packets, stretch, canvas)
    for hold in hold_spans:
        canvas.silence(hold.since_ms, hold.until_ms)
    samples, start_ms = canvas.cropped()
    return AssembledTrack(
        samples=samples,
        sample_rate_hz=rate,
        start_ms=start_ms,
        packets=sum(len(stretch.order) for stretch in stretches),
        lost_packets=packets.lost,
        duplicate_packets=sum(stretch.duplicates for stretch in stretches),
        unknown_packets=packets.unknown,
        gap_ms=round(sum(_lost_ms(packets, stretch) for stretch in stretches)),
        codec=packets.codecs[int(np.bincount(packets.codec).argmax())].name,
    )


def _lay_down(packets: Packets, stretch: Stretch, canvas: Canvas) -> None:
    """Decode a stretch block by block and put it on the canvas, following the drift of the sender's clock."""
    bounds = block_bounds(len(stretch.order))
    floors = floors_ms(stretch.transit_ms, bounds)
    decoding = _Decoding(packets, canvas.sample_rate_hz)
    lengths_ms = packets.samples[stretch.order] * 1000 / packets.sample_rate_hz[stretch.order]
    gaps_ms = np.diff(stretch.ticks, prepend=0) * 1000 / stretch.clock_hz
    gaps_ms[1:] -= lengths_ms[:-1]
    mixed_until = canvas.end
    anchor_ms = _after_the_end(float(floors[0]), canvas)
    for start, stop, floor_ms in zip(bounds[:-1].tolist(), bounds[1:].tolist(), floors.tolist(), strict=True):
        samples, counts = decoding.decode(stretch.order[start:stop])
        ends = np.cumsum(counts)
        peaks = _Peaks(samples, ends - counts)
        step = plan_step(floor_ms - anchor_ms, gaps_ms[start:stop], lengths_ms[start:stop], peaks)
        anchors = np.full(stop - start, canvas.position(anchor_ms))
        anchor_ms += step.by_ms
        anchors[step.at :] = canvas.position(anchor_ms)
        positions = anchors + stretch.ticks[start:stop] * canvas.sample_rate_hz // stretch.clock_hz
        _put_runs(canvas, samples, positions, counts, mixed_until)


def _after_the_end(floor_ms: float, canvas: Canvas) -> float:
    """Where a stretch starts: at its floor, or right after what is there if it would overlap only a little.

    Its floor is known to some milliseconds, and a new timestamp base in mid-word must not cut sound; drift
    correction takes the rest back in the next pause.
    """
    overlap_ms = (canvas.end - canvas.position(floor_ms)) * 1000 / canvas.sample_rate_hz
    return floor_ms + overlap_ms if 0 < overlap_ms <= JUMP_MS else floor_ms


def _put_runs(
    canvas: Canvas, samples: Samples, positions: _Integers, counts: _Integers, mixed_until: int
) -> None:
    """Put packets (end to end in `samples`) in place, as many at once as follow each other without a gap."""
    starts = np.cumsum(counts) - counts
    firsts = np.flatnonzero(np.concatenate([[True], positions[1:] != positions[:-1] + counts[:-1]]))
    sources = starts[firsts].tolist()
    for position, source, end in zip(
        positions[firsts].tolist(), sources, [*sources[1:], len(samples)], strict=True
    ):
        canvas.put(position, samples[source:end], mixed_until)


def _lost_ms(packets: Packets, stretch: Stretch) -> float:
    """The silence that stands for lost packets: gaps of the timestamps where sequence numbers miss."""
    order = stretch.order
    length = packets.samples[order] * stretch.clock_hz / packets.sample_rate_hz[order]
    gap = np.maximum(np.diff(stretch.ticks) - length[:-1], 0)
    missing = np.maximum(np.diff(packets.missing[order]), 0)
    return float(np.minimum(gap, missing * length[:-1]).sum()) * 1000 / stretch.clock_hz


@dataclass(frozen=True, slots=True)
class _Peaks:
    """The loudest sample of each packet, counted only where it is asked for."""

    samples: Samples
    starts: _Integers

    def __call__(self) -> _Integers:
        result: _Integers = np.maximum.reduceat(np.abs(self.samples.astype(np.int32)), self.starts)
        return result.astype(np.int64)


class _Decoding:
    """The decoders of one stretch, one for each codec, at the track's rate."""

    def __init__(self, packets: Packets, sample_rate_hz: int) -> None:
        self._packets = packets
        self._rate = sample_rate_hz
        self._decoders: dict[int, tuple[Decoder, Resampler | None]] = {}

    def decode(self, order: _Integers) -> tuple[Samples, _Integers]:
        """Samples of packets end to end, and how many each has."""
        codec = self._packets.codec[order]
        changes = np.flatnonzero(np.diff(codec)) + 1
        parts = [self._decode_run(run) for run in np.split(order, changes)]
        counts = self._packets.samples[order] * self._rate // self._packets.sample_rate_hz[order]
        return np.concatenate(parts), counts

    def _decode_run(self, order: _Integers) -> Samples:
        index = int(self._packets.codec[order[0]])
        codec = self._packets.codecs[index]
        if index not in self._decoders:
            converts = codec.sample_rate_hz != self._rate
            resampler = Resampler(codec.sample_rate_hz, self._rate) if converts else None
            self._decoders[index] = (codec.open(), resampler)
        decoder, resampler = self._decoders[index]
        samples = decoder.decode(self._packets.payloads[order], self._packets.samples[order])
        return resampler.push(samples) if resampler else samples
