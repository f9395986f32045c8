"""The receiving loop: a tick, in which every socket that has something is read until none has.

Why so: reading all ready sockets from one epoll call a tick costs a fifth of asyncio's way, and with the
writing about twice a loop that receives and does nothing (`bench.receiver` compares). A tick takes
17 ms: shorter than the 20 ms that two parties may be apart, and sharing no divisor with the packet times
in use (10, 20, 30, 60 ms), so that every packet of a stream meets the tick at another phase. The arrival
time of a packet is that of its pass, late by up to a tick; but the earliest of a stream's packets, by
which audio is laid on the clock, are late by about a millisecond. Kernel time stamps (SO_TIMESTAMPNS)
would need recvmsg and its ancillary data for each packet, for that last millisecond.

What arrived is written every fourth tick, a quarter of the streams each tick: `kill -9` loses the
68 ms in memory; what the kernel holds stays in the sockets, which the recorder keeps open.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from fonoteka.capture.disk_sync import DiskSync
from fonoteka.capture.media_file import MediaFile, Totals
from fonoteka.capture.media_protocol import (
    LENGTHS_PER_REPORT,
    SOCKETS_PER_STREAM,
    CloseStream,
    Done,
    KeepPackets,
    MediaCounts,
    Message,
    OpenStream,
    Report,
)
from fonoteka.capture.received_stream import DATAGRAM_BYTES_MAX, ReceivedStream
from fonoteka.domain.errors import SpoolCorrupt

TICK_NS = 17_000_000
FLUSH_TICKS = 4
PASSES_MAX = 32
"""Packets read of one socket in a tick; more than that is a flood, which the kernel's buffer bounds."""
REPORT_NS = 1_000_000_000
OUTBOX_MAX = 10_000
"""A recorder that does not listen gets no further reports; the counts wait for the next."""


