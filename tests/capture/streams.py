"""For tests of media: a real media process, packets to send, files to read."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fonoteka.capture.media import MediaProcess
from fonoteka.settings import Settings
from fonoteka.wire.rtpdump import RECORD_HEADER, record_offsets, whole_length

LOOPBACK = "127.0.0.1"
PORTS = {"media_port_min": 43000, "media_port_max": 43999}


def rtp(seq: int, payload: bytes = bytes(160)) -> bytes:
    return struct.pack(">BBHII", 0x80, 8, seq & 0xFFFF, seq * 160 & 0xFFFFFFFF, 7) + payload


def sender(port: int = 0) -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind((LOOPBACK, port))
    one.setblocking(False)
    return one


def records(file: Path) -> list[tuple[int, int, bytes]]:
    """(offset in ms, packet length field, datagram) of each record; the file must be whole."""
    data = file.read_bytes()
    assert whole_length(data) == len(data)
    found = []
    for at in record_offsets(data)[0]:
        length, packet_length, offset_ms = RECORD_HEADER.unpack_from(data, at)
        found.append((offset_ms, packet_length, data[at + RECORD_HEADER.size : at + length]))
    return found


def seqs(file: Path) -> list[int]:
    """Sequence numbers of the RTP packets in a file."""
    return [struct.unpack_from(">H", data, 2)[0] for _, length, data in records(file) if length]


@asynccontextmanager
async def media_process(tmp_path: Path, **given: Any) -> AsyncIterator[MediaProcess]:
    settings = Settings(data=tmp_path, sip=f"{LOOPBACK}:5060", **{**PORTS, **given})
    media = MediaProcess(settings)
    await media.start()
    try:
        yield media
    finally:
        await media.stop()


async def send_paced(to: int, first: int, count: int, sent_at: dict[int, float] | None = None) -> None:
    """A packet each 20 ms, as a telephone does; notes when each was sent."""
    with sender() as out:
        began = time.monotonic()
        for number in range(count):
            await asyncio.sleep(max(0, began + number * 0.02 - time.monotonic()))
            out.sendto(rtp(first + number), (LOOPBACK, to))
            if sent_at is not None:
                sent_at[first + number] = time.monotonic()


async def until(what: Callable[[], bool], patience_s: float = 20.0) -> None:
    give_up_at = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < give_up_at, f"not within {patience_s} s"
        await asyncio.sleep(0.02)
