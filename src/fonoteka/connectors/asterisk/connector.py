"""The connector: reads a PBX's events, keeps the book of calls, records each, comes back after a loss."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from fonoteka.connectors.asterisk import metrics
from fonoteka.connectors.asterisk.call_book import CallBook
from fonoteka.connectors.asterisk.call_recording import CallRecording, Tools
from fonoteka.connectors.asterisk.call_view import CallView
from fonoteka.connectors.asterisk.config import AsteriskConfig
from fonoteka.connectors.asterisk.events import Destroyed, Event, TapStarted
from fonoteka.connectors.asterisk.taps import Taps
from fonoteka.connectors.asterisk.transport import Connection, transport_of
from fonoteka.domain.errors import ConnectorUnreachable, WireMalformed
from fonoteka.domain.ports import MediaReceiver, Policy, SpoolWriter

BACK_OFF_S, BACK_OFF_MOST_S = 0.5, 15.0
STEADY_S = 30.0
QUIET_S = 60.0
"""With the PBX away, a call whose streams bring nothing for so long is over."""
QUIET_CHECKS = 12
SEAL_PATIENCE_S = 12.0

_log = logging.getLogger(__name__)


class AsteriskConnector:
    """One PBX. `run` until `stop`; the PBX may come and go meanwhile."""

    def __init__(
        self,
        config: AsteriskConfig,
        media: MediaReceiver,
        spool: SpoolWriter,
        policy: Policy,
        *,
        plain_spool: SpoolWriter | None = None,
        refused_because: Callable[[], str] = lambda: "",
        is_paused: Callable[[str], bool] = lambda _: False,
        quiet_s: float = QUIET_S,
    ) -> None:
        """`plain_spool` and `refused_because` are as in `Tools`; `is_paused`: asked by a recording's id."""
        self.name = f"Asterisk {config.host}"
        self.lost_since: datetime | None = datetime.now(UTC)
        self._config = config
        self._quiet_s = quiet_s
        self._is_paused = is_paused
        self._transport = transport_of(config)
        self._taps = Taps(self._transport.tap_maker, config.app)
        self._book = CallBook(config, policy, lambda: datetime.now(UTC))
        self._tools = Tools(
            spool,
            plain_spool or spool,
            media,
            self._taps,
            lambda: self._is_connected,
            refused_because,
            config.host,
        )
        self._recordings: dict[int, CallRecording] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._quiet: dict[int, tuple[int, float]] = {}
        self._is_connected = False
        self._is_stopping = False
        self._running: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the PBX's events are being read."""
        return self._is_connected

    @property
    def recordings(self) -> tuple[CallRecording, ...]:
        """The calls in progress."""
        return tuple(self._recordings.values())

    async def run(self) -> None:
        """Follow the PBX until `stop`; its absence is waited out, with growing pauses."""
        self._running = asyncio.current_task()
        quiet = asyncio.create_task(self._watch_silence())
        pause_s = BACK_OFF_S
        try:
            while True:
                began = time.monotonic()
                try:
                    await self._follow()
                except (ConnectorUnreachable, WireMalformed) as error:
                    _log.warning("asterisk %s: %s: %s", self._config.host, error.code, error)
                finally:
                    self._say_connected(False)
                metrics.RECONNECTS.inc()
                if time.monotonic() - began > STEADY_S:
                    pause_s = BACK_OFF_S
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, BACK_OFF_MOST_S)
        finally:
            quiet.cancel()
            await asyncio.gather(quiet, return_exceptions=True)

    async def stop(self) -> None:
        """Seal every call in progress, take our taps out of the PBX, end."""
        self._is_stopping = True
        for recording in self._recordings.values():
            recording.stop()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=SEAL_PATIENCE_S)
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def _follow(self) -> None:
        async with self._transport.connect() as connection:
            self._taps.media_address = self._config.media_address or connection.local_address
            await self._catch_up(connection)
            _log.info("asterisk %s: following, %d calls in progress", self._config.host, len(self._book))
            while True:
                await self._take(connection)

    async def _catch_up(self, connection: Connection) -> None:
        """What happened while nobody listened. The events since then wait in the connection."""
        channels, bridges = await connection.state()
        for recording in self._recordings.values():
            for tap in recording.taps():
                if not self._taps.is_whole(tap, channels, bridges):
                    recording.tap_is_gone(tap)
        self._say_connected(True)
        left = await self._taps.remove_leftovers(channels, bridges)
        if left:
            _log.info("asterisk %s: removed %d leftovers of earlier taps", self._config.host, left)
        self._show(self._book.resync(channels, bridges, time.monotonic_ns()))
        for recording in self._recordings.values():
            recording.look_again()

    async def _take(self, connection: Connection) -> None:
        try:
            event = await connection.next()
        except WireMalformed as error:
            metrics.EVENTS_MALFORMED.inc()
            _log.warning("asterisk %s: %s", self._config.host, error)
            return
        metrics.EVENTS.inc()
        if event is None:
            return
        self._serve_taps(event)
        self._show(self._book.take(event, time.monotonic_ns()))

    def _serve_taps(self, event: Event) -> None:
        match event:
            case TapStarted(channel):
                self._taps.has_started(channel.id)
            case Destroyed(channel):
                self._taps.has_ended(channel.id)
                tap = self._taps.owner_of(channel.id)
                for recording in self._recordings.values() if tap else ():
                    if tap in recording.taps():
                        recording.tap_is_gone(tap)

    def _show(self, views: Iterable[CallView]) -> None:
        for view in views:
            recording = self._recordings.get(view.serial)
            if recording is not None:
                recording.show(view)
                if view.is_over and view.serial not in self._tasks:
                    self._forget(view.serial)
            elif not self._is_stopping:
                recording = self._recordings[view.serial] = CallRecording(self._tools, view)
                task = self._tasks[view.serial] = asyncio.create_task(recording.run())
                task.add_done_callback(partial(self._has_ended, view.serial))
        metrics.CALLS.set(len(self._book))

    def _has_ended(self, serial: int, task: asyncio.Task[None]) -> None:
        """One call's fault must not end the others."""
        self._tasks.pop(serial, None)
        recording = self._recordings[serial]
        if not task.cancelled() and (error := task.exception()) is not None:
            metrics.FAULTS.inc()
            _log.error("call %s: recording it failed", recording.view.linkedid, exc_info=error)
        # A call that is not recorded stays until it is over, so that it is not begun again.
        if recording.view.is_over:
            self._forget(serial)

    def _forget(self, serial: int) -> None:
        self._recordings.pop(serial, None)
        self._quiet.pop(serial, None)

    def _say_connected(self, connected: bool) -> None:
        if connected is not self._is_connected:
            self._is_connected = connected
            self.lost_since = None if connected else datetime.now(UTC)
            metrics.CONNECTED.inc(1 if connected else -1)

    async def _watch_silence(self) -> None:
        while True:
            await asyncio.sleep(self._quiet_s / QUIET_CHECKS)
            now = time.monotonic()
            for serial, recording in list(self._recordings.items()):
                spooled = recording.recording
                if self._is_connected or spooled is None or self._is_paused(spooled.recording_id):
                    self._quiet.pop(serial, None)
                    continue
                size = _bytes_in(spooled.folder)
                known, since = self._quiet.get(serial, (-1, now))
                self._quiet[serial] = (size, now if size != known else since)
                if size == known and now - since >= self._quiet_s:
                    _log.warning("call %s: silent, the PBX is away: sealed", recording.view.linkedid)
                    self._show(self._book.give_up(serial, time.monotonic_ns()))


def _bytes_in(folder: Path) -> int:
    """The size of the streams in a recording's folder; 0 when it is gone."""
    try:
        return sum(one.stat().st_size for one in folder.glob("*.rtpdump"))
    except OSError:
        return 0
