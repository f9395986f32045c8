"""What is done to a spool folder as a whole, durably; and what goes wrong then, as typed errors."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fonoteka.capture.stream_file import sync_folder, write_durably
from fonoteka.domain.errors import SpoolUnwritable, StorageFull
from fonoteka.domain.sealed import JOURNAL_NAME, MANIFEST_NAME, SealedRecording
from fonoteka.settings import DataFolder

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def seal_folder(data: DataFolder, folder: Path, manifest: SealedRecording) -> Path:
    """Write the manifest and move the folder to `sealed/`, durably. Raises OSError; may be repeated."""
    write_durably(folder / MANIFEST_NAME, manifest.to_json().encode())
    return move_folder(folder, data.spool_sealed)


def move_folder(folder: Path, target: Path) -> Path:
    """Rename a spool folder into another part of the spool, durably. Raises OSError."""
    moved = folder.rename(target / folder.name)
    sync_folder(target)
    sync_folder(folder.parent)
    return moved


def remove_folder(folder: Path) -> None:
    """Remove a discarded folder, its journal last, so that a crash in between is still seen as that."""
    for path in sorted(folder.iterdir(), key=lambda path: path.name == JOURNAL_NAME):
        path.unlink()
    folder.rmdir()
    sync_folder(folder.parent)


@contextmanager
def typed_errors() -> Iterator[None]:
    """Turn an OSError into `StorageFull` or `SpoolUnwritable`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(f"the spool's disk is full: {error}") from error
        raise SpoolUnwritable(f"the spool cannot be written: {error}") from error
