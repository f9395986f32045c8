"""Opus packets as bytes (RFC 6716 §3 and appendix B): their frames, their lengths, joining and packing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fonoteka.domain.errors import AudioMalformed

CLOCK_HZ = 48_000
MAX_PACKET_SAMPLES = 5760  # 120 ms (RFC 6716 §3.4, R5)
MAX_FRAME_BYTES = 1275
_LONG_LENGTH = 252  # lengths from here on take two bytes (§3.2.1)

_FRAME_SAMPLES = np.array(
    [(480, 960, 1920, 2880)[config & 3] for config in range(12)]
    + [(480, 960)[config & 1] for config in range(12, 16)]
    + [120 << (config & 3) for config in range(16, 32)],
    np.int64,
)


@dataclass(frozen=True, slots=True)
class OpusPacket:
    """`toc`: the first byte without its two count bits; `frames`: the compressed frames, none over 1275 B."""

    toc: int
    frames: tuple[bytes, ...]

    @property
    def samples(self) -> int:
        """How long the packet sounds, in samples of 48 kHz."""
        return int(_FRAME_SAMPLES[self.toc >> 3]) * len(self.frames)

    @classmethod
    def parse(cls, data: bytes) -> OpusPacket:
        """Read an undelimited packet (§3.2). Raises `AudioMalformed`."""
        if not data:
            raise AudioMalformed("An Opus packet has at least one byte.")
        if data[0] & 3 == 0:
            frames: tuple[bytes, ...] = (data[1:],)
        elif data[0] & 3 == 1:
            frames = _equal(data[1:], 2)
        elif data[0] & 3 == 2:
            size, start = _read_length(data, 1)
            frames = (data[start : start + size], data[start + size :])
            if start + size > len(data):
                raise AudioMalformed("An Opus frame reaches past its packet.")
        else:
            frames = _many(data)
        packet = cls(data[0] & 0xFC, frames)
        if packet.samples > MAX_PACKET_SAMPLES or any(len(frame) > MAX_FRAME_BYTES for frame in frames):
            raise AudioMalformed("An Opus packet breaks the limits of RFC 6716 §3.4.")
        return packet

    def serialize(self, *, self_delimited: bool = False) -> bytes:
        """The packet as bytes; self-delimited as each but the last of a multistream packet (appendix B)."""
        frames, count = self.frames, len(self.frames)
        last = _length(len(frames[-1])) if self_delimited else b""
        if count == 1:
            head = bytes([self.toc]) + last
        elif count == 2 and len(frames[0]) == len(frames[1]):
            head = bytes([self.toc | 1]) + last
        elif count == 2:
            head = bytes([self.toc | 2]) + _length(len(frames[0])) + last
        elif len({len(frame) for frame in frames}) == 1:
            head = bytes([self.toc | 3, count]) + last
        else:
            lengths = b"".join(_length(len(frame)) for frame in frames[:-1])
            head = bytes([self.toc | 3, 0x80 | count]) + lengths + last
        return head + b"".join(frames)


def join(packets: Sequence[OpusPacket]) -> OpusPacket | None:
    """One packet of all the frames; None where modes differ or it would last longer than 120 ms."""
    toc = packets[0].toc
    joined = OpusPacket(toc, tuple(frame for packet in packets for frame in packet.frames))
    if any(packet.toc != toc for packet in packets) or joined.samples > MAX_PACKET_SAMPLES:
        return None
    return joined


def packet_samples(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], size: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Lengths in samples of 48 kHz from the packets' first two bytes; 0 for what cannot be a packet."""
    code = first & 3
    count = np.where(code == 0, 1, np.where(code < 3, 2, second & 0x3F)).astype(np.int64)
    count[(code == 3) & (size < 2)] = 0
    total: npt.NDArray[np.int64] = _FRAME_SAMPLES[first >> 3] * count
    total[(size < 1) | (total > MAX_PACKET_SAMPLES)] = 0
    return total


def _many(data: bytes) -> tuple[bytes, ...]:
    """The frames of a packet of code 3 (§3.2.5)."""
    if len(data) < 2 or data[1] & 0x3F == 0:
        raise AudioMalformed("An Opus packet of code 3 needs a frame count.")
    count, at, end = data[1] & 0x3F, 2, len(data)
    if data[1] & 0x40:
        padding = 255
        while padding == 255:
            if at >= len(data):
                raise AudioMalformed("The padding of an Opus packet is cut.")
            padding = data[at]
            at += 1
            end -= padding if padding < 255 else 254
    if end < at:
        raise AudioMalformed("An Opus packet has more padding than bytes.")
    if not data[1] & 0x80:
        return _equal(data[at:end], count)
    sizes = []
    for _ in range(count - 1):
        size, at = _read_length(data, at)
        sizes.append(size)
    frames = []
    for size in sizes:
        frames.append(data[at : at + size])
        at += size
    if at > end:
        raise AudioMalformed("An Opus frame reaches past its packet.")
    return (*frames, data[at:end])


def _equal(data: bytes, count: int) -> tuple[bytes, ...]:
    size, rest = divmod(len(data), count)
    if rest:
        raise AudioMalformed("The frames of an Opus packet are not of one length.")
    return tuple(data[size * index : size * (index + 1)] for index in range(count))


def _length(size: int) -> bytes:
    """A frame length in one or two bytes (§3.2.1)."""
    if size < _LONG_LENGTH:
        return bytes([size])
    low = _LONG_LENGTH + (size & 3)
    return bytes([low, (size - low) >> 2])


def _read_length(data: bytes, at: int) -> tuple[int, int]:
    """A frame length and the offset after it."""
    if at < len(data) and data[at] < _LONG_LENGTH:
        return data[at], at + 1
    if at + 1 < len(data):
        return data[at] + 4 * data[at + 1], at + 2
    raise AudioMalformed("A frame length of an Opus packet is cut.")
