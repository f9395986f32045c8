"""Ogg pages (RFC 3533): one logical stream, written in memory, read page by page."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fonoteka.domain.errors import AudioMalformed

MAX_SEGMENTS = 255
NO_PACKET_ENDS = -1  # granule of a page on which no packet ends (§6, field 4)
_HEADER = struct.Struct("<4sBBqIIIB")
_CRC_AT = 22
_READ_BYTES = 1 << 16
_CONTINUED, _FIRST, _LAST = 1, 2, 4

_REVERSED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))


def checksum(page: bytes) -> int:
    """Ogg's CRC-32: polynomial 0x04C11DB7, bits not reflected, zero start, of a page with a zero CRC field.

    zlib has the same polynomial reflected: bits are reversed on the way in and out.
    """
    reflected = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(reflected.to_bytes(4, "little").translate(_REVERSED), "big")


class PageWriter:
    """Collects packets into pages; `getvalue` is the stream so far. A very long packet spans pages."""

    def __init__(self, serial: int) -> None:
        self._serial = serial
        self._pages = bytearray()
        self._sequence = 0
        self._segments = bytearray()
        self._body = bytearray()
        self._granule = NO_PACKET_ENDS
        self._continued = False

    def add(self, packet: bytes, granule: int) -> None:
        """Append a packet that ends at `granule`; a page is closed early where its table would overflow."""
        lacing = b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
        if len(self._segments) + len(lacing) > MAX_SEGMENTS:
            self.close_page()
        at = 0
        while len(lacing) - at > MAX_SEGMENTS:
            self._segments += lacing[at : at + MAX_SEGMENTS]
            self._body += packet[at * 255 : (at + MAX_SEGMENTS) * 255]
            self.close_page()
            self._continued = True
            at += MAX_SEGMENTS
        self._segments += lacing[at:]
        self._body += packet[at * 255 :]
        self._granule = granule

    def close_page(self, *, last_granule: int | None = None) -> None:
        """Write the page collected so far; nothing happens where it is empty and not the last.

        `last_granule` makes it the last and says where the stream ends, be it inside the last packet.
        """
        last = last_granule is not None
        if not self._segments and not last:
            return
        self._granule = self._granule if last_granule is None else last_granule
        kind = _CONTINUED * self._continued | _FIRST * (self._sequence == 0) | _LAST * last
        count = len(self._segments)
        page = bytearray(
            _HEADER.pack(b"OggS", 0, kind, self._granule, self._serial, self._sequence, 0, count)
        )
        page += self._segments + self._body
        struct.pack_into("<I", page, _CRC_AT, checksum(bytes(page)))
        self._pages += page
        self._sequence += 1
        self._segments.clear()
        self._body.clear()
        self._granule, self._continued = NO_PACKET_ENDS, False

    def getvalue(self) -> bytes:
        """All pages closed so far."""
        return bytes(self._pages)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `lacing` are its segment sizes, `body` their bytes."""

    granule: int
    serial: int
    sequence: int
    is_continued: bool
    is_first: bool
    is_last: bool
    lacing: bytes
    body: bytes


def read_pages(data: bytes | Iterable[bytes]) -> Iterator[Page]:
    """The pages of an Ogg file, whole or in blocks. Raises `AudioMalformed` for a cut or damaged page."""
    reading = _Reading(_slices(data) if isinstance(data, bytes) else data)
    while not reading.is_at_end():
        yield _read_page(reading)


def read_packets(data: bytes) -> tuple[list[bytes], int]:
    """The packets of a file's first logical stream and its last granule. Raises `AudioMalformed`."""
    packets: list[bytes] = []
    granule = 0
    for some, page_granule in read_packets_by_page(data):
        packets += some
        granule = granule if page_granule == NO_PACKET_ENDS else page_granule
    return packets, granule


def read_packets_by_page(data: bytes | Iterable[bytes]) -> Iterator[tuple[list[bytes], int]]:
    """The packets that end on each page of the first logical stream, and the page's granule.

    Raises `AudioMalformed`.
    """
    pending = bytearray()
    serial = None
    for page in read_pages(data):
        if serial is None:
            serial = page.serial
        if page.serial != serial:
            continue
        if not page.is_continued:
            pending.clear()
        packets: list[bytes] = []
        at = 0
        for size in page.lacing:
            pending += page.body[at : at + size]
            at += size
            if size < 255:
                packets.append(bytes(pending))
                pending.clear()
        yield packets, page.granule


def _read_page(reading: _Reading) -> Page:
    at = reading.at
    head = reading.take(_HEADER.size)
    if len(head) < _HEADER.size or head[:5] != b"OggS\x00":
        raise AudioMalformed(f"No Ogg page at byte {at}.")
    _, _, kind, granule, serial, sequence, crc, count = _HEADER.unpack(head)
    lacing = reading.take(count)
    body = reading.take(sum(lacing))
    if len(lacing) < count or len(body) < sum(lacing):
        raise AudioMalformed(f"The Ogg page at byte {at} is cut.")
    if checksum(head[:_CRC_AT] + bytes(4) + head[_CRC_AT + 4 :] + lacing + body) != crc:
        raise AudioMalformed(f"The Ogg page at byte {at} is damaged.")
    return Page(
        granule=granule,
        serial=serial,
        sequence=sequence,
        is_continued=bool(kind & _CONTINUED),
        is_first=bool(kind & _FIRST),
        is_last=bool(kind & _LAST),
        lacing=lacing,
        body=body,
    )


class _Reading:
    """Bytes that come in blocks, taken in pieces."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._buffer = b""
        self._start = 0
        self.at = 0

    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        return not self._fill(1)

    def take(self, size: int) -> bytes:
        """The next bytes, fewer at the end."""
        self._fill(size)
        piece = self._buffer[self._start : self._start + size]
        self._start += len(piece)
        self.at += len(piece)
        return piece

    def _fill(self, size: int) -> bool:
        while len(self._buffer) - self._start < size:
            block = next(self._blocks, None)
            if block is None:
                return len(self._buffer) > self._start
            self._buffer = self._buffer[self._start :] + block
            self._start = 0
        return True


def _slices(data: bytes) -> Iterator[bytes]:
    return (data[at : at + _READ_BYTES] for at in range(0, len(data), _READ_BYTES))
