"""Ogg pages (RFC 3533): one logical stream, written and read in memory."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from fonoteka.domain.errors import AudioMalformed

MAX_SEGMENTS = 255
NO_PACKET_ENDS = -1  # granule of a page on which no packet ends (§6, field 4)
_HEADER = struct.Struct("<4sBBqIIIB")
_CRC_AT = 22
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

    def close_page(self, *, last: bool = False) -> None:
        """Write the page collected so far; nothing happens where it is empty and not the last."""
        if not self._segments and not last:
            return
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


def read_pages(data: bytes) -> Iterator[Page]:
    """The pages of an Ogg file. Raises `AudioMalformed` for a cut or damaged page."""
    at = 0
    while at < len(data):
        if len(data) - at < _HEADER.size or data[at : at + 5] != b"OggS\x00":
            raise AudioMalformed(f"No Ogg page at byte {at}.")
        _, _, kind, granule, serial, sequence, crc, count = _HEADER.unpack_from(data, at)
        body_at = at + _HEADER.size + count
        lacing = data[at + _HEADER.size : body_at]
        end = body_at + sum(lacing)
        page = bytearray(data[at:end])
        if end > len(data):
            raise AudioMalformed(f"The Ogg page at byte {at} is cut.")
        page[_CRC_AT : _CRC_AT + 4] = bytes(4)
        if checksum(bytes(page)) != crc:
            raise AudioMalformed(f"The Ogg page at byte {at} is damaged.")
        yield Page(
            granule=granule,
            serial=serial,
            sequence=sequence,
            is_continued=bool(kind & _CONTINUED),
            is_first=bool(kind & _FIRST),
            is_last=bool(kind & _LAST),
            lacing=lacing,
            body=data[body_at:end],
        )
        at = end


def read_packets(data: bytes) -> tuple[list[bytes], int]:
    """The packets of a file's first logical stream and its last granule. Raises `AudioMalformed`."""
    packets: list[bytes] = []
    pending = bytearray()
    granule, serial = 0, None
    for page in read_pages(data):
        if serial is None:
            serial = page.serial
        if page.serial != serial:
            continue
        if not page.is_continued:
            pending.clear()
        at = 0
        for size in page.lacing:
            pending += page.body[at : at + size]
            at += size
            if size < 255:
                packets.append(bytes(pending))
                pending.clear()
        if page.granule != NO_PACKET_ENDS:
            granule = page.granule
    return packets, granule
