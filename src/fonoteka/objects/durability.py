"""Making what was written to a local folder survive loss of power."""

from __future__ import annotations

import os
from pathlib import Path


def sync_file(path: Path) -> None:
    """Wait until the file's bytes are on the disk."""
    _sync(path, os.O_RDONLY)


def sync_folders(lowest: Path, highest: Path) -> None:
    """Wait until the names in `lowest` and every folder up to `highest` are on the disk.

    A folder that is gone (emptied and removed meanwhile) is passed over: its parent tells so.
    """
    folder = lowest
    while True:
        try:
            _sync(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            if folder == highest:
                raise
        if folder == highest:
            return
        folder = folder.parent


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
