"""One recorded stream inside the media process: its sockets, what waits in memory, and its file.

The receiving loop only appends datagrams to `waiting`; a few times a second `flush` makes records of
them and writes them at once. A file that cannot be written (disk full, input/output error) harms nobody
else: what arrives is kept up to `PENDING_BYTES_MAX`, then the oldest is dropped and counted, and writing
is tried again every second.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from fonoteka.capture.media_protocol import Message, OpenStream, Trouble
from fonoteka.capture.stream_file import whole_length_of
from fonoteka.wire.rtp import is_rtcp
from fonoteka.wire.rtpdump import file_header, record

DATAGRAM_BYTES_MAX = 4096
"""No audio packet is longer; a flood of long ones must not fill the disk."""
RATE_MAX = 400
"""Packets a second of one stream, sustained; audio has 100 at most, RTCP hardly any."""
BURST_MAX = 2_000
"""Packets of one stream at once: what gathers in the kernel while we are held up."""
PENDING_BYTES_MAX = 64 * 1024
RETRY_NS = 1_000_000_000

_SO_MEMINFO = 55
_SK_MEMINFO_DROPS = 8
_MEMINFO = struct.Struct("9I")


class Totals:
    """Counters of the whole media process; names and meaning as in `MediaCounts`."""

    __slots__ = ("bytes", "disk", "flood", "kernel", "malformed", "oversize", "packets", "write_errors")

    def __init__(self) -> None:
        self.packets = self.bytes = self.malformed = self.oversize = 0
        self.flood = self.kernel = self.disk = self.write_errors = 0


class StreamWriter:
    """See the module. `length` is where the file's whole records end; `dirty`: written since synced."""

    def __init__(
        self,
        asked: OpenStream,
        sockets: tuple[socket.socket, ...],
        totals: Totals,
        outbox: deque[Message],
    ) -> None:
        """Open or continue the file and lock it against recovery; `outbox` takes `Trouble` messages.

        Raises OSError, `SpoolCorrupt`.
        """
        self.stream_id = asked.stream_id
        self.sockets = sockets
        self.waiting: list[tuple[int, bytes]] = []
        self.path = Path(asked.path)
        self.dirty = True
        self.folder_synced = False
        self._trouble = ""
        self._zero_ns = asked.zero_monotonic_ns
        self._header = file_header(datetime.fromtimestamp(asked.started_at, UTC), asked.host, asked.port)
        self._totals = totals
        self._outbox = outbox
        self._pending: deque[tuple[bytes, int]] = deque()
        self._pending_bytes = 0
        self._retry_at_ns = 0
        self._allowed = float(BURST_MAX)
        self._flushed_at_ns = 0
        self._kernel_drops = self._drops_of_sockets()
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.length = whole_length_of(self.descriptor, asked.whole_bytes)
            os.ftruncate(self.descriptor, self.length)
        except BaseException:
            os.close(self.descriptor)
            raise
        self._write(0)

    def flush(self, now_ns: int) -> None:
        """Make records of what waits and write them; never raises."""
        if not self.waiting and not (self._pending and now_ns >= self._retry_at_ns):
            return
        batch = self.waiting[:]
        self.waiting.clear()
        elapsed_ns, self._flushed_at_ns = now_ns - self._flushed_at_ns, now_ns
        self._allowed = min(BURST_MAX, self._allowed + elapsed_ns * (RATE_MAX / 1e9))
        if len(batch) > self._allowed:
            self._totals.flood += len(batch) - int(self._allowed)
            del batch[int(self._allowed) :]
        self._allowed -= len(batch)
        zero_ns = self._zero_ns
        records = []
        for at_ns, data in batch:
            rtcp = is_rtcp(data)
            # RTP has 12 bytes at least (RFC 3550 §5.1), RTCP 8; both have version 2.
            if (len(data) < 12 and not rtcp) or data[0] & 0xC0 != 0x80:
                self._totals.malformed += 1
            elif len(data) > DATAGRAM_BYTES_MAX:
                self._totals.oversize += 1
            else:
                records.append(record((at_ns - zero_ns) // 1_000_000, data, rtcp))
        if records:
            self._queue(b"".join(records), len(records))
        if now_ns >= self._retry_at_ns:
            self._write(now_ns)

    def count_kernel_drops(self) -> None:
        """Count what the kernel dropped since the last time because a socket's buffer was full."""
        drops = self._drops_of_sockets()
        self._totals.kernel += max(0, drops - self._kernel_drops)
        self._kernel_drops = drops

    def finish(self) -> None:
        """The last step before the file is synced and closed: what cannot be written is given up."""
        self._write(0)
        self._totals.disk += sum(packets for _, packets in self._pending)
        self._pending.clear()

    def _drops_of_sockets(self) -> int:
        """The sockets' drops since they were bound (SO_MEMINFO, Linux 4.12; 0 where it is not known)."""
        drops = 0
        for one in self.sockets:
            try:
                info = one.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
            except OSError:
                return 0
            drops += _MEMINFO.unpack(info)[_SK_MEMINFO_DROPS] if len(info) == _MEMINFO.size else 0
        return drops

    def _queue(self, chunk: bytes, packets: int) -> None:
        self._pending.append((chunk, packets))
        self._pending_bytes += len(chunk)
        while self._pending_bytes > PENDING_BYTES_MAX and len(self._pending) > 1:
            dropped, count = self._pending.popleft()
            self._pending_bytes -= len(dropped)
            self._totals.disk += count

    def _write(self, now_ns: int) -> None:
        try:
            if not self.length:
                self._append(self._header)
            while self._pending:
                chunk, packets = self._pending[0]
                self._append(chunk)
                self._pending.popleft()
                self._pending_bytes -= len(chunk)
                self._totals.packets += packets
                self._totals.bytes += len(chunk)
        except OSError as error:
            self._totals.write_errors += 1
            self._retry_at_ns = now_ns + RETRY_NS
            self._tell(f"cannot write: {error.strerror}")
            # Half a chunk must not stay behind the whole records; the next try begins there again.
            with suppress(OSError):
                os.ftruncate(self.descriptor, self.length)
        else:
            self._tell("")

    def _append(self, chunk: bytes) -> None:
        at = self.length
        while chunk:
            written = os.pwrite(self.descriptor, chunk, at)
            at += written
            chunk = chunk[written:]
        self.length = at
        self.dirty = True

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._outbox.append(Trouble(self.stream_id, trouble))
