"""What a WAV file's header says of its length, compared with what is there."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_CHUNK = struct.Struct("<4sI")
_CHUNKS_MAX = 1_000
_PADDING_BYTES_MAX = 64 * 1024


def sound_runs_on(path: Path) -> bool:
    """Whether a WAV file holds sound behind the end that its header names; False for any other file.

    Behind the data chunk there may be other chunks, or padding; whatever else is there is sound of which
    the header does not know, as a recorder leaves it that was killed or that counts to 32 bits.
    """
    with path.open("rb") as file:
        head = file.read(12)
        size = file.seek(0, 2)
        if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:] != b"WAVE":
            return False
        at = 12
        for _ in range(_CHUNKS_MAX):
            name, length = _chunk(file, at)
            if name is None:
                return False
            end = at + _CHUNK.size + length
            if name == b"data":
                return length > 0 and end < size and not _is_rest(file, end, size)
            at = end + length % 2
    return False


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
