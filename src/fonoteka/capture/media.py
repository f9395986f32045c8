"""The recorder's side of the media process: starts it, replaces it when it dies, asks it for streams."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from fonoteka.capture import metrics
from fonoteka.capture.media_link import LinkLost, MediaLink
from fonoteka.capture.media_ports import MediaPorts, PortPair
from fonoteka.capture.media_process import raise_descriptor_limit
from fonoteka.capture.media_protocol import (
    CloseStream,
    KeepPackets,
    Message,
    OpenStream,
    Report,
    Trouble,
)
from fonoteka.capture.media_statistics import MediaLedger, MediaStatistics
from fonoteka.capture.stream_file import make_whole
from fonoteka.domain.errors import MediaProcessLost, PortsExhausted, SpoolCorrupt
from fonoteka.domain.ports import StreamAddress
from fonoteka.settings import Settings

READY_WAIT_S = 5.0
"""So long a request waits for a media process that is being replaced."""
CLOSE_WAIT_S = 20.0
ATTEMPTS = 3
RESPAWN_S = 0.4
REOPEN_AT_ONCE = 100
SHORT_LIFE_S = 5.0
CHECK_S = 5.0
CHECKS_MISSED = 2
"""So many checks without a report in between: the media process hangs and is replaced."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Stream:
    asked: OpenStream
    pair: PortPair
    whole_bytes: int = 0
    lost: bool = False
    closing: asyncio.Task[None] | None = None
    switching: asyncio.Lock = field(default_factory=asyncio.Lock)


