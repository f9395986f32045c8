"""The recorder: one process that answers SIPREC and writes the spool, from start to clean end.

`python -m fonoteka.capture.recorder` runs it with the settings of the environment.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress

from fonoteka.capture import sip_metrics
from fonoteka.capture.control import ControlServer
from fonoteka.capture.control_protocol import SOCKET_NAME
from fonoteka.capture.live_calls import ControlledMedia, ControlledSpool, LiveCalls
from fonoteka.capture.media import MediaProcess
from fonoteka.capture.policy_snapshot import SnapshotPolicy
from fonoteka.capture.recovery import recover
from fonoteka.capture.refused_calls import RefusedCalls
from fonoteka.capture.sip_headers import bracketed, host_and_port
from fonoteka.capture.sip_message import Flow, IncomingRequest
from fonoteka.capture.sip_tcp import TransportReceiver
from fonoteka.capture.sip_timing import SipTiming
from fonoteka.capture.sip_transactions import TransactionLayer
from fonoteka.capture.sip_transport import SipTransport, route_address
from fonoteka.capture.sip_user_agent import UserAgent
from fonoteka.capture.siprec_tools import SessionTools
from fonoteka.capture.spool import Spool
from fonoteka.domain.errors import FonotekaError, SettingInvalid
from fonoteka.domain.ports import Connector
from fonoteka.domain.refusals import CALLS_MAX_REACHED, DISK_LOW
from fonoteka.domain.running import HEARTBEAT_S, beat, only_one
from fonoteka.settings import Settings, load_settings

logger = logging.getLogger(__name__)

SEAL_PATIENCE_S = 12.0
"""For sealing every recording at shutdown; what takes longer is sealed by recovery at the next start."""
RECOVER_EVERY_S = 60.0
"""A recording that could not be sealed when it ended (disk full) is not left until the next start."""
BYE_PATIENCE_S = 1.5
"""For the answers to our BYEs, so that they are repeated once or twice where packets get lost."""


class Recorder:
    """Signalling and media of one data folder. `start`, then `stop`."""

    def __init__(
        self,
        settings: Settings,
        timing: SipTiming | None = None,
        connectors: Sequence[Callable[[Recorder], Connector]] = (),
        recover_every_s: float = RECOVER_EVERY_S,
    ) -> None:
        """`connectors` make further sources of calls from this recorder's parts; the rest is for tests.

        Raises `SettingInvalid` for an address to listen on that is none.
        """
        self._settings = settings
        self._make_connectors = connectors
        self._connectors: dict[Connector, asyncio.Task[None]] = {}
        self._timing = timing or SipTiming()
        try:
            self._address = host_and_port(settings.sip)
        except ValueError as error:
            raise SettingInvalid(f"sip: {error}") from error
        self._recover_every_s = recover_every_s
        self.media = MediaProcess(settings)
        self.live = LiveCalls(settings.folder)
        self.policy = SnapshotPolicy(
            settings.folder.policy_snapshot, settings.extension_digits_max, settings.folder.run
        )
        self.plain_spool = Spool(settings.folder)
        self.spool = ControlledSpool(self.plain_spool, self.media, self.live)
        self.controlled_media = ControlledMedia(self.media, self.live)
        self._control = ControlServer(settings.folder.run / SOCKET_NAME, self.live)
        self._transport = SipTransport(TransportReceiver(self._receive, self._receive_malformed))
        self._agent: UserAgent | None = None
        self._layer: TransactionLayer | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def port(self) -> int:
        """The port in use; asked for where the setting says 0."""
        return self._transport.port

    @property
    def sip_address(self) -> str:
        """HOST:PORT as bound."""
        return f"{bracketed(self._transport.host)}:{self._transport.port}"

    @property
    def recordings(self) -> int:
        """Recordings in progress."""
        return 0 if self._agent is None else self._agent.recordings

    def refused_because(self) -> str:
        """Why one more recording may not begin: too many, or too little disk; empty if it may."""
        if len(self.live.calls()) >= self._settings.recordings_max:
            return CALLS_MAX_REACHED
        free_bytes = shutil.disk_usage(self._settings.folder.root).free
        return DISK_LOW if free_bytes < self._settings.disk_free_min_bytes else ""

    def is_paused(self, recording_id: str) -> bool:
        """Whether a person has paused that recording."""
        return any(one.is_paused for one in self.live.calls() if one.recording_id == recording_id)

    async def start(self) -> None:
        """Recover what a crash left, then receive. Raises `AddressInUse`, `MediaProcessLost`, OSError."""
        sealed = await asyncio.to_thread(recover, self._settings.folder)
        if sealed:
            logger.warning("recovered %d interrupted recordings", len(sealed))
        try:
            await self.policy.start()
            await self.media.start()
            await self._control.start()
            self._agent = UserAgent(
                self._transport.send,
                self._make_tools,
                recordings_max=self._settings.recordings_max,
                disk_free_min_bytes=self._settings.disk_free_min_bytes,
                folder=self._settings.folder.root,
            )
            await self._transport.listen(*self._address)
        except (FonotekaError, OSError):
            await self._control.stop()
            await self.media.stop()
            await self.policy.stop()
            raise
        for make in self._make_connectors:
            connector = make(self)
            self._connectors[connector] = asyncio.create_task(connector.run())
            self._connectors[connector].add_done_callback(_say_why_it_ended)
        self._tasks = [asyncio.create_task(self._beat()), asyncio.create_task(self._recover_again())]
        logger.info("SIPREC on %s, UDP and TCP", self.sip_address)

    async def stop(self) -> None:
        """End every dialog, seal every recording, stop media; nothing that was received is lost."""
        if self._agent is not None and self._layer is not None:
            connectors = (one.stop() for one in self._connectors)
            await asyncio.gather(self._agent.stop(SEAL_PATIENCE_S), *connectors)
            with suppress(TimeoutError):
                async with asyncio.timeout(BYE_PATIENCE_S):
                    await self._layer.no_requests()
            self._layer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._transport.close()
        await self._control.stop()
        await self.media.stop()
        await self.policy.stop()

    def _make_tools(self, agent: UserAgent) -> tuple[TransactionLayer, SessionTools]:
        loop = asyncio.get_running_loop()
        self._layer = TransactionLayer(agent, self._transport.send, loop, self._timing)
        return self._layer, SessionTools(
            spool=self.spool,
            media=self.controlled_media,
            policy=self.policy,
            layer=self._layer,
            refused=RefusedCalls(self.plain_spool, self.policy),
            session_expires_s=self._settings.session_expires_s,
            contact=self._contact,
            sent_by=self._sent_by,
            media_address=self._media_address,
        )

    def _receive(self, data: bytes, flow: Flow) -> None:
        if self._agent is not None:
            self._agent.receive(data, flow)

    def _receive_malformed(self, data: bytes, flow: Flow) -> None:
        if self._agent is not None:
            self._agent.receive_malformed(data, flow)

    def _sent_by(self, request: IncomingRequest) -> str:
        return f"{bracketed(self._transport.local_host(request.flow))}:{self._transport.port}"

    def _contact(self, request: IncomingRequest) -> str:
        transport = ";transport=tcp" if request.flow.reliable else ""
        return f"<sip:fonoteka@{self._sent_by(request)}{transport}>;+sip.srs"

    def _media_address(self, request: IncomingRequest) -> str:
        return self._settings.media_address or route_address(request.flow.host)

    async def _recover_again(self) -> None:
        while True:
            await asyncio.sleep(self._recover_every_s)
            try:
                await asyncio.to_thread(self._seal_what_is_left)
            except OSError as error:
                logger.error("the spool cannot be looked through: %s", error)

    def _seal_what_is_left(self) -> None:
        sealed = self.plain_spool.seal_again() + recover(self._settings.folder, self.plain_spool.live)
        if sealed:
            logger.warning("sealed %d recordings that could not be sealed before", len(sealed))

    async def _beat(self) -> None:
        path = self._settings.folder.run / "recorder.json"
        while True:
            connectors = {one.name: one.lost_since and one.lost_since.isoformat() for one in self._connectors}
            facts = {"sip": self.sip_address, "recordings": self.recordings, "connectors": connectors}
            try:
                await asyncio.to_thread(beat, path, **facts)
            except OSError as error:
                logger.error("no heartbeat: %s", error)
            sip_metrics.CONNECTIONS_OPEN.set(self._transport.connections)
            sip_metrics.SEND_FAILURES.inc(self._transport.take_send_failures())
            await asyncio.sleep(HEARTBEAT_S)


def _say_why_it_ended(connector: asyncio.Task[None]) -> None:
    """A connector's fault must not end SIPREC, nor be a silence."""
    if not connector.cancelled() and (error := connector.exception()) is not None:
        logger.error("a connector ended by an error of our own program", exc_info=error)


async def run_recorder(
    settings: Settings, connectors: Sequence[Callable[[Recorder], Connector]] = ()
) -> None:
    """Record until SIGTERM or SIGINT.

    Raises `DataFolderInUse`, `AddressInUse`, `SettingInvalid`, `MediaProcessLost`.
    """
    settings.folder.make()
    with only_one(settings.folder.run / "recorder.lock"):
        recorder = Recorder(settings, connectors=connectors)
        told_to_end = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told_to_end.set)
        await recorder.start()
        await told_to_end.wait()
        logger.info("ending: %d recordings in progress", recorder.recordings)
        await recorder.stop()


def main() -> int:
    """Run with the settings of the environment; the exit status."""
    settings = load_settings()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(run_recorder(settings))
    except FonotekaError as error:
        logger.error("%s: %s", error.code, error)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
