"""What a WAV file's header says of its length, compared with what is there."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

from fonoteka.domain.errors import SpoolCorrupt

_CHUNK = struct.Struct("<4sI")
_CHUNKS_MAX = 1_000
_PADDING_BYTES_MAX = 64 * 1024
_UNKNOWN_LENGTH = b"\xff\xff\xff\xff"


def understated_length(path: Path) -> int | None:
    """Where the length of the sound stands in a WAV file that holds more; None for any other file.

    Behind the data chunk there may be other chunks, or padding; whatever else is there is sound of which
    the header does not know, as a recorder leaves it that was killed or that counts to 32 bits.
    Raises `SpoolCorrupt` when there are more chunks than any writer makes, OSError.
    """
    with path.open("rb") as file:
        head = file.read(12)
        size = file.seek(0, 2)
        if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:] != b"WAVE":
            return None
        at = 12
        for _ in range(_CHUNKS_MAX):
            name, length = _chunk(file, at)
            if name is None:
                return None
            end = at + _CHUNK.size + length
            if name == b"data":
                return at + 4 if length > 0 and end < size and not _is_rest(file, end, size) else None
            at = end + length % 2
    raise SpoolCorrupt(f"{path.name}: a WAV file of so many chunks cannot be.")


class UnknownLength:
    """A WAV file read as if its header said that the length is unknown: then it is read to its end."""

    def __init__(self, file: BinaryIO, length_at: int) -> None:
        """`length_at`: where the length of the sound stands."""
        self._file = file
        self._length_at = length_at
        self.name = file.name

    def read(self, size: int) -> bytes:
        """As a file."""
        at = self._file.tell()
        data = self._file.read(size)
        first = max(self._length_at, at)
        last = min(self._length_at + len(_UNKNOWN_LENGTH), at + len(data))
        if first >= last:
            return data
        return data[: first - at] + _UNKNOWN_LENGTH[: last - first] + data[last - at :]

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As a file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As a file."""
        return self._file.tell()


def _is_rest(file: BinaryIO, end: int, size: int) -> bool:
    """Whether only chunks or padding follow; some writers forget the octet that makes a length even."""
    return any(_chunks_only(file, start, size) for start in (end + end % 2, end))


def _chunks_only(file: BinaryIO, at: int, size: int) -> bool:
    for _ in range(_CHUNKS_MAX):
        if size - at < _CHUNK.size:
            return True
        name, length = _chunk(file, at)
        if name == bytes(4):
            file.seek(at)
            return size - at <= _PADDING_BYTES_MAX and not any(file.read())
        if name is None or at + _CHUNK.size + length > size:
            return False
        at += _CHUNK.size + length + length % 2
    return False


def _chunk(file: BinaryIO, at: int) -> tuple[bytes | None, int]:
    """Name and length of the chunk at a position; no name where none can be."""
    file.seek(at)
    head = file.read(_CHUNK.size)
    if len(head) < _CHUNK.size:
        return None, 0
    name, length = _CHUNK.unpack(head)
    named = name == bytes(4) or all(0x20 <= octet < 0x7F for octet in name)
    return (name if named else None), length