class MediaProcess:
    """A `MediaReceiver` in a process of its own.

    The sockets are bound here and lent to it: when it dies, packets wait in the kernel (about ten seconds
    of them), and its successor, some tenths of a second later, goes on with the same ports and files.
    What it had not written yet, 68 ms at most, is lost.
    """

    def __init__(self, settings: Settings) -> None:
        """Nothing happens before `start`."""
        self._sync_s = settings.media_sync_s
        self._ports = MediaPorts(_bind_address(settings), settings.media_port_min, settings.media_port_max)
        self._streams: dict[int, _Stream] = {}
        self._last_stream_id = 0
        self._link: MediaLink | None = None
        self._ready = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._ledger = MediaLedger()
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The process id of the media process, None while there is none."""
        return self._link.pid if self._link else None

    @property
    def statistics(self) -> MediaStatistics:
        """Counts up to the last report of the media process, which comes every second."""
        return self._ledger.statistics(len(self._streams))

    async def start(self) -> None:
        """Start the media process and return when it answers. Raises `MediaProcessLost`."""
        raise_descriptor_limit()
        self._tasks = [asyncio.create_task(self._supervise()), asyncio.create_task(self._watch())]
        await self._until_ready()

    async def stop(self) -> None:
        """Let the media process write and sync everything, and end; streams still open are closed."""
        self._stopping = True
        link, self._link = self._link, None
        self._ready.set()  # whoever waits is told that there is no link
        if link:
            await link.end(CLOSE_WAIT_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for stream_id in tuple(self._streams):
            self._forget(stream_id)

    async def open_stream(
        self, folder: Path, file_name: str, zero_monotonic_ns: int, *, is_kept: bool = True
    ) -> StreamAddress:
        """Bind a port and append what arrives to `folder/file_name`; offsets count from the zero.

        Without `is_kept` what arrives is dropped until `keep_packets`. Raises `PortsExhausted`,
        `MediaProcessLost` (also when the file cannot be opened).
        """
        await self._until_ready()
        try:
            pair = self._ports.bind()
        except OSError as error:
            # No descriptor or no memory left: as with ports, there is room again when a call ends.
            raise PortsExhausted(f"no media port can be bound: {error.strerror}") from error
        self._last_stream_id += 1
        stream_id = self._last_stream_id
        started_at = time.time() - (time.monotonic_ns() - zero_monotonic_ns) / 1e9
        path = str((folder / file_name).absolute())
        asked = OpenStream(
            *(0, stream_id, path, zero_monotonic_ns, started_at, self._ports.host, pair.port),
            whole_bytes=0,
            is_kept=is_kept,
        )
        # Before it is open, so that a successor of the media process opens it as well.
        self._streams[stream_id] = _Stream(asked, pair)
        try:
            if refused := await self._ask(asked, READY_WAIT_S, pair.sockets):
                raise MediaProcessLost(f"{path}: {refused}")
        except BaseException:
            self._forget(stream_id)
            if self._link:
                self._link.tell(CloseStream(0, stream_id))
            raise
        metrics.MEDIA_STREAMS.set(len(self._streams))
        return StreamAddress(stream_id, pair.port)

    async def keep_packets(self, stream_id: int, is_kept: bool) -> None:
        """Write or drop what arrives from now on; returns when it is so. Unknown ids are no error.

        Exact to a tick (17 ms), and in doubt a packet is dropped. Raises `MediaProcessLost`; then packets
        to be dropped are dropped as soon as a media process lives again, packets to be kept are not kept.
        """
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        async with stream.switching:
            if not is_kept:
                # Before it is so: a successor of the media process must not write one packet more.
                stream.asked = replace(stream.asked, is_kept=False)
            await self._ask(KeepPackets(0, stream_id, is_kept), READY_WAIT_S)
            # Only now: what waits in the kernel for a successor may have come during the pause.
            stream.asked = replace(stream.asked, is_kept=is_kept)

    async def close_stream(self, stream_id: int) -> None:
        """Drain the socket, write, fsync, close; afterwards the file is whole. Unknown ids are no error.

        Should the media process not answer for `CLOSE_WAIT_S`, that is logged and the port given back.
        """
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        if stream.closing is None:
            stream.closing = asyncio.create_task(self._close(stream))
        # Shielded: a dialog that is cancelled meanwhile must not leave its stream half closed.
        await asyncio.shield(stream.closing)

    async def _until_ready(self) -> MediaLink:
        try:
            async with asyncio.timeout(READY_WAIT_S):
                await self._ready.wait()
        except TimeoutError as error:
            raise MediaProcessLost from error
        if self._link is None:
            raise MediaProcessLost
        return self._link

    def _lose(self, link: MediaLink) -> None:
        """Whoever finds the media process dead: all wait for its successor."""
        if self._link is link:
            self._ready.clear()

    async def _ask(
        self,
        request: OpenStream | KeepPackets | CloseStream,
        wait_s: float,
        sockets: Sequence[socket.socket] = (),
    ) -> str:
        """Have the media process, or its successor, carry out a request; returns what went wrong.

        Raises `MediaProcessLost`.
        """
        for _ in range(ATTEMPTS):
            link = await self._until_ready()
            try:
                async with asyncio.timeout(wait_s):
                    return await link.ask(request, sockets)
            except LinkLost:
                self._lose(link)
                continue
            except TimeoutError as late:
                raise MediaProcessLost from late
        raise MediaProcessLost

    async def _close(self, stream: _Stream) -> None:
        stream_id = stream.asked.stream_id
        try:
            error = await self._ask(CloseStream(0, stream_id), CLOSE_WAIT_S)
        except MediaProcessLost as lost:
            error = str(lost)
        if error:
            _log.error("stream %d: %s: %s", stream_id, stream.asked.path, error)
        if error or stream.lost:
            await asyncio.to_thread(_mend, stream.asked)
        self._forget(stream_id)

    def _forget(self, stream_id: int) -> None:
        stream = self._streams.pop(stream_id, None)
        if stream is None:
            return  # `stop` was sooner
        self._ports.release(stream.pair)
        self._ledger.forget(stream_id)
        metrics.MEDIA_STREAMS.set(len(self._streams))

    async def _supervise(self) -> None:
        """Keep a media process running until `stop`."""
        while not self._stopping:
            began = time.monotonic()
            try:
                self._link = link = await MediaLink.spawn(self._sync_s, self._take)
            except OSError as error:
                _log.error("cannot start a media process: %s", error)
                await asyncio.sleep(RESPAWN_S)
                continue
            running = asyncio.create_task(link.run())
            with suppress(LinkLost):
                await link.heard()
                await self._reopen(link)
                self._ready.set()
            status = await running
            self._lose(link)
            if not self._stopping:
                self._link = None
                self._ledger.take_restart()
                _log.error("media process %d ended with status %d; starting another", link.pid, status)
                # One that dies at once would keep a core busy.
                await asyncio.sleep(RESPAWN_S if time.monotonic() - began < SHORT_LIFE_S else 0)

    async def _reopen(self, link: MediaLink) -> None:
        """Give the streams in progress to a new media process. Raises `LinkLost`."""
        streams = list(self._streams.values())
        for at in range(0, len(streams), REOPEN_AT_ONCE):
            await asyncio.gather(*(self._reopen_one(link, one) for one in streams[at : at + REOPEN_AT_ONCE]))

    async def _reopen_one(self, link: MediaLink, stream: _Stream) -> None:
        asked = replace(stream.asked, whole_bytes=stream.whole_bytes)
        if asked.stream_id not in self._streams:
            return
        error = await link.ask(asked, stream.pair.sockets)
        stream.lost = bool(error)
        if error:
            _log.error("stream %d: %s: cannot go on: %s", asked.stream_id, asked.path, error)

    async def _watch(self) -> None:
        """Replace a media process that does not report any more."""
        seen, misses = 0, 0
        while True:
            await asyncio.sleep(CHECK_S)
            misses = misses + 1 if self._ledger.reports == seen and self._link else 0
            seen = self._ledger.reports
            if misses == CHECKS_MISSED and self._link:
                _log.error("media process %d hangs", self._link.pid)
                self._link.kill()

    def _take(self, message: Message) -> None:
        match message:
            case Report():
                self._ledger.take_report(message)
                for stream_id, length in message.lengths:
                    if stream_id in self._streams:
                        self._streams[stream_id].whole_bytes = length
            case Trouble() if message.stream_id in self._streams:
                self._ledger.take_trouble(message, self._streams[message.stream_id].asked.path)


def _mend(asked: OpenStream) -> None:
    """Make the file whole that no media process could close."""
    try:
        make_whole(Path(asked.path), datetime.fromtimestamp(asked.started_at, UTC))
    except (OSError, SpoolCorrupt) as error:
        _log.error("stream %d: %s: %s", asked.stream_id, asked.path, error)


def _bind_address(settings: Settings) -> str:
    """All addresses of this machine, unless media, or else SIP, is spoken on loopback alone."""
    host = settings.media_address or settings.sip.rpartition(":")[0].strip("[]")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "127.0.0.1" if host == "localhost" else "0.0.0.0"  # noqa: S104 - media comes from outside
    if address.is_loopback:
        return host
    return "::" if address.version == 6 else "0.0.0.0"  # noqa: S104
