"""Finished audio put into the spool as a sealed folder: complete and on the disk, or not there at all.

It is brought together in `spool/incoming`, in a folder that its maker holds locked; sealing renames it. What
a crash left there belongs to nobody and is removed: the original is still where it came from.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from fonoteka.domain.errors import ImportInvalid, SpoolUnwritable, StorageFull
from fonoteka.domain.ids import new_id
from fonoteka.domain.sealed import MANIFEST_NAME, SealedRecording
from fonoteka.settings import DataFolder

_BLOCK_BYTES = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Deposit:
    """A recording on its way into the spool; use `open_deposit`."""

    data: DataFolder
    folder: Path
    descriptor: int
    is_sealed: bool = field(default=False)

    @contextmanager
    def write(self, name: str) -> Iterator[BinaryIO]:
        """A new file of the folder, on the disk when the block is left. Raises `StorageFull`."""
        with _typed_errors(), (self.folder / name).open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())

    def copy(self, source: Path, name: str) -> str:
        """Copy a file in and return the SHA-256 of its content in hexadecimal; the source stays untouched.

        Raises `ImportInvalid` when the source cannot be read or changes meanwhile, `StorageFull`.
        """
        digest = hashlib.sha256()
        with _readable(source) as original, self.write(name) as copy:
            before = os.fstat(original.fileno())
            while block := _read(original, source):
                digest.update(block)
                copy.write(block)
            after = os.fstat(original.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise ImportInvalid("It changed while it was read.")
        return digest.hexdigest()

    def seal(self, manifest: SealedRecording) -> None:
        """Write the manifest and hand the folder to the worker. One that is there already stays as it is.

        Raises `StorageFull`, `SpoolUnwritable`.
        """
        with self.write(MANIFEST_NAME) as file:
            file.write(manifest.to_json().encode("utf-8", "replace"))
        sealed = self.data.spool_sealed / manifest.recording_id
        with _typed_errors():
            os.fsync(self.descriptor)
            try:
                self.folder.rename(sealed)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                return
            self.is_sealed = True
            _sync_folder(sealed.parent)
            _sync_folder(self.folder.parent)


@contextmanager
def open_deposit(data: DataFolder, disk_free_min_bytes: int, expected_bytes: int = 0) -> Iterator[Deposit]:
    """A deposit to fill and seal; left unsealed, nothing of it stays.

    Raises `StorageFull` when the disk would have less than `disk_free_min_bytes` left, `SpoolUnwritable`.
    """
    with _typed_errors():
        data.spool_incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(data.root).free - expected_bytes < disk_free_min_bytes:
            raise StorageFull
        folder, descriptor = _locked_folder(data.spool_incoming)
    deposit = Deposit(data, folder, descriptor)
    try:
        yield deposit
    finally:
        if not deposit.is_sealed:
            shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def remove_abandoned(data: DataFolder) -> int:
    """Remove what killed imports and uploads left behind; how many folders. Deposits in progress stay."""
    removed = 0
    with suppress(FileNotFoundError):
        for folder in data.spool_incoming.iterdir():
            with suppress(OSError):
                descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder)
                    removed += 1
                finally:
                    os.close(descriptor)
    if removed:
        _log.warning("%d unfinished imports or uploads of an earlier run were removed", removed)
    return removed


def _locked_folder(incoming: Path) -> tuple[Path, int]:
    while True:
        folder = incoming / new_id()
        folder.mkdir(mode=0o700)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if folder.exists():
                return folder, descriptor
        # `remove_abandoned` of another process was quicker.
        os.close(descriptor)


@contextmanager
def _readable(source: Path) -> Iterator[BinaryIO]:
    try:
        # Should a name have become a pipe since it was listed, opening it must not wait for a writer.
        descriptor = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise ImportInvalid(f"It cannot be read: {error.strerror}.") from error
    with os.fdopen(descriptor, "rb") as file:
        yield file


def _read(file: BinaryIO, source: Path) -> bytes:
    try:
        return file.read(_BLOCK_BYTES)
    except OSError as error:
        raise ImportInvalid(f"It cannot be read: {error.strerror}.") from error


@contextmanager
def _typed_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(f"the spool's disk is full: {error}") from error
        raise SpoolUnwritable(f"the spool cannot be written: {error}") from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
