"""All calls of a PBX: events in, what should be true of each call out. Sans I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from fonoteka.connectors.asterisk.call_view import CallView
from fonoteka.connectors.asterisk.config import AsteriskConfig
from fonoteka.connectors.asterisk.events import (
    Bridge,
    Channel,
    Created,
    Destroyed,
    Dialed,
    Entered,
    Event,
    HoldChanged,
    Left,
    TapStarted,
    Transferred,
)
from fonoteka.connectors.asterisk.followed_call import CallParty, FollowedCall
from fonoteka.domain.ports import Policy

CALLS_MAX = 10_000


class CallBook:
    """Follows every call. Channels in one bridge are one call, the oldest, as Asterisk's linkedid has it."""

    def __init__(self, config: AsteriskConfig, policy: Policy, now: Callable[[], datetime]) -> None:
        self._config = config
        self._policy = policy
        self._now = now
        self._calls: dict[int, FollowedCall] = {}
        self._by_channel: dict[str, FollowedCall] = {}
        self._by_linkedid: dict[str, FollowedCall] = {}
        self._serial = 0
        self._touched: dict[int, FollowedCall] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def knows(self, channel_id: str) -> bool:
        """Whether the channel is a party of a call."""
        return channel_id in self._by_channel

    def take(self, event: Event, at_ns: int) -> list[CallView]:
        """What an event changes: the calls concerned, as they should be now. Those over are forgotten."""
        match event:
            case Created(channel):
                self._party(channel)
            case Dialed():
                self._dial(event)
            case Entered(bridge_id, members, channel):
                self._enter(bridge_id, members, channel)
            case Left(bridge_id, channel):
                self._leave(bridge_id, channel.id)
            case Transferred():
                self._transfer(event, at_ns)
            case HoldChanged(channel, held):
                self._hold(channel.id, held)
            case Destroyed(channel):
                self._gone(channel.id)
            case TapStarted():
                pass
        return self._views(at_ns)

    def resync(self, channels: Iterable[Channel], bridges: Iterable[Bridge], at_ns: int) -> list[CallView]:
        """What the PBX has now, after events were missed."""
        here = {one.id: one for one in channels}
        for channel_id in [one for one in self._by_channel if one not in here]:
            call = self._by_channel[channel_id]
            self._gone(channel_id)
            if all(one.is_gone for one in call.parties.values()):
                call.is_lost = True
        for channel in here.values():
            self._party(channel)
        talking = [one for one in bridges if one.kind != "holding"]
        members = {member: one.id for one in talking for member in one.members}
        for channel_id, call in list(self._by_channel.items()):
            party = call.parties[channel_id]
            if party.bridge_id and members.get(channel_id) != party.bridge_id:
                self._leave(party.bridge_id, channel_id)
        for bridge in talking:
            for member in bridge.members:
                if member in here:
                    self._enter(bridge.id, bridge.members, here[member])
        return self._views(at_ns)

    def give_up(self, serial: int, at_ns: int) -> list[CallView]:
        """The call is over, though the PBX did not say so."""
        if call := self._calls.get(serial):
            self._touched[serial] = call
            call.end(at_ns, is_lost=True)
        return self._views(at_ns)

    def views(self) -> list[CallView]:
        """Every call that is known by now."""
        return [one.view() for one in self._calls.values() if one.is_known]

    def _views(self, at_ns: int) -> list[CallView]:
        touched, self._touched = self._touched, {}
        found = []
        for call in touched.values():
            is_lost = call.is_lost
            if call.parties and all(one.is_gone for one in call.parties.values()):
                self._judge_at_end(call)
                call.end(at_ns, is_lost=is_lost)
            elif call.is_known:
                call.judge(at_ns)
            if call.is_over:
                self._forget(call)
            if call.is_known:
                found.append(call.view())
        return found

    def _judge_at_end(self, call: FollowedCall) -> None:
        """A caller from outside who reached nobody is a call as well, and a missed one."""
        if not call.caller.extension and call.did:
            call.become_known()

    def _forget(self, call: FollowedCall) -> None:
        self._calls.pop(call.serial, None)
        if self._by_linkedid.get(call.linkedid) is call:
            del self._by_linkedid[call.linkedid]
        for channel_id in call.parties:
            if self._by_channel.get(channel_id) is call:
                del self._by_channel[channel_id]

    def _party(self, channel: Channel) -> CallParty | None:
        """The party at a channel, found or made; None for a channel with nobody at its end."""
        call = self._by_channel.get(channel.id)
        if call is None:
            if not channel.is_party:
                return None
            call = self._by_linkedid.get(channel.linkedid) or self._new_call(channel)
            if call is None:
                return None
            if call.add(channel, self._config.extension_of(channel.endpoint)) is None:
                return None
            self._by_channel[channel.id] = call
        self._touched[call.serial] = call
        party = call.parties[channel.id]
        party.channel = channel
        party.number = party.number or channel.number
        return party

    def _new_call(self, channel: Channel) -> FollowedCall | None:
        if len(self._calls) >= CALLS_MAX:
            return None
        self._serial += 1
        linkedid = channel.linkedid or channel.id
        call = FollowedCall(self._serial, linkedid, self._now(), self._policy, self._config.host)
        call.tenant_id = self._config.tenant
        self._calls[call.serial] = self._by_linkedid[linkedid] = call
        return call

    def _dial(self, event: Dialed) -> None:
        caller = event.caller and self._party(event.caller)
        if self._party(event.peer) is None:
            return
        if caller and not event.peer.linkedid:
            self._adopt(event.peer.id, self._by_channel[caller.channel.id])
        call = self._by_channel[event.peer.id]
        call.is_dialed(call.parties[event.peer.id], event.number, event.peer.redirecting_from)

    def _adopt(self, channel_id: str, call: FollowedCall) -> None:
        """Without a linkedid a channel seems a call of its own, until somebody is seen to dial it."""
        own = self._by_channel[channel_id]
        if own is not call and not own.is_known and len(own.parties) == 1:
            party = own.parties[channel_id]
            if call.add(party.channel, party.extension) is not None:
                self._forget(own)
                self._touched.pop(own.serial, None)
                self._by_channel[channel_id] = call
                self._touched[call.serial] = call

    def _enter(self, bridge_id: str, members: tuple[str, ...], channel: Channel) -> None:
        party = self._party(channel)
        if party is None:
            return
        party.bridge_id, party.has_joined = bridge_id, True
        self._by_channel[channel.id].become_known()
        calls = {one.serial: one for one in map(self._by_channel.get, members) if one}
        if len(calls) > 1:
            eldest = self._goes_on_as(calls[min(calls)])
            for member in members:
                call = self._by_channel.get(member)
                if call is not None and call is not eldest:
                    self._move(member, call, eldest)
                    call.become_part_of(eldest)

    def _goes_on_as(self, call: FollowedCall) -> FollowedCall:
        """The call that others join who come to this one."""
        return call if call.whole.is_over else call.whole

    def _move(self, channel_id: str, source: FollowedCall, target: FollowedCall) -> None:
        party = source.parties[channel_id]
        moved = target.add(party.channel, party.extension)
        if moved is None:
            return
        moved.number, moved.bridge_id, moved.has_joined = party.number, party.bridge_id, party.has_joined
        party.is_gone, party.bridge_id = True, ""
        self._by_channel[channel_id] = target
        self._touched[source.serial] = source
        self._touched[target.serial] = target

    def _leave(self, bridge_id: str, channel_id: str) -> None:
        call = self._by_channel.get(channel_id)
        if call is not None and call.parties[channel_id].bridge_id == bridge_id:
            call.parties[channel_id].bridge_id = ""
            self._touched[call.serial] = call

    def _transfer(self, event: Transferred, at_ns: int) -> None:
        """Who transfers leaves; those who stay are one call from here on, the eldest.

        Mostly they have met in a bridge by now. Where the bridges stay apart (Asterisk joins them by a Local
        channel), and where the target is still ringing, only the event tells.
        """
        named = map(self._by_channel.get, (*event.transferer_ids, *event.channel_ids))
        calls = {one.serial: one for one in named if one}
        if not calls:
            return
        eldest = self._goes_on_as(calls[min(calls)])
        for serial, call in calls.items():
            if call is not eldest:
                for channel_id in event.channel_ids:
                    if self._by_channel.get(channel_id) is call:
                        self._move(channel_id, call, eldest)
                call.become_part_of(eldest)
            self._touched[serial] = call
        eldest.is_transferred(event.kind, at_ns)
        self._touched[eldest.serial] = eldest

    def _hold(self, channel_id: str, held: bool) -> None:
        if call := self._by_channel.get(channel_id):
            call.parties[channel_id].is_held = held
            self._touched[call.serial] = call

    def _gone(self, channel_id: str) -> None:
        call = self._by_channel.pop(channel_id, None)
        if call is not None:
            party = call.parties[channel_id]
            party.is_gone, party.bridge_id = True, ""
            self._touched[call.serial] = call