class Receiver:
    """All streams of the media process. `outbox` collects what the recorder is to be told."""

    def __init__(self, sync_s: float) -> None:
        """`sync_s`: seconds between two rounds of fdatasync."""
        self.outbox: deque[Message] = deque()
        self._totals = Totals()
        self._epoll = select.epoll()
        self._take: dict[int, Callable[[tuple[int, bytes]], None]] = {}
        self._streams: dict[int, ReceivedStream] = {}
        self._shares: tuple[dict[int, ReceivedStream], ...] = tuple({} for _ in range(FLUSH_TICKS))
        self._sync = DiskSync(self.outbox)
        self._sync_ns = int(sync_s * 1e9)
        self._sync_errors = 0
        self._tick = 0
        self._reports = 0
        self._longest_tick_ns = 0
        now_ns = time.monotonic_ns()
        self._next_tick_ns, self._next_sync_ns, self._next_report_ns = now_ns, now_ns, now_ns

    def open(self, asked: OpenStream, sockets: tuple[socket.socket, ...]) -> None:
        """Begin to receive a stream (an open one stays so). Why it could not be done is in the answer."""
        error = ""
        if asked.stream_id not in self._streams:
            try:
                self._begin(asked, sockets)
            except (OSError, SpoolCorrupt, ValueError) as refused:
                error = str(refused)
        if error or self._streams[asked.stream_id].sockets is not sockets:
            self._leave(sockets)
        self.outbox.append(Done(asked.request_id, error))

    def _begin(self, asked: OpenStream, sockets: tuple[socket.socket, ...]) -> None:
        if len(sockets) != SOCKETS_PER_STREAM:
            raise ValueError("no descriptors are left for the sockets")
        file = MediaFile(asked, self._totals, self.outbox)
        stream = ReceivedStream(file, sockets, asked.zero_monotonic_ns, self._totals)
        stream.is_kept = asked.is_kept
        try:
            for one in sockets:
                one.setblocking(False)
                self._take[one.fileno()] = stream.take
                self._epoll.register(one.fileno(), select.EPOLLIN)
        except OSError:
            self._leave(sockets)
            os.close(file.descriptor)
            raise
        self._streams[asked.stream_id] = stream
        self._shares[asked.stream_id % FLUSH_TICKS][asked.stream_id] = stream

    def keep(self, asked: KeepPackets) -> None:
        """Write or drop what a stream gets from now on; one that is not open (any more) is no error."""
        stream = self._streams.get(asked.stream_id)
        if stream is not None:
            stream.keep(asked.is_kept, time.monotonic_ns())
            for one in stream.sockets:
                self._take[one.fileno()] = stream.take
        self.outbox.append(Done(asked.request_id))

    def close(self, asked: CloseStream) -> None:
        """Read what the sockets still hold, write it, hand the file over to be synced and closed."""
        stream = self._streams.pop(asked.stream_id, None)
        if stream is None:
            self.outbox.append(Done(asked.request_id))
            return
        del self._shares[asked.stream_id % FLUSH_TICKS][asked.stream_id]
        stream.drain_sockets()
        stream.flush(time.monotonic_ns())
        stream.file.finish()
        stream.count_kernel_drops()
        self._leave(stream.sockets)
        self._sync.close(stream.file, asked.request_id)

    def due_in_ms(self) -> float:
        """Milliseconds until the next tick."""
        return max(0, self._next_tick_ns - time.monotonic_ns()) / 1e6

    def run_tick(self) -> None:
        """Read everything, write a share of the streams, and now and then begin a sync or make a report."""
        began_ns = time.monotonic_ns()
        if began_ns < self._next_tick_ns:
            return
        self._drain()
        late = min(FLUSH_TICKS, 1 + (began_ns - self._next_tick_ns) // TICK_NS)
        for _ in range(late):
            self._tick += 1
            for stream in self._shares[self._tick % FLUSH_TICKS].values():
                stream.flush(began_ns)
        self._next_tick_ns = max(self._next_tick_ns + TICK_NS, began_ns)
        if began_ns >= self._next_sync_ns:
            self._next_sync_ns = began_ns + self._sync_ns
            self._sync.sync(stream.file for stream in self._streams.values())
        if began_ns >= self._next_report_ns:
            self._next_report_ns = began_ns + REPORT_NS
            self._report()
        self._longest_tick_ns = max(self._longest_tick_ns, time.monotonic_ns() - began_ns)

    def finish(self) -> None:
        """Write and sync everything; the end of the process."""
        for stream_id in tuple(self._streams):
            self.close(CloseStream(0, stream_id))
        self._sync.finish()

    def _leave(self, sockets: tuple[socket.socket, ...]) -> None:
        for one in sockets:
            if one.fileno() in self._take:
                del self._take[one.fileno()]
                # The recorder holds the same socket, so closing it does not take it out of the epoll.
                with suppress(FileNotFoundError):
                    self._epoll.unregister(one.fileno())
            one.close()

    def _drain(self) -> None:
        poll, read, take = self._epoll.poll, os.read, self._take
        sockets_max = len(take) + 1
        # One datagram a socket and pass: that spares the failing read which would tell that it is empty.
        for _ in range(PASSES_MAX):
            ready = poll(0, sockets_max)
            if not ready:
                return
            now_ns = time.monotonic_ns()
            for descriptor, _event in ready:
                try:
                    take[descriptor]((now_ns, read(descriptor, DATAGRAM_BYTES_MAX + 1)))
                except OSError:
                    continue  # a datagram with a wrong checksum was there, and is not any more

    def _report(self) -> None:
        if len(self.outbox) > OUTBOX_MAX:
            return
        self._reports += 1
        for stream in self._shares[self._reports % FLUSH_TICKS].values():
            stream.count_kernel_drops()
        lengths = [(stream_id, stream.file.length) for stream_id, stream in self._streams.items()]
        for at in range(0, max(1, len(lengths)), LENGTHS_PER_REPORT):
            part = tuple(lengths[at : at + LENGTHS_PER_REPORT])
            tick_ms = self._longest_tick_ns // 1_000_000
            self.outbox.append(Report(self._take_counts(), part, self._sync.round_ms, tick_ms))
        self._longest_tick_ns = 0

    def _take_counts(self) -> MediaCounts:
        totals = self._totals
        sync_errors = self._sync.errors
        totals.write_errors += sync_errors - self._sync_errors
        self._sync_errors = sync_errors
        counts = MediaCounts(**{name: getattr(totals, name) for name in Totals.__slots__})
        for name in Totals.__slots__:
            setattr(totals, name, 0)
        return counts
