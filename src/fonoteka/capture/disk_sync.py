"""The threads of the media process that wait for the disk, so that the receiving loop does not."""

from __future__ import annotations

import ctypes
import os
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fonoteka.capture.media_file import MediaFile
from fonoteka.capture.media_protocol import Done, Message, Trouble
from fonoteka.capture.stream_file import sync_folder

ONE_BY_ONE_MAX = 16
"""More files than that are synced by one syncfs(2): measured with 2,000 files of 100 packets each, that
took 0.07–1.6 s where 2,000 fdatasync took 0.8–5.8 s and 70–100 µs of CPU apiece."""
CLOSING_THREADS = 4

_libc = ctypes.CDLL(None, use_errno=True)


class DiskSync:
    """Rounds over the streams in progress in one thread, streams that end in others.

    `round_ms` is how long the last round took, `errors` counts failed syncs.
    """

    def __init__(self, outbox: deque[Message]) -> None:
        """`outbox` takes `Done` for each stream that ended, and `Trouble`."""
        self.round_ms = 0
        self.errors = 0
        self._outbox = outbox
        self._failing: set[int] = set()
        self._busy = False
        self._rounds = ThreadPoolExecutor(1, "sync")
        self._closings = ThreadPoolExecutor(CLOSING_THREADS, "close")

    def sync(self, files: Iterable[MediaFile]) -> None:
        """Begin a round over what was written since the last, unless that still goes on."""
        if not self._busy:
            self._busy = True
            self._rounds.submit(self._run_round, [file for file in files if file.dirty])

    def close(self, file: MediaFile, request_id: int) -> None:
        """Sync and close a stream's file, then answer the request."""
        self._closings.submit(self._close, file, request_id)

    def finish(self) -> None:
        """Wait until everything handed over is on disk."""
        self._rounds.shutdown()
        self._closings.shutdown()

    def _run_round(self, files: list[MediaFile]) -> None:
        began = time.monotonic()
        for file in files:
            file.dirty = False
        at_once = len(files) > ONE_BY_ONE_MAX and _sync_file_systems({file.path.parent for file in files})
        for file in files:
            self._tell(file.stream_id, "" if at_once else self._sync_by_name(file))
        self.round_ms = int((time.monotonic() - began) * 1000)
        self._busy = False

    def _close(self, file: MediaFile, request_id: int) -> None:
        error = self._sync(file, file.descriptor)
        try:
            os.close(file.descriptor)
        except OSError as failed:  # of a network file system; the descriptor is gone all the same
            error = error or f"cannot close: {failed.strerror}"
        self._outbox.append(Done(request_id, error))

    def _sync_by_name(self, file: MediaFile) -> str:
        # Not by its descriptor, which a stream that ends meanwhile leaves to another.
        try:
            descriptor = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"cannot sync: {error.strerror}"
        try:
            return self._sync(file, descriptor)
        finally:
            os.close(descriptor)

    def _sync(self, file: MediaFile, descriptor: int) -> str:
        """Sync the file, the first time its name as well; returns what went wrong."""
        try:
            os.fdatasync(descriptor)
            if not file.folder_synced:
                sync_folder(file.path.parent)
                file.folder_synced = True
        except OSError as error:
            self.errors += 1
            return f"cannot sync: {error.strerror}"
        return ""

    def _tell(self, stream_id: int, error: str) -> None:
        if bool(error) != (stream_id in self._failing):
            (self._failing.add if error else self._failing.discard)(stream_id)
            self._outbox.append(Trouble(stream_id, error))


def _sync_file_systems(folders: Iterable[Path]) -> bool:
    """Sync all that the file systems of these folders hold; False when that failed or is not known here."""
    devices: dict[int, Path] = {}
    for folder in folders:
        try:
            devices.setdefault(folder.stat().st_dev, folder)
        except FileNotFoundError:
            continue  # its streams have ended, so they were synced
        except OSError:
            return False  # one by one, each file tells what is wrong with it
    return all(_sync_file_system(folder) for folder in devices.values())


def _sync_file_system(folder: Path) -> bool:
    syncfs = getattr(_libc, "syncfs", None)
    if syncfs is None:
        return False
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return bool(syncfs(descriptor) == 0)
    finally:
        os.close(descriptor)
