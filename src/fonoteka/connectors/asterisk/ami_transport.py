"""A PBX by AMI, where ARI is not to be had."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fonoteka.connectors.asterisk.ami import AmiClient, AmiSession
from fonoteka.connectors.asterisk.ami_events import CLASSES, WANTED, AmiEvents, read_state
from fonoteka.connectors.asterisk.ami_taps import AmiTapMaker, originate
from fonoteka.connectors.asterisk.config import AsteriskConfig
from fonoteka.connectors.asterisk.events import Bridge, Channel, Event
from fonoteka.domain.errors import ConnectorRefused, ConnectorUnreachable

NEEDED = {"Originate": "originate", "Hangup": "call", "CoreShowChannels": "system"}
"""Actions, and the class of `write` in manager.conf that allows each."""
DISCARD_PORT = 9


class AmiTransport:
    """Implements `Transport`."""

    def __init__(self, config: AsteriskConfig) -> None:
        self._config = config
        self._client = AmiClient(config)
        self.tap_maker = AmiTapMaker()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AmiConnection]:
        """As `Transport`."""
        async with self._client.connect(WANTED, CLASSES) as session:
            await self._check_rights(session)
            await self._try(session)
            self.tap_maker.session = session
            try:
                yield AmiConnection(session)
            finally:
                self.tap_maker.session = None

    async def _check_rights(self, session: AmiSession) -> None:
        (allowed,) = await session.ask("ListCommands")
        known = {name for name, _ in allowed.fields}
        if missing := [name for name in NEEDED if name not in known]:
            classes = ",".join(NEEDED[name] for name in missing)
            raise ConnectorRefused(
                f"{self._config.host}: the user may not {', '.join(missing)}: "
                f"manager.conf needs write = {classes}"
            )

    async def _try(self, session: AmiSession) -> None:
        """Make a channel that ends at once: whether a tap could be made, and whether we are told of calls.

        A user without `read = call` would follow nothing, and never know.
        """
        id_ = f"{self._config.app}-{secrets.token_hex(3)}-probe"
        host = session.local_address
        address = f"{f'[{host}]' if ':' in host else host}:{DISCARD_PORT}"
        try:
            response, *events = await originate(session, id_, address, "NoOp")
        except ConnectorUnreachable as error:
            raise ConnectorRefused(
                f"{self._config.host}: the PBX does not tell us of calls: manager.conf needs read = call"
            ) from error
        if not events:
            raise ConnectorRefused(f"{self._config.host}: Originate: {response.get('Message')}")
        if events[-1].get("Response") != "Success":
            raise ConnectorRefused(
                f"{self._config.host}: the PBX cannot send RTP to us: is chan_rtp.so loaded? "
                f"(Originate: reason {events[-1].get('Reason')})"
            )


class AmiConnection:
    """Implements `Connection`."""

    def __init__(self, session: AmiSession) -> None:
        self._session = session
        self._events = AmiEvents()

    @property
    def local_address(self) -> str:
        """As `Connection`."""
        return self._session.local_address

    async def state(self) -> tuple[list[Channel], list[Bridge]]:
        """As `Connection`."""
        channels = await self._session.ask("CoreShowChannels", until="CoreShowChannelsComplete")
        bridges = await self._session.ask("BridgeList", until="BridgeListComplete")
        for answer in (channels[0], bridges[0]):
            if answer.get("Response") != "Success":
                raise ConnectorRefused(f"the PBX does not list its channels: {answer.get('Message')}")
        found = read_state(channels, bridges)
        self._events.begin(found[1])
        return found

    async def next(self) -> Event | None:
        """As `Connection`."""
        return self._events.take(await self._session.next())
