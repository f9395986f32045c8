"""One call as the events tell it: its parties, who talks with whom, what the rules say. Sans I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from fonoteka.connectors.asterisk.call_view import CallView, PartyView, Stretch
from fonoteka.connectors.asterisk.events import Channel
from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.ports import Policy
from fonoteka.domain.rules import Decision, RuleOutcome

PARTIES_MAX = 64
STRETCHES_MAX = 500
REJOIN_NS = 1_000_000_000
"""Asterisk takes Local channels out of the way by moving a party from bridge to bridge: no new stretch."""
TOLD_AFTER_NS = 2_000_000_000
QUEUE_APP = "Queue"
_RANKS = (Party.CALLING, Party.CALLED, Party.CONNECTED, Party.REDIRECTING)


@dataclass(slots=True)
class CallParty:
    """A party's channel. `extension` is empty on a trunk."""

    channel: Channel
    extension: str
    number: str
    bridge_id: str = ""
    is_held: bool = False
    has_joined: bool = False
    is_gone: bool = False


@dataclass(slots=True)
class FollowedCall:
    """A call from its first channel to its last. `serial` orders calls by age."""

    serial: int
    linkedid: str
    started_at: datetime
    policy: Policy
    pbx_host: str
    tenant_id: str = ""
    did: str = ""
    parties: dict[str, CallParty] = field(default_factory=dict)
    forwarders: list[str] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    next_kind: str = ""
    direction: Direction = Direction.UNKNOWN
    decision: Decision | None = None
    is_wanted: bool = False
    was_wanted: bool = False
    reason: str = ""
    is_known: bool = False
    """Whether it is a call between parties by now; until then nobody hears of it."""
    is_over: bool = False
    is_lost: bool = False
    part_of: FollowedCall | None = None
    """The call that this one, a consultation, was joined to by a transfer."""
    _judged: tuple[tuple[str, ...], bool] | None = None

    def add(self, channel: Channel, extension: str) -> CallParty | None:
        """A new party; None past the limit, so that a call that never ends cannot grow without end."""
        if len(self.parties) >= PARTIES_MAX:
            # A queue may ring the same few people for an hour: those who never joined make room.
            gone = next(
                (key for key, one in self.parties.items() if one.is_gone and not one.has_joined), None
            )
            if gone is None:
                return None
            del self.parties[gone]
        if not self.parties and not extension:
            self.did = channel.exten
        party = CallParty(channel, extension, extension or channel.number)
        self.parties[channel.id] = party
        return party

    @property
    def caller(self) -> CallParty:
        """Whoever was there first."""
        return next(iter(self.parties.values()))

    @property
    def is_forwarded_outside(self) -> bool:
        """Whether an outside number was reached through an own extension.

        By the redirection that the trunk's channel carries, or by two parties on trunks in one call.
        """
        outside = sum(1 for one in self.parties.values() if one.has_joined and not one.extension)
        return outside >= 2 or (outside >= 1 and bool(self.forwarders))

    def is_dialed(self, peer: CallParty, number: str, redirecting_from: str) -> None:
        """A party is being dialled."""
        if not peer.extension:
            peer.number = number or peer.number
            if redirecting_from and redirecting_from not in self.forwarders[:PARTIES_MAX]:
                self.forwarders.append(redirecting_from)
                self.next_kind = "forward"
        self.become_known()

    def is_transferred(self, kind: str, at_ns: int) -> None:
        """A blind transfer is told before the parties move, an attended one just afterwards."""
        last = self.stretches[-1] if self.stretches else None
        if (
            kind == "transfer_attended"
            and last
            and last.until_ns is None
            and at_ns - last.since_ns < TOLD_AFTER_NS
        ):
            self.stretches[-1] = Stretch(last.since_ns, None, last.channel_ids, kind)
        else:
            self.next_kind = kind

    def become_part_of(self, call: FollowedCall) -> None:
        """A transfer joined the two: this is a part of that call now, unless it is another tenant's."""
        if self.part_of is not None or self.tenant_id != call.tenant_id:
            return
        self.part_of = call
        if self.caller.extension in {one.extension for one in call.parties.values() if one.extension}:
            self.stretches = [
                replace(one, kind="consultation") if one.kind == "talk" else one for one in self.stretches
            ]

    @property
    def whole(self) -> FollowedCall:
        """The call that it is a part of by now; itself if of none."""
        call = self
        while call.part_of is not None:
            call = call.part_of
        return call

    def become_known(self) -> None:
        """From here on it is a call. Whose it is, is said once and stays."""
        if self.is_known:
            return
        self.is_known = True
        if not self.tenant_id:
            # The other party's number may be another tenant's own: only what our side shows counts.
            numbers = [self.caller.channel.number] if self.caller.extension else [self.did]
            self.tenant_id = self.policy.tenant_of(self.pbx_host, (), [one for one in numbers if one])

    def judge(self, at_ns: int) -> None:
        """Look again at who talks and what the rules say, after any change."""
        self._follow_talk(at_ns)
        joined = [one for one in self.parties.values() if one.has_joined]
        if not joined:
            return
        numbers = tuple(dict.fromkeys(one for one in self._numbers() if one))
        judged = numbers, self.is_forwarded_outside
        if judged != self._judged:
            self._judged = judged
            self._decide(numbers)

    def end(self, at_ns: int, *, is_lost: bool = False) -> None:
        """It is over; only for the first time."""
        if not self.is_over:
            self.is_over, self.is_lost = True, is_lost
            for party in self.parties.values():
                party.is_gone, party.bridge_id = True, ""
            self._follow_talk(at_ns)

    def view(self) -> CallView:
        """What should be true of it now."""
        whole = self.whole
        views = self._party_views()
        return CallView(
            self.serial,
            whole.linkedid,
            self.tenant_id,
            tuple(views if whole is self else self._placed(views, whole)),
            tuple(self.stretches),
            whole.direction,
            whole.is_forwarded_outside,
            self.decision,
            self.reason,
            self.is_over,
            self.is_lost,
        )

    def _party_views(self) -> list[PartyView]:
        shown = [one for one in self.parties.values() if one.has_joined or one is self.caller]
        if len(shown) < 2:  # nobody answered: whom it was for
            shown = list(self.parties.values())
        views = [self._party_view(one, position) for position, one in enumerate(shown)]
        for number in self.forwarders:
            id_ = f"redirecting-{number}"
            views.append(PartyView(id_, id_, Party.REDIRECTING, number, "", False, False, has_joined=False))
        return views

    def _placed(self, views: list[PartyView], whole: FollowedCall) -> list[PartyView]:
        """The parties of this part as they are known in the whole, and those who take part only there.

        Who transferred has a channel in each: that is one extension, and one participant.
        """
        there = whole._party_views()
        by_channel = {one.channel_id: one for one in there}
        by_extension = {
            party.extension: by_channel[id_]
            for id_, party in reversed(whole.parties.items())
            if party.extension and id_ in by_channel
        }
        placed = []
        for one in views:
            party = self.parties.get(one.channel_id)
            same = by_channel.get(one.channel_id) or by_extension.get(party.extension if party else "")
            if same is not None:
                placed.append(replace(one, participant_id=same.participant_id, party=same.party))
            elif one.party is Party.REDIRECTING:
                placed.append(one)
            else:
                placed.append(replace(one, party=Party.CONNECTED))
        ids = {one.participant_id for one in placed}
        rest = [replace(one, is_tapped=False) for one in there if one.participant_id not in ids]
        return sorted([*rest, *placed], key=lambda one: _RANKS.index(one.party))

    def _party_view(self, one: CallParty, position: int) -> PartyView:
        party = (Party.CALLING, Party.CALLED, Party.CONNECTED)[min(position, 2)]
        is_tapped = self.is_wanted and one.has_joined and not one.is_gone
        name = one.channel.caller_name if one.extension or one is self.caller else ""
        id_ = one.channel.id
        return PartyView(id_, id_, party, one.number, name, is_tapped, one.is_held, one.has_joined)

    def _numbers(self) -> Iterable[str]:
        """In the order in which they took part; who forwarded comes before whom it was forwarded to."""
        yield self.caller.number
        yield from self.forwarders
        for one in self.parties.values():
            if one.has_joined:
                yield one.number

    def _follow_talk(self, at_ns: int) -> None:
        talking = tuple(one.channel.id for one in self.parties.values() if one.bridge_id)
        last = self.stretches[-1] if self.stretches else None
        if last and last.until_ns is None:
            if set(last.channel_ids) == set(talking):
                return
            self.stretches[-1] = Stretch(last.since_ns, at_ns, last.channel_ids, last.kind)
            last = self.stretches[-1]
        if len(talking) < 2 or len(self.stretches) >= STRETCHES_MAX:
            return
        if (
            last
            and last.until_ns
            and set(last.channel_ids) == set(talking)
            and at_ns - last.until_ns < REJOIN_NS
        ):
            self.stretches[-1] = Stretch(last.since_ns, None, last.channel_ids, last.kind)
            return
        from_queue = self.caller.channel.app_name == QUEUE_APP
        kind, self.next_kind = self.next_kind or ("queue" if from_queue else "talk"), ""
        self.stretches.append(Stretch(at_ns, None, talking, kind))

    def _decide(self, numbers: Sequence[str]) -> None:
        facts = self.policy.facts_of(
            self.tenant_id,
            self.linkedid,
            self.started_at,
            numbers,
            calling=self.caller.number,
            forwarded_outside=self.is_forwarded_outside,
        )
        self.direction = facts.direction
        decision = self.policy.decide(self.tenant_id, facts)
        if decision.refused_because and self.decision is not None:
            return  # it began while there was room, or was refused already
        self.is_wanted = decision.outcome is not RuleOutcome.SKIP
        if not self.was_wanted or self._is_stronger(decision):
            self.decision = decision
        elif not self.is_wanted:
            self.reason = f"from a transfer on not recorded: {decision.rule_name or 'the default'}"
        self.was_wanted = self.was_wanted or self.is_wanted

    def _is_stronger(self, decision: Decision) -> bool:
        """What is recorded already stays as the decision that began it says, unless now more is wanted."""
        assert self.decision is not None
        strength = (RuleOutcome.SKIP, RuleOutcome.ON_DEMAND, RuleOutcome.RECORD)
        return strength.index(decision.outcome) > strength.index(self.decision.outcome)
