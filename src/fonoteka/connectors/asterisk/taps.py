"""A tap: channels that we make in the PBX, which hear one party and send RTP to us.

What a tap is made of is the transport's affair (`TapMaker`); here are its names, its beginning and its end.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from fonoteka.connectors.asterisk import metrics
from fonoteka.connectors.asterisk.events import Bridge, Channel
from fonoteka.domain.errors import ConnectorUnreachable

START_WAIT_S = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tap:
    """What we made in the PBX for one party's channel; `bridge_id` holds our channels, empty for none."""

    channel_id: str
    made_ids: tuple[str, ...]
    bridge_id: str


class TapFailed(Exception):
    """The PBX did not make it; the party may be gone."""


class TapMaker(Protocol):
    """What is asked of the PBX for taps. All raise `ConnectorUnreachable`."""

    @property
    def channel_kinds(self) -> tuple[str, ...]:
        """Of the channels that make a tap; each says by `TapStarted` when it is ready."""

    @property
    def is_bridged(self) -> bool:
        """Whether they are in a bridge of ours."""

    async def ask(self, tap: Tap, address: str) -> None:
        """Have the channels made, sending A-law in packets of 20 ms to HOST:PORT. Raises `TapFailed`."""

    async def join(self, tap: Tap) -> None:
        """Join the channels, which are ready now. Raises `TapFailed`."""

    async def hang_up(self, channel_id: str) -> None:
        """End a channel of ours; what is gone already is no error."""

    async def end_bridge(self, bridge_id: str) -> None:
        """End a bridge of ours; what is gone already is no error."""


class Taps:
    """Makes and removes taps. All ids begin with the application's name and a mark of this process."""

    def __init__(self, maker: TapMaker, app: str) -> None:
        self._maker = maker
        self._app = app
        self._mark = f"{app}-{secrets.token_hex(3)}-"
        self._numbers = itertools.count(1)
        self._starting: dict[str, asyncio.Future[None]] = {}
        self._lost: set[str] = set()
        """Channels that ended before their tap was whole."""
        self._owners: dict[str, Tap] = {}
        self.media_address = ""

    async def make(self, channel_id: str, rtp_port: int) -> Tap:
        """Send what the party at `channel_id` says to `rtp_port` of ours.

        Raises `TapFailed`, `ConnectorUnreachable`; nothing is left in the PBX then.
        """
        tap = self._named(channel_id, next(self._numbers))
        loop = asyncio.get_running_loop()
        started = {one: loop.create_future() for one in tap.made_ids}
        self._starting |= started
        self._owners |= dict.fromkeys(tap.made_ids, tap)
        metrics.TAPS.inc()
        try:
            await self._maker.ask(tap, f"{self._host()}:{rtp_port}")
            async with asyncio.timeout(START_WAIT_S):
                await asyncio.gather(*started.values())
            await self._maker.join(tap)
            if not self._lost.isdisjoint(tap.made_ids):
                raise TapFailed(f"{channel_id}: it ended while it was being made")
        except TimeoutError as error:
            await self.remove(tap)
            raise TapFailed(f"{channel_id}: it does not start") from error
        except (TapFailed, ConnectorUnreachable, asyncio.CancelledError):
            await self.remove(tap)
            raise
        finally:
            for one in tap.made_ids:
                self._starting.pop(one, None)
                self._lost.discard(one)
        return tap

    async def remove(self, tap: Tap) -> None:
        """Take everything of a tap out of the PBX; what is gone already is no error.

        What cannot be removed now is found by its name at the next connection.
        """
        if self._owners.get(tap.made_ids[0]) is tap:
            for one in tap.made_ids:
                del self._owners[one]
            metrics.TAPS.dec()
        try:
            for one in reversed(tap.made_ids):
                await self._maker.hang_up(one)
            if tap.bridge_id:
                await self._maker.end_bridge(tap.bridge_id)
        except ConnectorUnreachable:
            return

    def has_started(self, channel_id: str) -> None:
        """A channel of ours is ready."""
        waiting = self._starting.get(channel_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def has_ended(self, channel_id: str) -> None:
        """A channel of ours is gone; a tap that is still being made fails by it."""
        waiting = self._starting.get(channel_id)
        if waiting is not None:
            self._lost.add(channel_id)
            self.has_started(channel_id)  # nobody waits for it any longer

    def owner_of(self, channel_id: str) -> Tap | None:
        """The tap that a channel belongs to."""
        return self._owners.get(channel_id)

    def is_whole(self, tap: Tap, channels: Iterable[Channel], bridges: Iterable[Bridge]) -> bool:
        """Whether all of a tap is still there."""
        here = {one.id for one in channels}
        if tap.bridge_id:
            here &= next((set(one.members) for one in bridges if one.id == tap.bridge_id), set[str]())
        return here.issuperset(tap.made_ids)

    async def remove_leftovers(self, channels: Iterable[Channel], bridges: Iterable[Bridge]) -> int:
        """Remove what earlier connections or processes of this application left; how many there were."""
        taps = self._owners.values()
        live = {one for tap in taps for one in (*tap.made_ids, tap.bridge_id)}
        prefix = f"{self._app}-"
        dead = [one.id for one in channels if one.id.startswith(prefix) and one.id not in live]
        empty = [one.id for one in bridges if one.id.startswith(prefix) and one.id not in live]
        await asyncio.gather(*map(self._maker.hang_up, dead), *map(self._maker.end_bridge, empty))
        return len(dead) + len(empty)

    def _named(self, channel_id: str, number: int) -> Tap:
        made = tuple(f"{self._mark}{kind}-{number}" for kind in self._maker.channel_kinds)
        return Tap(channel_id, made, f"{self._mark}bridge-{number}" if self._maker.is_bridged else "")

    def _host(self) -> str:
        return f"[{self.media_address}]" if ":" in self.media_address else self.media_address
