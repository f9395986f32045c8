"""RTP and RTCP packet by packet, as RFC 3550 has it: what the product's ways are held against."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from fonoteka.domain.errors import WireMalformed

HEADER_BYTES = 12
_HEADER = struct.Struct(">BBHII")


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """An RTP packet. `extension` is its profile word and its content, a multiple of four bytes."""

    payload_type: int
    seq: int
    rtp_timestamp: int
    ssrc: int
    payload: bytes = b""
    marker: bool = False
    csrcs: tuple[int, ...] = ()
    extension: tuple[int, bytes] | None = None
    padding_bytes: int = 0

    @classmethod
    def parse(cls, data: bytes) -> RtpPacket:
        """Read a datagram. Raises `WireMalformed` if it is not a whole RTP packet of version 2."""
        if len(data) < HEADER_BYTES or data[0] >> 6 != 2:
            raise WireMalformed("not an RTP packet")
        first, second, seq, rtp_timestamp, ssrc = _HEADER.unpack_from(data)
        at = HEADER_BYTES + 4 * (first & 0x0F)
        extension = None
        if first & 0x10:
            if len(data) < at + 4:
                raise WireMalformed("an RTP header extension is cut off")
            profile, words = struct.unpack_from(">HH", data, at)
            extension = (profile, bytes(data[at + 4 : at + 4 + 4 * words]))
            at += 4 + 4 * words
        padding_bytes = data[-1] if first & 0x20 else 0
        if at + padding_bytes > len(data) or (first & 0x20 and not padding_bytes):
            raise WireMalformed("an RTP packet is shorter than its header says")
        return cls(
            payload_type=second & 0x7F,
            seq=seq,
            rtp_timestamp=rtp_timestamp,
            ssrc=ssrc,
            payload=bytes(data[at : len(data) - padding_bytes]),
            marker=bool(second & 0x80),
            csrcs=struct.unpack_from(f">{first & 0x0F}I", data, HEADER_BYTES),
            extension=extension,
            padding_bytes=padding_bytes,
        )

    def serialize(self) -> bytes:
        """The packet as a datagram; padding is zeros with the count last."""
        padding = bytes(self.padding_bytes - 1) + bytes([self.padding_bytes]) if self.padding_bytes else b""
        first = 0x80 | bool(padding) << 5 | (self.extension is not None) << 4 | len(self.csrcs)
        second = self.marker << 7 | self.payload_type
        head = _HEADER.pack(first, second, self.seq, self.rtp_timestamp, self.ssrc)
        head += struct.pack(f">{len(self.csrcs)}I", *self.csrcs)
        if self.extension is not None:
            profile, content = self.extension
            head += struct.pack(">HH", profile, len(content) // 4) + content
        return head + self.payload + padding


def rtcp_packets(data: bytes) -> list[tuple[int, int, bytes]]:
    """Kind, count and body of each packet of a compound datagram (§6.1), which must be whole."""
    found = []
    while data:
        first, kind, words = struct.unpack_from(">BBH", data)
        assert first >> 6 == 2
        assert len(data) >= 4 + 4 * words
        found.append((kind, first & 0x1F, data[4 : 4 + 4 * words]))
        data = data[4 + 4 * words :]
    return found
