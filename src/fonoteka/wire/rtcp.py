"""RTCP packets (RFC 3550 §6): sender and receiver reports, source descriptions, goodbyes."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from fonoteka.domain.errors import WireMalformed

SENDER_REPORT = 200
RECEIVER_REPORT = 201
SOURCE_DESCRIPTION = 202
GOODBYE = 203
CNAME = 1
ITEMS_MAX = 31


@dataclass(frozen=True, slots=True)
class ReceptionReport:
    """One report block (§6.4.1). `fraction_lost` is in 1/256; `packets_lost` is signed, 24 bits."""

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_seq: int
    jitter: int
    last_sender_report: int
    delay_since_last: int

    @classmethod
    def parse(cls, data: bytes, at: int) -> ReceptionReport:
        """Read 24 bytes at an offset that is known to be inside `data`."""
        ssrc, loss, highest_seq, jitter, last, delay = struct.unpack_from(">6I", data, at)
        lost = loss & 0xFFFFFF
        return cls(ssrc, loss >> 24, lost - (lost >> 23 << 24), highest_seq, jitter, last, delay)

    def serialize(self) -> bytes:
        """The 24 bytes of the block."""
        loss = self.fraction_lost << 24 | self.packets_lost & 0xFFFFFF
        return struct.pack(
            ">6I",
            self.ssrc,
            loss,
            self.highest_seq,
            self.jitter,
            self.last_sender_report,
            self.delay_since_last,
        )


@dataclass(frozen=True, slots=True)
class SenderReport:
    """SR (§6.4.1): `ntp_time` (32.32 seconds since 1900) and `rtp_timestamp` name the same instant."""

    ssrc: int
    ntp_time: int
    rtp_timestamp: int
    packet_count: int
    octet_count: int
    reports: tuple[ReceptionReport, ...] = ()

    def serialize(self) -> bytes:
        """The packet with its header."""
        body = struct.pack(
            ">IQIII", self.ssrc, self.ntp_time, self.rtp_timestamp, self.packet_count, self.octet_count
        )
        return _packet(SENDER_REPORT, len(self.reports), body + _blocks(self.reports))


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """RR (§6.4.2)."""

    ssrc: int
    reports: tuple[ReceptionReport, ...] = ()

    def serialize(self) -> bytes:
        """The packet with its header."""
        return _packet(
            RECEIVER_REPORT, len(self.reports), struct.pack(">I", self.ssrc) + _blocks(self.reports)
        )


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """SDES (§6.5): for each source the items as (type, text); `CNAME` is type 1."""

    chunks: tuple[tuple[int, tuple[tuple[int, str], ...]], ...]

    def serialize(self) -> bytes:
        """The packet with its header; each chunk is padded to 32 bits."""
        body = b""
        for ssrc, items in self.chunks:
            chunk = struct.pack(">I", ssrc)
            for kind, text in items:
                encoded = text.encode()
                chunk += bytes([kind, len(encoded)]) + encoded
            body += chunk + bytes(4 - len(chunk) % 4)
        return _packet(SOURCE_DESCRIPTION, len(self.chunks), body)


@dataclass(frozen=True, slots=True)
class Goodbye:
    """BYE (§6.6)."""

    ssrcs: tuple[int, ...]
    reason: str = ""

    def serialize(self) -> bytes:
        """The packet with its header."""
        body = struct.pack(f">{len(self.ssrcs)}I", *self.ssrcs)
        if self.reason:
            encoded = self.reason.encode()
            text = bytes([len(encoded)]) + encoded
            body += text + bytes(-len(text) % 4)
        return _packet(GOODBYE, len(self.ssrcs), body)


RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Goodbye


def parse_rtcp(data: bytes) -> tuple[RtcpPacket, ...]:
    """The packets of a compound datagram (§6.1); kinds not known here are left out.

    Raises `WireMalformed` when a length does not fit.
    """
    packets: list[RtcpPacket] = []
    at = 0
    while at < len(data):
        if len(data) < at + 4 or data[at] >> 6 != 2:
            raise WireMalformed("not an RTCP packet")
        first, kind, words = struct.unpack_from(">BBH", data, at)
        end = at + 4 + 4 * words
        if end > len(data):
            raise WireMalformed("an RTCP packet is cut off")
        body = bytes(data[at + 4 : end])
        if first & 0x20:
            body = _unpadded(body)
        packet = _parse(kind, first & 0x1F, body)
        if packet is not None:
            packets.append(packet)
        at = end
    return tuple(packets)


def serialize_rtcp(packets: tuple[RtcpPacket, ...]) -> bytes:
    """One compound datagram."""
    return b"".join(packet.serialize() for packet in packets)


def _parse(kind: int, count: int, body: bytes) -> RtcpPacket | None:
    try:
        if kind == SENDER_REPORT:
            ssrc, ntp_time, rtp_timestamp, packet_count, octet_count = struct.unpack_from(">IQIII", body)
            reports = _reports(body, 24, count)
            return SenderReport(ssrc, ntp_time, rtp_timestamp, packet_count, octet_count, reports)
        if kind == RECEIVER_REPORT:
            (ssrc,) = struct.unpack_from(">I", body)
            return ReceiverReport(ssrc, _reports(body, 4, count))
        if kind == SOURCE_DESCRIPTION:
            return _source_description(body, count)
        if kind == GOODBYE:
            return _goodbye(body, count)
    except (struct.error, IndexError) as error:
        raise WireMalformed("an RTCP packet is shorter than its header says") from error
    return None


def _reports(body: bytes, at: int, count: int) -> tuple[ReceptionReport, ...]:
    return tuple(ReceptionReport.parse(body, at + 24 * index) for index in range(count))


def _source_description(body: bytes, count: int) -> SourceDescription:
    chunks = []
    at = 0
    for _ in range(count):
        (ssrc,) = struct.unpack_from(">I", body, at)
        at += 4
        items = []
        while body[at]:
            kind, length = body[at], body[at + 1]
            if at + 2 + length > len(body):
                raise IndexError
            items.append((kind, body[at + 2 : at + 2 + length].decode(errors="replace")))
            at += 2 + length
        at += 4 - at % 4
        chunks.append((ssrc, tuple(items)))
    return SourceDescription(tuple(chunks))


def _goodbye(body: bytes, count: int) -> Goodbye:
    ssrcs = struct.unpack_from(f">{count}I", body)
    at = 4 * count
    reason = b"" if at >= len(body) else body[at + 1 : at + 1 + body[at]]
    return Goodbye(ssrcs, reason.decode(errors="replace"))


def _unpadded(body: bytes) -> bytes:
    if not body or not 0 < body[-1] <= len(body):
        raise WireMalformed("RTCP padding is longer than its packet")
    return body[: -body[-1]]


def _blocks(reports: tuple[ReceptionReport, ...]) -> bytes:
    return b"".join(report.serialize() for report in reports)


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0x80 | count, kind, len(body) // 4) + body
