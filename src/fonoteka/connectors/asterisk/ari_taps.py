"""A tap by ARI: a snoop channel that hears one party, bridged to an external media channel that sends RTP.

The snoop ends with its party at once; external media and bridge do not, and are removed by us. A bridge takes
the two only when both are in our application's hands (`StasisStart`); before that it answers 422 at times.
"""

from __future__ import annotations

import asyncio
import logging

from fonoteka.connectors.asterisk.ari import Answer, AriClient
from fonoteka.connectors.asterisk.taps import Tap, TapFailed

_GONE = 404

_log = logging.getLogger(__name__)


class AriTapMaker:
    """Implements `TapMaker`."""

    channel_kinds = ("snoop", "media")
    is_bridged = True

    def __init__(self, ari: AriClient, app: str) -> None:
        self._ari = ari
        self._app = app

    async def ask(self, tap: Tap, address: str) -> None:
        """As `TapMaker`."""
        snoop_id, media_id = tap.made_ids
        answers = await asyncio.gather(
            self._ari.request("POST", "channels", tap.channel_id, "snoop", snoop_id, spy="in", app=self._app),
            self._ari.request(
                "POST",
                "channels",
                "externalMedia",
                channelId=media_id,
                app=self._app,
                external_host=address,
                format="alaw",
                transport="udp",
                encapsulation="rtp",
            ),
            self._ari.request("POST", "bridges", tap.bridge_id, type="mixing"),
            return_exceptions=True,  # all three are through before anything is taken back
        )
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            self._check(answer)

    async def join(self, tap: Tap) -> None:
        """As `TapMaker`."""
        both = ",".join(tap.made_ids)
        self._check(await self._ari.request("POST", "bridges", tap.bridge_id, "addChannel", channel=both))

    async def hang_up(self, channel_id: str) -> None:
        """As `TapMaker`."""
        await self._delete("channels", channel_id)

    async def end_bridge(self, bridge_id: str) -> None:
        """As `TapMaker`."""
        await self._delete("bridges", bridge_id)

    async def _delete(self, kind: str, id_: str) -> None:
        answer = await self._ari.request("DELETE", kind, id_)
        if not answer.is_ok and answer.status != _GONE:
            _log.warning("cannot remove %s: status %d %s", id_, answer.status, answer.value)

    def _check(self, answer: Answer) -> None:
        if not answer.is_ok:
            raise TapFailed(f"status {answer.status}: {answer.value}")
