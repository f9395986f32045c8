"""A tap: a snoop channel that hears one party, bridged to an external media channel that sends RTP to us.

The snoop ends with its party at once; external media and bridge do not, and are removed here. A bridge takes
the two only when both are in our application's hands (`StasisStart`); before that it answers 422 at times.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from fonoteka.connectors.asterisk import metrics
from fonoteka.connectors.asterisk.ari import Answer, AriClient
from fonoteka.connectors.asterisk.events import Bridge, Channel
from fonoteka.domain.errors import ConnectorUnreachable

START_WAIT_S = 5.0
_GONE = 404

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tap:
    """The ids of what we made in the PBX for one party's channel."""

    channel_id: str
    snoop_id: str
    media_id: str
    bridge_id: str


class TapFailed(Exception):
    """The PBX did not make it; the party may be gone."""


class Taps:
    """Makes and removes taps. All ids begin with the application's name and a mark of this process."""

    def __init__(self, ari: AriClient, app: str) -> None:
        self._ari = ari
        self._app = app
        self._mark = f"{app}-{secrets.token_hex(3)}-"
        self._numbers = itertools.count(1)
        self._starting: dict[str, asyncio.Future[None]] = {}
        self._owners: dict[str, Tap] = {}
        self.media_address = ""

    async def make(self, channel_id: str, rtp_port: int) -> Tap:
        """Send what the party at `channel_id` says to `rtp_port` of ours as A-law, 20 ms a packet.

        Raises `TapFailed`, `ConnectorUnreachable`; nothing is left in the PBX then.
        """
        number = next(self._numbers)
        tap = Tap(channel_id, *(f"{self._mark}{kind}-{number}" for kind in ("snoop", "media", "bridge")))
        loop = asyncio.get_running_loop()
        started = [loop.create_future() for _ in range(2)]
        self._starting |= {tap.snoop_id: started[0], tap.media_id: started[1]}
        self._owners |= {tap.snoop_id: tap, tap.media_id: tap}
        metrics.TAPS.inc()
        try:
            await self._ask(tap, rtp_port)
            async with asyncio.timeout(START_WAIT_S):
                await asyncio.gather(*started)
            both = f"{tap.snoop_id},{tap.media_id}"
            self._check(await self._ari.request("POST", "bridges", tap.bridge_id, "addChannel", channel=both))
        except TimeoutError as error:
            await self.remove(tap)
            raise TapFailed(f"{channel_id}: no StasisStart") from error
        except (TapFailed, ConnectorUnreachable, asyncio.CancelledError):
            await self.remove(tap)
            raise
        finally:
            self._starting.pop(tap.snoop_id, None)
            self._starting.pop(tap.media_id, None)
        return tap

    async def remove(self, tap: Tap) -> None:
        """Take everything of a tap out of the PBX; what is gone already is no error.

        What cannot be removed now is found by its name at the next connection.
        """
        if self._owners.pop(tap.snoop_id, None):
            del self._owners[tap.media_id]
            metrics.TAPS.dec()
        for kind, id_ in (("channels", tap.media_id), ("channels", tap.snoop_id), ("bridges", tap.bridge_id)):
            try:
                answer = await self._ari.request("DELETE", kind, id_)
            except ConnectorUnreachable:
                return
            if not answer.is_ok and answer.status != _GONE:
                _log.warning("cannot remove %s: status %d %s", id_, answer.status, answer.value)

    def has_started(self, channel_id: str) -> None:
        """A channel came into our hands."""
        waiting = self._starting.get(channel_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def owner_of(self, channel_id: str) -> Tap | None:
        """The tap that a channel belongs to."""
        return self._owners.get(channel_id)

    def is_whole(self, tap: Tap, channels: Iterable[Channel], bridges: Iterable[Bridge]) -> bool:
        """Whether all of a tap is still there."""
        members = next((set(one.members) for one in bridges if one.id == tap.bridge_id), set[str]())
        return {tap.snoop_id, tap.media_id} <= members & {one.id for one in channels}

    async def remove_leftovers(self, channels: Iterable[Channel], bridges: Iterable[Bridge]) -> int:
        """Remove what earlier connections or processes of this application left; how many there were."""
        live = {id_ for tap in self._owners.values() for id_ in (tap.snoop_id, tap.media_id, tap.bridge_id)}
        dead = [("channels", one.id) for one in channels] + [("bridges", one.id) for one in bridges]
        dead = [(kind, id_) for kind, id_ in dead if id_.startswith(f"{self._app}-") and id_ not in live]
        await asyncio.gather(*(self._ari.request("DELETE", kind, id_) for kind, id_ in dead))
        return len(dead)

    async def _ask(self, tap: Tap, rtp_port: int) -> None:
        answers = await asyncio.gather(
            self._ari.request(
                "POST", "channels", tap.channel_id, "snoop", tap.snoop_id, spy="in", app=self._app
            ),
            self._ari.request(
                "POST",
                "channels",
                "externalMedia",
                channelId=tap.media_id,
                app=self._app,
                external_host=f"{self._host()}:{rtp_port}",
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

    def _host(self) -> str:
        return f"[{self.media_address}]" if ":" in self.media_address else self.media_address

    def _check(self, answer: Answer) -> None:
        if not answer.is_ok:
            raise TapFailed(f"status {answer.status}: {answer.value}")
