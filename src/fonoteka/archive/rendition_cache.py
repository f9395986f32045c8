"""A bounded folder of files made from recordings, each made once however many ask at once."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from fonoteka.archive.metrics import RENDITIONS
from fonoteka.domain.errors import StorageFull

_STRIPES = 256
_UNFINISHED_PREFIX = "making-"
_UNFINISHED_S = 3600
_SPARED_S = 60


class RenditionCache:
    """Files named after their recording; least recently used ones go when all exceed `bytes_max`.

    Threads and processes may share the folder. One used within the last minute is spared, for somebody may
    be about to open it; so the limit may be exceeded for that long.
    """

    def __init__(self, folder: Path, bytes_max: int) -> None:
        self._folder = folder / "renditions"
        self._bytes_max = bytes_max

    def fetch(self, recording_id: str, suffix: str, make: Callable[[Path], None]) -> Path:
        """The file `<recording_id>.<suffix>`, made by `make(path)` when it is not there.

        Raises `StorageFull` and whatever `make` raises; nothing is left behind then.
        """
        path = self._folder / f"{recording_id}.{suffix}"
        with self._locked(recording_id):
            try:
                os.utime(path)
            except FileNotFoundError:
                self._make(path, make)
                RENDITIONS.labels(outcome="made").inc()
            else:
                RENDITIONS.labels(outcome="found").inc()
                return path
        self._evict()
        return path

    def forget(self, recording_id: str) -> None:
        """Remove every file of the recording; waits for one that is being made."""
        if not self._folder.is_dir():
            return
        with self._locked(recording_id):
            for path in self._folder.glob(f"{recording_id}.*"):
                path.unlink(missing_ok=True)

    def _make(self, path: Path, make: Callable[[Path], None]) -> None:
        unfinished = path.with_name(f"{_UNFINISHED_PREFIX}{path.name}")
        try:
            make(unfinished)
            unfinished.replace(path)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull("There is no room left for a rendition.") from error
            raise
        finally:
            unfinished.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _locked(self, recording_id: str) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stripe = zlib.crc32(recording_id.encode()) % _STRIPES
        with (self._folder / f"lock-{stripe:02x}").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _evict(self) -> None:
        files: list[tuple[float, int, Path]] = []
        now = time.time()
        for path in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another process evicts too
                stat = path.stat()
                if path.name.startswith(_UNFINISHED_PREFIX):
                    if stat.st_mtime < now - _UNFINISHED_S:  # its maker was killed
                        path.unlink()
                elif not path.name.startswith("lock-"):
                    files.append((stat.st_mtime, stat.st_size, path))
        total = sum(size for _, size, _ in files)
        for used_at, size, path in sorted(files):
            if total <= self._bytes_max or used_at > now - _SPARED_S:
                return
            path.unlink(missing_ok=True)
            total -= size
