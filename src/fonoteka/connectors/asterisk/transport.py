"""How a PBX is followed and tapped: what ARI and AMI have in common, as the connector sees it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from fonoteka.connectors.asterisk.ami_transport import AmiTransport
from fonoteka.connectors.asterisk.ari_transport import AriTransport
from fonoteka.connectors.asterisk.config import AsteriskConfig
from fonoteka.connectors.asterisk.events import Bridge, Channel, Event
from fonoteka.connectors.asterisk.taps import TapMaker


class Connection(Protocol):
    """A connection while it lasts."""

    @property
    def local_address(self) -> str:
        """Our IP address towards the PBX."""

    async def state(self) -> tuple[list[Channel], list[Bridge]]:
        """What the PBX has now, the oldest channel first. Raises `ConnectorUnreachable`, `WireMalformed`."""

    async def next(self) -> Event | None:
        """The next event, from the connection's begin on; None for one that we have no use for.

        Raises `ConnectorUnreachable` when the connection is gone, `WireMalformed` for an event that is none.
        """


class Transport(Protocol):
    """One PBX by one of its interfaces."""

    @property
    def tap_maker(self) -> TapMaker:
        """Makes taps while a connection is open."""

    def connect(self) -> AbstractAsyncContextManager[Connection]:
        """Connect and make sure that calls can be followed and tapped.

        Raises `ConnectorUnreachable`, or `ConnectorRefused` when the PBX is there and does not let us.
        """


def transport_of(config: AsteriskConfig) -> Transport:
    """By the interface that the configuration's address names."""
    return AmiTransport(config) if config.is_ami else AriTransport(config)
