"""A ZIP that is written from beginning to end, of any size (APPNOTE.TXT 6.3, with Zip64).

Entries are “deflated” in stored blocks (RFC 1951 §3.2.4): that costs five bytes in 64 kB, and unlike entries
of method 0 they may have their size behind the data in every reader. What must wait for the end of the file
lies in a temporary file, so that memory stays the same however many entries there are.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile

_IN_MEMORY_BYTES = 1 << 20
_BLOCK_BYTES = 65_535
_LAST_BLOCK = b"\x01\x00\x00\xff\xff"
_DEFLATED = 8
_VERSION = 45
_MADE_BY = (3 << 8) | _VERSION  # Unix: the attributes below are its
_FLAGS = 0x0808  # sizes behind the data, names in UTF-8
_ATTRIBUTES = 0o100644 << 16
_MAX_16, _MAX_32 = 0xFFFF, 0xFFFFFFFF
_SMALL_BYTES_MAX = 0xFFF0_0000  # up to here an entry with its framing fits 32 bits

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")


class ZipWriter:
    """Gives the bytes of a ZIP: `begin`, `data`… and `end` for each entry, then `finish`; `close` at last."""

    def __init__(self, scratch_folder: Path) -> None:
        self._directory = SpooledTemporaryFile(_IN_MEMORY_BYTES, dir=str(scratch_folder))  # noqa: SIM115
        self._entries = 0
        self._at = 0
        self._name = b""
        self._when = (0, 0)
        self._start = 0
        self._crc = self._size = self._packed = 0
        self._is_large = False

    def begin(self, name: str, modified_at: datetime, size_bytes: int) -> bytes:
        """The head of an entry: `name` in folders parted by `/`, `modified_at` as clocks there show it.

        `size_bytes` may be too large, but not too small where it is about 4 GiB or more.
        """
        self._name, self._when = name.encode("utf-8"), _dos_time(modified_at)
        self._start, self._crc, self._size, self._packed = self._at, 0, 0, 0
        self._is_large = size_bytes > _SMALL_BYTES_MAX
        extra = struct.pack("<2H2Q", 1, 16, 0, 0) if self._is_large else b""
        size = _MAX_32 if self._is_large else 0
        head = _LOCAL.pack(
            *(b"PK\x03\x04", _VERSION, _FLAGS, _DEFLATED, *self._when),
            *(0, size, size, len(self._name), len(extra)),
        )
        return self._written(head + self._name + extra)

    def data(self, block: bytes) -> bytes:
        """The next bytes of the entry, framed."""
        self._crc = zlib.crc32(block, self._crc)
        self._size += len(block)
        view = memoryview(block)
        pieces: list[bytes | memoryview] = []
        for at in range(0, len(block), _BLOCK_BYTES):
            piece = view[at : at + _BLOCK_BYTES]
            pieces += [struct.pack("<BHH", 0, len(piece), len(piece) ^ _MAX_16), piece]
        packed = b"".join(pieces)
        self._packed += len(packed)
        return self._written(packed)

    def end(self) -> bytes:
        """The end of the entry."""
        self._packed += len(_LAST_BLOCK)
        form = "<4sL2Q" if self._is_large else "<4s3L"
        told = struct.pack(form, b"PK\x07\x08", self._crc, self._packed, self._size)
        self._note_entry()
        return self._written(_LAST_BLOCK + told)

    def finish(self) -> Iterator[bytes]:
        """The directory, in pieces."""
        start, size = self._at, self._directory.tell()
        self._directory.seek(0)
        while piece := self._directory.read(_IN_MEMORY_BYTES):
            yield self._written(piece)
        end_64 = _END_64.pack(
            *(b"PK\x06\x06", _END_64.size - 12, _MADE_BY, _VERSION, 0, 0),
            *(self._entries, self._entries, size, start),
        )
        locator = _LOCATOR_64.pack(b"PK\x06\x07", 0, self._at, 1)
        entries = min(self._entries, _MAX_16)
        end = _END.pack(b"PK\x05\x06", 0, 0, entries, entries, min(size, _MAX_32), min(start, _MAX_32), 0)
        needs_64 = self._entries >= _MAX_16 or size >= _MAX_32 or start >= _MAX_32
        yield self._written((end_64 + locator if needs_64 else b"") + end)

    def close(self) -> None:
        """Give the temporary file back."""
        self._directory.close()

    def _note_entry(self) -> None:
        large = [self._size, self._packed] if self._is_large else []
        if self._start >= _MAX_32:
            large.append(self._start)
        extra = struct.pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large) if large else b""
        sizes = (_MAX_32, _MAX_32) if self._is_large else (self._packed, self._size)
        head = _CENTRAL.pack(
            *(b"PK\x01\x02", _MADE_BY, _VERSION, _FLAGS, _DEFLATED, *self._when, self._crc, *sizes),
            *(len(self._name), len(extra), 0, 0, 0, _ATTRIBUTES, min(self._start, _MAX_32)),
        )
        self._directory.write(head + self._name + extra)
        self._entries += 1

    def _written(self, piece: bytes) -> bytes:
        self._at += len(piece)
        return piece


def _dos_time(at: datetime) -> tuple[int, int]:
    """Time and date as FAT has them: from 1980 on, in steps of two seconds."""
    at = max(at.replace(tzinfo=None), datetime(1980, 1, 1))  # noqa: DTZ001 - a clock's face
    date = min(at.year - 1980, 127) << 9 | at.month << 5 | at.day
    return at.hour << 11 | at.minute << 5 | at.second // 2, date
