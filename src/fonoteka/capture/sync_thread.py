"""The thread of the media process that waits for the disk, so that the receiving loop does not."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections import deque
from collections.abc import Iterable

from fonoteka.capture.media_protocol import Done, Message, Trouble
from fonoteka.capture.stream_file import sync_folder
from fonoteka.capture.stream_writer import StreamWriter

_Job = tuple[StreamWriter, int] | None


class SyncThread:
    """Rounds of fdatasync over the streams in progress; streams that end go before the rest of a round.

    Only this thread closes a stream's file, so a descriptor is never synced after it became another's.
    """

    def __init__(self, outbox: deque[Message]) -> None:
        """`outbox` takes `Done` for each stream that ended, and `Trouble`; `errors` counts failed syncs."""
        self.round_ms = 0
        self.errors = 0
        self._outbox = outbox
        self._failing: set[int] = set()
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._round: deque[StreamWriter] = deque()
        self._round_began = 0.0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    def sync(self, writers: Iterable[StreamWriter]) -> None:
        """Begin a round, unless the last one still goes on."""
        if not self._round:
            self._round_began = time.monotonic()
            self._round.extend(writer for writer in writers if writer.dirty)
            self._jobs.put(None)

    def close(self, writer: StreamWriter, request_id: int) -> None:
        """Sync and close a stream's file, then answer the request."""
        self._jobs.put((writer, request_id))

    def finish(self) -> None:
        """Wait until everything handed over is on disk."""
        self._stopping = True
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                job = self._jobs.get(block=not self._round)
            except queue.Empty:
                self._next_of_round()
                continue
            if job is not None:
                self._close(*job)
            elif self._stopping and not self._round and self._jobs.empty():
                return

    def _next_of_round(self) -> None:
        writer = self._round[0]
        if writer.descriptor >= 0:
            self._tell(writer.stream_id, self._sync(writer))
        # Taken out last: an empty round means that all of it is on disk.
        self._round.popleft()
        self.round_ms = int((time.monotonic() - self._round_began) * 1000)
        if self._stopping:
            self._jobs.put(None)

    def _close(self, writer: StreamWriter, request_id: int) -> None:
        error = self._sync(writer)
        os.close(writer.descriptor)
        writer.descriptor = -1
        self._failing.discard(writer.stream_id)
        self._outbox.append(Done(request_id, error))

    def _sync(self, writer: StreamWriter) -> str:
        """Sync the file, the first time its name as well; returns what went wrong."""
        writer.dirty = False
        try:
            os.fdatasync(writer.descriptor)
            if not writer.folder_synced:
                sync_folder(writer.path.parent)
                writer.folder_synced = True
        except OSError as error:
            self.errors += 1
            return f"cannot sync: {error.strerror}"
        return ""

    def _tell(self, stream_id: int, error: str) -> None:
        if bool(error) != (stream_id in self._failing):
            (self._failing.add if error else self._failing.remove)(stream_id)
            self._outbox.append(Trouble(stream_id, error))
