"""RTP streams made by hand, as the columns that `wire.rtpdump_table` reads from a file."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fonoteka.domain.sealed import FormatSpan, MediaFormat

TABLE = np.dtype(
    [
        ("arrival_ms", "u4"),
        ("seq", "u2"),
        ("rtp_timestamp", "u4"),
        ("ssrc", "u4"),
        ("payload_type", "u1"),
        ("marker", "?"),
        ("payload_at", "i8"),
        ("payload_bytes", "i4"),
    ]
)

PCMA = (FormatSpan(0, {8: MediaFormat("PCMA", 8000), 101: MediaFormat("TELEPHONE-EVENT", 8000)}),)


@dataclass(frozen=True)
class Packet:
    """One packet as it arrived; `seq` and `rtp_timestamp` are cut to their widths when written."""

    arrival_ms: float
    seq: int
    rtp_timestamp: int
    payload: bytes
    ssrc: int = 0x1234
    payload_type: int = 8

    def later(self, by_ms: float) -> Packet:
        return replace(self, arrival_ms=self.arrival_ms + by_ms)


def table_of(packets: list[Packet]) -> tuple[np.ndarray, bytes]:
    """The table in order of arrival, and the bytes its payloads lie in; headers are 20 bytes of 0xEE."""
    packets = sorted(packets, key=lambda packet: packet.arrival_ms)
    data = bytearray()
    table = np.zeros(len(packets), TABLE)
    for row, packet in zip(table, packets, strict=True):
        data += b"\xee" * 20
        row["arrival_ms"] = int(packet.arrival_ms)
        row["seq"] = packet.seq & 0xFFFF
        row["rtp_timestamp"] = packet.rtp_timestamp & 0xFFFFFFFF
        row["ssrc"] = packet.ssrc
        row["payload_type"] = packet.payload_type
        row["payload_at"] = len(data)
        row["payload_bytes"] = len(packet.payload)
        data += packet.payload
    return table, bytes(data)


def stream(
    payload: bytes,
    *,
    start_ms: float = 1000,
    seq: int = 100,
    rtp_timestamp: int = 5000,
    ssrc: int = 0x1234,
    payload_type: int = 8,
    packet_bytes: int = 160,
    ticks: int = 160,
    packet_ms: float = 20,
) -> list[Packet]:
    """A payload cut into packets sent in time; `packet_ms` is how long a packet takes on our clock."""
    return [
        Packet(
            arrival_ms=start_ms + index * packet_ms,
            seq=seq + index,
            rtp_timestamp=rtp_timestamp + index * ticks,
            payload=payload[at : at + packet_bytes],
            ssrc=ssrc,
            payload_type=payload_type,
        )
        for index, at in enumerate(range(0, len(payload), packet_bytes))
    ]
