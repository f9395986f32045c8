"""A tap by AMI: one channel that sends RTP to us, with ChanSpy as what it does.

It hears what the party says (`o`), and nothing else; it ends with the party's channel (`E`), and at once if
that is not there any more (`S`). While the party sends nothing, no packets come.
"""

from __future__ import annotations

from fonoteka.connectors.asterisk.ami import AmiSession
from fonoteka.connectors.asterisk.taps import Tap, TapFailed
from fonoteka.domain.errors import ConnectorUnreachable
from fonoteka.wire.ami import AmiMessage

STARTED_WAIT_S = 5.0
OPTIONS = "qEoSu"
"""Quiet; `u`: the party is named by its channel's id, not by the beginning of a name."""


class AmiTapMaker:
    """Implements `TapMaker`. `session` is that of the connection, None while there is none."""

    channel_kinds = ("tap",)
    is_bridged = False

    def __init__(self) -> None:
        self.session: AmiSession | None = None

    async def ask(self, tap: Tap, address: str) -> None:
        """As `TapMaker`."""
        if "," in tap.channel_id:
            raise TapFailed(f"a channel's id that ChanSpy cannot be told: {tap.channel_id}")
        (channel_id,) = tap.made_ids
        response, *events = await originate(
            self._online, channel_id, address, "ChanSpy", f"{tap.channel_id},{OPTIONS}"
        )
        if not events:
            raise TapFailed(response.get("Message"))
        if events[-1].get("Response") != "Success":
            raise TapFailed(f"Originate: reason {events[-1].get('Reason')}")

    async def join(self, tap: Tap) -> None:
        """As `TapMaker`: there is nothing to join."""

    async def hang_up(self, channel_id: str) -> None:
        """As `TapMaker`."""
        await self._online.ask("Hangup", Channel=channel_id)

    async def end_bridge(self, bridge_id: str) -> None:
        """As `TapMaker`: there are none."""

    @property
    def _online(self) -> AmiSession:
        if self.session is None:
            raise ConnectorUnreachable("not connected")
        return self.session


async def originate(
    session: AmiSession, channel_id: str, address: str, application: str, data: str = ""
) -> list[AmiMessage]:
    """Have a channel made that sends A-law to HOST:PORT: the response, then `OriginateResponse`.

    Raises `ConnectorUnreachable`.
    """
    return await session.ask(
        "Originate",
        until="OriginateResponse",
        wait_s=STARTED_WAIT_S,
        Channel=f"UnicastRTP/{address}/c(alaw)",
        ChannelId=channel_id,
        Application=application,
        Data=data,
        Async="true",
    )
