"""A pcap file of RTP flows, as sipp plays it."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

BASE_PORT = 6000
PACKET_MS = 20
PACKET_SAMPLES = 160


def write_pcap(path: Path, payloads: Sequence[bytes], payload_type: int = 8) -> None:
    """Flow k carries `payloads[k]` (one byte a sample, 8 kHz) to port `BASE_PORT + 2 k`, 20 ms a packet."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for at in range(0, max(map(len, payloads)), PACKET_SAMPLES):
            for flow, payload in enumerate(payloads):
                frame = _frame(flow, at, payload[at : at + PACKET_SAMPLES], payload_type)
                at_us = at // PACKET_SAMPLES * PACKET_MS * 1000
                file.write(
                    struct.pack("<IIII", at_us // 1_000_000, at_us % 1_000_000, len(frame), len(frame))
                )
                file.write(frame)


def _frame(flow: int, at: int, payload: bytes, payload_type: int) -> bytes:
    rtp = (
        struct.pack("!BBHII", 0x80, payload_type, (at // PACKET_SAMPLES) & 0xFFFF, at, 0x1000 + flow)
        + payload
    )
    port = BASE_PORT + 2 * flow
    udp = struct.pack("!HHHH", port, port, 8 + len(rtp), 0) + rtp
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
    return b"\0" * 12 + b"\x08\x00" + ip + udp
