"""The two header packets of Ogg Opus (RFC 7845 §5)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from fonoteka.domain.errors import AudioMalformed

_HEAD = struct.Struct("<8sBBHIhB")
_VENDOR = b"Fonoteka"


@dataclass(frozen=True, slots=True)
class OpusHead:
    """The identification header: one uncoupled stream a channel, channels in stream order.

    `pre_skip` counts samples of 48 kHz; `input_rate_hz` is the rate before encoding. One channel is written
    with mapping family 0, more with family 1 (§5.1.1).
    """

    channels: int
    pre_skip: int
    input_rate_hz: int

    def serialize(self) -> bytes:
        """The header packet."""
        family = 0 if self.channels == 1 else 1
        head = _HEAD.pack(b"OpusHead", 1, self.channels, self.pre_skip, self.input_rate_hz, 0, family)
        if family == 0:
            return head
        return head + bytes([self.channels, 0]) + bytes(range(self.channels))

    @classmethod
    def parse(cls, data: bytes) -> OpusHead:
        """Read a header packet of any mapping. Raises `AudioMalformed`."""
        if len(data) < _HEAD.size:
            raise AudioMalformed("The Opus header is cut.")
        magic, version, channels, pre_skip, input_rate_hz, _, _ = _HEAD.unpack_from(data)
        if magic != b"OpusHead" or version > 15 or not channels:
            raise AudioMalformed("This is no Opus header.")
        return cls(channels, pre_skip, input_rate_hz)


def opus_tags() -> bytes:
    """The comment header: our name as vendor, no comments (what is known of a call is in the archive)."""
    return b"OpusTags" + struct.pack("<I", len(_VENDOR)) + _VENDOR + struct.pack("<I", 0)
