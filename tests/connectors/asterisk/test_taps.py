"""A tap of which a part ends before it is whole is no tap, however the PBX's words fall."""

from __future__ import annotations

import asyncio

import pytest

from fonoteka.connectors.asterisk.taps import Tap, TapFailed, Taps


class _Maker:
    """A PBX that says of both channels that they are ready, and of one that it ended, at a chosen moment."""

    channel_kinds = ("snoop", "media")
    is_bridged = True

    def __init__(self, ends_at: str) -> None:
        self.ends_at = ends_at
        self.hung_up: list[str] = []
        self.taps: Taps

    async def ask(self, tap: Tap, address: str) -> None:
        self._end(tap, "asked")
        self.taps.has_started(tap.made_ids[0])
        if self.ends_at != "asked":
            self.taps.has_started(tap.made_ids[1])
        self._end(tap, "started")

    async def join(self, tap: Tap) -> None:
        self._end(tap, "joined")

    async def hang_up(self, channel_id: str) -> None:
        self.hung_up.append(channel_id)

    async def end_bridge(self, bridge_id: str) -> None:
        self.hung_up.append(bridge_id)

    def _end(self, tap: Tap, moment: str) -> None:
        if self.ends_at == moment:
            self.taps.has_ended(tap.made_ids[1])


@pytest.mark.parametrize("moment", ["asked", "started", "joined"])
def test_a_tap_that_loses_a_channel_while_it_is_made_fails_and_leaves_nothing(moment: str) -> None:
    maker = _Maker(moment)
    taps = maker.taps = Taps(maker, "fonoteka")
    with pytest.raises(TapFailed, match="ended"):
        asyncio.run(taps.make("1.1", 4000))
    assert len(maker.hung_up) == 3
    maker.ends_at = "never"
    assert asyncio.run(taps.make("1.1", 4000)).channel_id == "1.1"
