"""One stream inside the media process: its sockets, and what waits in memory for its file.

The receiving loop only appends datagrams to `waiting`; some times a second `flush` makes records of them.
While the stream is not kept (a pause, or no rule wants the call) they are counted instead, and forgotten.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable

from fonoteka.capture.media_file import MediaFile, Totals
from fonoteka.wire.rtp import HEADER_BYTES, is_rtcp
from fonoteka.wire.rtpdump import RECORD_HEADER

DATAGRAM_BYTES_MAX = 4096
"""No audio packet is longer; a flood of long ones must not fill the disk."""
RATE_MAX = 400
"""Packets a second of one stream, sustained; audio has 100 at most, RTCP hardly any."""
BURST_MAX = 2_000
"""Packets of one stream at once: what gathers in the kernel while we are held up."""

_RTCP = tuple(is_rtcp(bytes((0x80, second)) + bytes(6)) for second in range(256))
"""By a datagram's second byte (RFC 5761 §4): whether it is RTCP."""
_RTCP_BYTES_MIN = 8
_SO_MEMINFO = 55
_SK_MEMINFO_DROPS = 8
_MEMINFO = struct.Struct("9I")


class ReceivedStream:
    """See the module. `waiting` holds (arrival by CLOCK_MONOTONIC in ns, datagram)."""

    def __init__(
        self, file: MediaFile, sockets: tuple[socket.socket, ...], zero_monotonic_ns: int, totals: Totals
    ) -> None:
        """Offsets in the file count from `zero_monotonic_ns`."""
        self.file = file
        self.sockets = sockets
        self.waiting: list[tuple[int, bytes]] = []
        self.is_kept = True
        self._zero_ns = zero_monotonic_ns
        self._totals = totals
        self._allowed = float(BURST_MAX)
        self._flushed_at_ns = 0
        self._kernel_drops = self._drops_of_sockets()

    @property
    def take(self) -> Callable[[tuple[int, bytes]], None]:
        """Where a datagram goes that arrives now."""
        return self.waiting.append if self.is_kept else self._drop

    def keep(self, is_kept: bool, now_ns: int) -> None:
        """Write or drop what arrives from now on; what was read before goes on its way as it was to.

        What still lies in the sockets is dropped either way: some of it may have come during the pause.
        """
        if is_kept == self.is_kept:
            return
        self.flush(now_ns)
        self.is_kept = False
        self.drain_sockets()
        self.is_kept = is_kept

    def drain_sockets(self) -> None:
        """Take all that the sockets hold."""
        for one in self.sockets:
            for _ in range(BURST_MAX):
                try:
                    data = os.read(one.fileno(), DATAGRAM_BYTES_MAX + 1)
                except OSError:
                    break
                self.take((time.monotonic_ns(), data))

    def flush(self, now_ns: int) -> None:
        """Make records of what waits and write them; never raises."""
        waiting = self.waiting
        if not waiting:
            self.file.retry(now_ns)
            return
        elapsed_ns, self._flushed_at_ns = now_ns - self._flushed_at_ns, now_ns
        self._allowed = min(BURST_MAX, self._allowed + elapsed_ns * (RATE_MAX / 1e9))
        if len(waiting) > self._allowed:
            self._totals.flood += len(waiting) - int(self._allowed)
            del waiting[int(self._allowed) :]
        self._allowed -= len(waiting)
        records = self._records()
        waiting.clear()
        if records:
            self.file.append(b"".join(records), len(records) // 2, now_ns)

    def count_kernel_drops(self) -> None:
        """Count what the kernel dropped since the last time because a socket's buffer was full."""
        drops = self._drops_of_sockets()
        self._totals.kernel += max(0, drops - self._kernel_drops)
        self._kernel_drops = drops

    def _drop(self, _datagram: tuple[int, bytes]) -> None:
        self._totals.unwanted += 1

    def _records(self) -> list[bytes]:
        """Record header and datagram by turns, of those datagrams that are RTP or RTCP."""
        records: list[bytes] = []
        zero_ns, header, append = self._zero_ns, RECORD_HEADER.pack, records.append
        for at_ns, data in self.waiting:
            length = len(data)
            # Both begin with version 2 (RFC 3550 §5.1, §6.4).
            if length < _RTCP_BYTES_MIN or data[0] & 0xC0 != 0x80:
                self._totals.malformed += 1
                continue
            if length > DATAGRAM_BYTES_MAX:
                self._totals.oversize += 1
                continue
            rtp_length = 0 if _RTCP[data[1]] else length
            if 0 < rtp_length < HEADER_BYTES:
                self._totals.malformed += 1
                continue
            # What `wire.rtpdump.record` does; calling it would cost a tenth of the process's time.
            append(header(8 + length, rtp_length, (at_ns - zero_ns) // 1_000_000 & 0xFFFFFFFF))
            append(data)
        return records

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
