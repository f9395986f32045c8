"""The rtpdump file of a stream in progress, inside the media process.

A file that cannot be written (disk full, input/output error) harms nobody else: what is to go in is kept
up to `PENDING_BYTES_MAX`, then the oldest is dropped and counted, and writing is tried again every second.
"""

from __future__ import annotations

import fcntl
import os
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from fonoteka.capture.media_protocol import Message, OpenStream, Trouble
from fonoteka.capture.stream_file import whole_length_of
from fonoteka.wire.rtpdump import file_header

PENDING_BYTES_MAX = 64 * 1024
RETRY_NS = 1_000_000_000


class Totals:
    """Counters of the whole media process; names and meaning as in `MediaCounts`."""

    __slots__ = (
        *("packets", "bytes", "malformed", "oversize", "flood", "kernel", "disk", "unwanted"),
        "write_errors",
    )

    def __init__(self) -> None:
        self.packets = self.bytes = self.malformed = self.oversize = 0
        self.flood = self.kernel = self.disk = self.unwanted = self.write_errors = 0


class MediaFile:
    """See the module. `length`: where its whole records end; `dirty`: written since it was synced."""

    def __init__(self, asked: OpenStream, totals: Totals, outbox: deque[Message]) -> None:
        """Open or continue the file and lock it against recovery; `outbox` takes `Trouble` messages.

        Raises OSError, `SpoolCorrupt`.
        """
        self.path = Path(asked.path)
        self.dirty = True
        self.folder_synced = False
        self.stream_id = asked.stream_id
        self._header = file_header(datetime.fromtimestamp(asked.started_at, UTC), asked.host, asked.port)
        self._totals = totals
        self._outbox = outbox
        self._pending: deque[tuple[bytes, int]] = deque()
        self._pending_bytes = 0
        self._retry_at_ns = 0
        self._trouble = ""
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.length = whole_length_of(self.descriptor, asked.whole_bytes)
            os.ftruncate(self.descriptor, self.length)
        except BaseException:
            os.close(self.descriptor)
            raise
        self.retry(0)

    def append(self, chunk: bytes, packets: int, now_ns: int) -> None:
        """Write whole records, now or later; never raises."""
        if self.length and not self._pending:
            try:
                written = os.pwrite(self.descriptor, chunk, self.length)
            except OSError:
                written = 0
            if written == len(chunk):
                self._count(written, packets)
                return
        self._pending.append((chunk, packets))
        self._pending_bytes += len(chunk)
        while self._pending_bytes > PENDING_BYTES_MAX and len(self._pending) > 1:
            self._give_up_oldest()
        self.retry(now_ns)

    def retry(self, now_ns: int) -> None:
        """Write what could not be written before, once a second at most; never raises."""
        if (self.length and not self._pending) or now_ns < self._retry_at_ns:
            return
        try:
            if not self.length:
                self._count(self._write_whole(self._header), 0)
            while self._pending:
                chunk, packets = self._pending[0]
                self._count(self._write_whole(chunk), packets)
                self._pending_bytes -= len(self._pending.popleft()[0])
        except OSError as error:
            self._totals.write_errors += 1
            self._retry_at_ns = now_ns + RETRY_NS
            self._tell(f"cannot write: {error.strerror}")
            # Half a chunk must not stay behind the whole records; the next try begins there again.
            with suppress(OSError):
                os.ftruncate(self.descriptor, self.length)
        else:
            self._tell("")

    def finish(self) -> None:
        """The last step before the file is synced and closed: what cannot be written is given up."""
        self._retry_at_ns = 0
        self.retry(0)
        while self._pending:
            self._give_up_oldest()

    def _write_whole(self, chunk: bytes) -> int:
        written = 0
        while written < len(chunk):
            written += os.pwrite(self.descriptor, chunk[written:], self.length + written)
        return written

    def _count(self, written: int, packets: int) -> None:
        self.length += written
        self.dirty = True
        self._totals.packets += packets
        self._totals.bytes += written

    def _give_up_oldest(self) -> None:
        chunk, packets = self._pending.popleft()
        self._pending_bytes -= len(chunk)
        self._totals.disk += packets

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._outbox.append(Trouble(self.stream_id, trouble))
