"""The codecs of calls: an open table from encoding name to a decoder of RTP payloads.

A codec says how many samples a payload holds before it is decoded, so that a broken payload keeps its
time. Payloads are handed over as columns (where each begins in the file, and how many bytes), a block at
a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import av
import numpy as np
import numpy.typing as npt

from fonoteka.audio import g711
from fonoteka.audio.opus_packet import CLOCK_HZ, packet_samples
from fonoteka.audio.resample import Resampler
from fonoteka.domain.errors import CodecUnknown
from fonoteka.domain.sealed import MediaFormat

Octets = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.int64]
Samples = npt.NDArray[np.int16]

OPUS_RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Payloads:
    """Payloads inside `octets`: where each begins and how many bytes it has (all inside, none empty)."""

    octets: Octets
    at: Counts
    size: Counts

    def __getitem__(self, which: slice | Counts) -> Payloads:
        return Payloads(self.octets, self.at[which], self.size[which])

    def joined(self) -> Octets:
        """All payloads end to end."""
        total = int(self.size.sum())
        ends = np.cumsum(self.size)
        offsets = np.repeat(self.at - (ends - self.size), self.size) + np.arange(total)
        return self.octets[offsets]

    def octet(self, index: int) -> Octets:
        """Octet `index` of each payload, 0 where it is shorter."""
        result: Octets = np.where(
            self.size > index, self.octets[np.minimum(self.at + index, len(self.octets) - 1)], 0
        ).astype(np.uint8)
        return result


class Decoder(Protocol):
    """Decodes one direction of one stream; it may keep state from block to block."""

    def decode(self, payloads: Payloads, samples: Counts) -> Samples:
        """Decode payloads in order, to exactly `samples` (as the codec counted) for each, end to end."""


@dataclass(frozen=True, slots=True)
class Codec:
    """`count`: how many samples of `sample_rate_hz` each payload holds, 0 for what is none of this codec."""

    name: str
    clock_hz: int
    sample_rate_hz: int
    count: Callable[[Payloads], Counts]
    open: Callable[[], Decoder]


def find_codec(media_format: MediaFormat) -> Codec:
    """The codec of a negotiated format. Raises `CodecUnknown`."""
    make = _TABLE.get(media_format.encoding.upper())
    codec = make(media_format) if make else None
    if codec is None:
        raise CodecUnknown(
            f"No decoder for {media_format.encoding}/{media_format.clock_hz}/{media_format.channels}."
        )
    return codec


def _an_octet_a_sample(payloads: Payloads) -> Counts:
    return payloads.size


def _two_samples_an_octet(payloads: Payloads) -> Counts:
    return 2 * payloads.size


def _half_a_sample_an_octet(payloads: Payloads) -> Counts:
    return payloads.size // 2


def _opus_samples(payloads: Payloads) -> Counts:
    wide = packet_samples(payloads.octet(0), payloads.octet(1), payloads.size)
    return wide // (CLOCK_HZ // OPUS_RATE_HZ)


class _G711:
    """RFC 3551 §4.5.14: an octet a sample, no state."""

    def __init__(self, table: Samples) -> None:
        self._table = table

    def decode(self, payloads: Payloads, samples: Counts) -> Samples:
        return self._table[payloads.joined()]


class _L16:
    """RFC 3551 §4.5.11: big-endian samples, no state."""

    def decode(self, payloads: Payloads, samples: Counts) -> Samples:
        # An odd last octet is half a sample and belongs to nothing.
        even = Payloads(payloads.octets, payloads.at, 2 * samples)
        return even.joined().view(">i2").astype(np.int16)


class _G722:
    """RFC 3551 §4.5.2: 64 kb/s, two samples of 16 kHz an octet; the predictor runs on over losses."""

    def __init__(self) -> None:
        self._context = _open_decoder("g722")

    def decode(self, payloads: Payloads, samples: Counts) -> Samples:
        decoded = _decoded(self._context, payloads.joined().tobytes())
        return _of_length(decoded, int(samples.sum()))


class _Opus:
    """RFC 7587 in mono at 16 kHz; a packet that does not decode is silence of its length."""

    def __init__(self) -> None:
        self._context = _open_decoder("libopus")
        self._resampler = Resampler(CLOCK_HZ, OPUS_RATE_HZ)

    def decode(self, payloads: Payloads, samples: Counts) -> Samples:
        parts = []
        wide = samples * (CLOCK_HZ // OPUS_RATE_HZ)
        ends = payloads.at + payloads.size
        for start, end, length in zip(payloads.at.tolist(), ends.tolist(), wide.tolist(), strict=True):
            parts.append(_of_length(_decoded(self._context, payloads.octets[start:end].tobytes()), length))
        return self._resampler.push(np.concatenate(parts) if parts else np.zeros(0, np.int16))


def _open_decoder(name: str) -> av.AudioCodecContext:
    context = av.CodecContext.create(name, "r")
    assert isinstance(context, av.AudioCodecContext)
    context.layout = "mono"
    return context


def _decoded(context: av.AudioCodecContext, data: bytes) -> Samples:
    try:
        frames = [frame.to_ndarray().ravel() for frame in context.decode(av.Packet(data))]
    except av.error.FFmpegError:
        frames = []
    return np.concatenate(frames) if frames else np.zeros(0, np.int16)


def _of_length(samples: Samples, length: int) -> Samples:
    if len(samples) == length:
        return samples
    return np.pad(samples[:length], (0, max(0, length - len(samples))))


def _pcm(name: str, table: Samples) -> Callable[[MediaFormat], Codec | None]:
    codec = Codec(name, 8_000, 8_000, _an_octet_a_sample, lambda: _G711(table))
    return lambda wanted: codec if wanted.channels == 1 and wanted.clock_hz == 8_000 else None


def _l16(wanted: MediaFormat) -> Codec | None:
    if wanted.channels != 1 or wanted.clock_hz not in (8_000, 16_000):
        return None
    return Codec("L16", wanted.clock_hz, wanted.clock_hz, _half_a_sample_an_octet, _L16)


# G.722's RTP clock is 8 kHz for historical reasons (RFC 3551 §4.5.2), Opus's always 48 kHz (RFC 7587 §4.1).
_G722_CODEC = Codec("G722", 8_000, 16_000, _two_samples_an_octet, _G722)
_OPUS_CODEC = Codec("OPUS", CLOCK_HZ, OPUS_RATE_HZ, _opus_samples, _Opus)

_TABLE: dict[str, Callable[[MediaFormat], Codec | None]] = {
    "PCMU": _pcm("PCMU", g711.ULAW_TO_LINEAR),
    "PCMA": _pcm("PCMA", g711.ALAW_TO_LINEAR),
    "G722": lambda wanted: _G722_CODEC,
    "OPUS": lambda wanted: _OPUS_CODEC,
    "L16": _l16,
}
