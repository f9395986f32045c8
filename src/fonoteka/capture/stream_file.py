"""The files of a spool folder on disk: making one durable, and making a torn rtpdump whole again."""

from __future__ import annotations

import fcntl
import os
from datetime import datetime
from pathlib import Path

from fonoteka.domain.errors import SpoolCorrupt, WireMalformed
from fonoteka.wire.rtpdump import FIRST_LINE_BYTES_MAX, file_header, header_length, whole_length

_BLOCK_BYTES = 4 * 1024 * 1024


def sync_folder(folder: Path) -> None:
    """Make the names inside a folder durable (fsync of the directory). Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path: Path, content: bytes) -> None:
    """Put a small file in place whole or not at all: temporary name, fsync, rename, fsync of the folder."""
    temporary = path.with_name(path.name + ".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        while content:
            content = content[os.write(descriptor, content) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.replace(path)
    sync_folder(path.parent)


def make_whole(path: Path, opened_at: datetime) -> int:
    """Cut a torn tail off an rtpdump file, durably, and return the length that is left, in bytes.

    A file that is missing, or whose header is torn (so it holds no packet), gets a fresh header.
    Raises `SpoolCorrupt` when it is no rtpdump file (it is left untouched), OSError, also when a media
    process has it locked.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        length = whole_length_of(descriptor)
        if length == 0:
            header = file_header(opened_at, "0.0.0.0", 0)  # noqa: S104 - a name in a file, nothing is bound
            os.ftruncate(descriptor, 0)
            length = os.pwrite(descriptor, header, 0)
        elif length < os.fstat(descriptor).st_size:
            os.ftruncate(descriptor, length)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return length


def check_header(path: Path) -> None:
    """Raises `SpoolCorrupt` when the file is there and is no rtpdump file, however torn; OSError."""
    if path.is_symlink():
        raise SpoolCorrupt("a stream's file is a link")
    try:
        with path.open("rb") as file:
            header_length(file.read(FIRST_LINE_BYTES_MAX + 64))
    except FileNotFoundError:
        return
    except WireMalformed as error:
        raise SpoolCorrupt(str(error)) from error


def whole_length_of(descriptor: int, known_bytes: int = 0) -> int:
    """Up to where the records of an open rtpdump file are complete; 0 when its header is torn.

    Up to `known_bytes` the file is known to be whole and is not read again.
    Raises `SpoolCorrupt` when it is no rtpdump file, OSError.
    """
    first = os.pread(descriptor, FIRST_LINE_BYTES_MAX + 64, 0)
    try:
        header = first[: header_length(first)]
    except WireMalformed as error:
        raise SpoolCorrupt(str(error)) from error
    if not header:
        return 0
    length = max(len(header), known_bytes)
    # In blocks, each behind the header that makes it look like a file of its own: hours need no memory.
    while block := os.pread(descriptor, _BLOCK_BYTES, length):
        whole = whole_length(header + block) - len(header)
        if whole == 0:
            break
        length += whole
    return length
