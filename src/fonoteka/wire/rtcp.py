"""RTCP packets that a sender says (RFC 3550 §6): reports, its name, goodbye."""

from __future__ import annotations

import struct
from dataclasses import dataclass

SENDER_REPORT = 200
SOURCE_DESCRIPTION = 202
GOODBYE = 203
_CNAME = 1


@dataclass(frozen=True, slots=True)
class SenderReport:
    """SR (§6.4.1): `ntp_time` (32.32 seconds since 1900) and `rtp_timestamp` name the same instant."""

    ssrc: int
    ntp_time: int
    rtp_timestamp: int
    packet_count: int
    octet_count: int

    def serialize(self) -> bytes:
        """The packet with its header."""
        body = struct.pack(
            ">IQIII", self.ssrc, self.ntp_time, self.rtp_timestamp, self.packet_count, self.octet_count
        )
        return _packet(SENDER_REPORT, 0, body)


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """SDES (§6.5) of one source. `cname` has at most 255 bytes."""

    ssrc: int
    cname: str

    def serialize(self) -> bytes:
        """The packet with its header; the chunk is ended and padded to 32 bits by zeros."""
        name = self.cname.encode()
        chunk = struct.pack(">IBB", self.ssrc, _CNAME, len(name)) + name
        return _packet(SOURCE_DESCRIPTION, 1, chunk + bytes(4 - len(chunk) % 4))


@dataclass(frozen=True, slots=True)
class Goodbye:
    """BYE (§6.6) of one source."""

    ssrc: int

    def serialize(self) -> bytes:
        """The packet with its header."""
        return _packet(GOODBYE, 1, struct.pack(">I", self.ssrc))


RtcpPacket = SenderReport | SourceDescription | Goodbye


def serialize_rtcp(packets: tuple[RtcpPacket, ...]) -> bytes:
    """One compound datagram (§6.1)."""
    return b"".join(packet.serialize() for packet in packets)


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0x80 | count, kind, len(body) // 4) + body
