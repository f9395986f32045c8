"""A PBX by ARI: HTTP for requests, a WebSocket for events."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fonoteka.connectors.asterisk.ari import AriClient, EventStream
from fonoteka.connectors.asterisk.ari_events import READ_TYPES, read_bridges, read_channels, read_event
from fonoteka.connectors.asterisk.ari_taps import AriTapMaker
from fonoteka.connectors.asterisk.config import AsteriskConfig
from fonoteka.connectors.asterisk.events import Bridge, Channel, Created, Event
from fonoteka.domain.errors import ConnectorRefused

_log = logging.getLogger(__name__)


class AriTransport:
    """Implements `Transport`."""

    def __init__(self, config: AsteriskConfig) -> None:
        self._config = config
        self._ari = AriClient(config)
        self.tap_maker = AriTapMaker(self._ari, config.app)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AriConnection]:
        """As `Transport`."""
        async with self._ari.events() as stream:
            wanted = await self._ari.request(
                "PUT",
                "applications",
                self._config.app,
                "eventFilter",
                body={"allowed": [{"type": one} for one in READ_TYPES]},
            )
            if not wanted.is_ok:
                raise ConnectorRefused(
                    f"{self._config.host}: eventFilter: status {wanted.status} (is the user read-only?)"
                )
            yield AriConnection(self._config.host, self._ari, stream)


class AriConnection:
    """Implements `Connection`."""

    def __init__(self, host: str, ari: AriClient, stream: EventStream) -> None:
        self._host = host
        self._ari = ari
        self._stream = stream
        self._has_warned = False

    @property
    def local_address(self) -> str:
        """As `Connection`."""
        return self._stream.local_address

    async def state(self) -> tuple[list[Channel], list[Bridge]]:
        """As `Connection`."""
        channels = read_channels((await self._ari.request("GET", "channels")).value)
        return channels, read_bridges((await self._ari.request("GET", "bridges")).value)

    async def next(self) -> Event | None:
        """As `Connection`."""
        event = read_event(await self._stream.next())
        if isinstance(event, Created) and event.channel.is_party and not event.channel.linkedid:
            self._warn()
        return event

    def _warn(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            _log.warning("asterisk %s: no linkedid in events; set channelvars in ari.conf", self._host)
