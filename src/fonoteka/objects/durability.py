"""Making what was written to a local folder survive loss of power."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_KNOWN_MAX = 10_000


def sync_file(path: Path) -> None:
    """Wait until the file's bytes are on the disk."""
    _sync(path, os.O_RDONLY)


class FolderNames:
    """Waits until names below `root` are on the disk; a folder known to be there is not waited for again.

    Only folders above the lowest are remembered: the lowest come and go, and a later one of the same name is
    another. Threads may share it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: set[Path] = set()

    def sync(self, *lowest: Path) -> None:
        """Wait until the names in these folders, and of every folder above them, are on the disk.

        A folder that is gone (emptied and removed meanwhile) is passed over: its parent tells so.
        """
        done: set[Path] = set()
        for folder in lowest:
            self._sync(folder, done)

    def remove_empty(self, lowest: Path) -> None:
        """Remove this folder and those above it that are empty, up to `root`, and wait as `sync` does."""
        folder = lowest
        with contextlib.suppress(OSError):
            while folder != self._root:
                self._known.discard(folder)
                folder.rmdir()
                folder = folder.parent
        self.sync(lowest)

    def _sync(self, folder: Path, done: set[Path]) -> None:
        found: list[Path] = []
        is_lowest = True
        while folder not in done:
            try:
                _sync(folder, os.O_RDONLY | os.O_DIRECTORY)
                if not is_lowest and folder != self._root:
                    found.append(folder)
            except FileNotFoundError:
                if folder == self._root:
                    raise
                self._known.discard(folder)
            done.add(folder)
            if folder == self._root or folder in self._known:
                break
            folder, is_lowest = folder.parent, False
        if len(self._known) > _KNOWN_MAX:
            self._known.clear()
        self._known.update(found)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
