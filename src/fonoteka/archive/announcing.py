"""Calls that a source announces without sound: each becomes a row of the ledger, or is known already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from fonoteka.archive.archive import Archive
from fonoteka.archive.likeness import NEAR, most_alike
from fonoteka.archive.registration import bounded
from fonoteka.domain.announced import ANNOUNCING_SOURCES, AnnouncedCall, Announcement
from fonoteka.domain.call import Call, CallOutcome, Participant, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.forwarding import is_forwarded_outside
from fonoteka.domain.ids import stable_id
from fonoteka.domain.ports import Policy
from fonoteka.domain.rules import RuleOutcome
from fonoteka.store import Transaction

NOBODY_ANSWERED = "nobody answered"
_BY_RULE = {
    RuleOutcome.RECORD: CallOutcome.EXPECTED,
    RuleOutcome.SKIP: CallOutcome.SKIPPED,
    RuleOutcome.ON_DEMAND: CallOutcome.NOT_KEPT,
}
_STRENGTH = (CallOutcome.MISSED, CallOutcome.SKIPPED, CallOutcome.NOT_KEPT, CallOutcome.EXPECTED)
"""Of a call told in several parts (each leg of a transfer is a record of its own) the strongest counts."""


def announce_calls(
    archive: Archive, policy: Policy, calls: Sequence[AnnouncedCall], dry_run: bool = False
) -> tuple[Announcement, ...]:
    """What the ledger says of each, once it was told of them; with `dry_run` what it would say.

    A call that a recorder, an import or another source has told of already is that one row. Any other is
    expected if the rules, asked as the recorder asks them, want it recorded; when its recording does not come
    it is missing (`report_missing`). Repeating it changes nothing.
    """
    claimed: set[str] = set()
    opened = archive.store.reading() if dry_run else archive.store.transaction()
    with opened as tx:
        if not dry_run:
            for tenant_id in sorted({one.tenant_id for one in calls}):
                tx.identities.take_turns(tenant_id)
        return tuple(_Announcing(archive, policy, tx, one, claimed, dry_run).run() for one in calls)


class _Announcing:
    """One call being announced. `claimed` are calls that others of the same dry run turned out to be."""

    def __init__(
        self,
        archive: Archive,
        policy: Policy,
        tx: Transaction,
        told: AnnouncedCall,
        claimed: set[str],
        dry_run: bool,
    ) -> None:
        self._archive, self._policy, self._tx = archive, policy, tx
        self._told, self._claimed, self._dry_run = told, claimed, dry_run

    def run(self) -> Announcement:
        told = self._told
        known = self._known()
        if known is None:
            call = self._judged(self._as_call(), told.was_answered)
            if not self._dry_run:
                self._tx.calls.add(call)
                self._tx.calls.relist(call.id)
            return Announcement(call.id, call.outcome, is_known=False)
        self._claimed.add(known.id)
        if (known.source, known.external_id) != (told.source, told.external_id) and not self._dry_run:
            self._tx.identities.add_alias(told.tenant_id, told.source, told.external_id, known.id)
        if known.source not in ANNOUNCING_SOURCES:
            return Announcement(known.id, known.outcome, is_known=True)
        return self._told_again(known)

    def _known(self) -> Call | None:
        told, find = self._told, self._tx.identities
        found = find.of_alias(told.tenant_id, told.source, told.external_id) or find.of_ids(
            told.tenant_id, (told.external_id, *told.other_ids)
        )
        if found is not None:
            return self._get(found)
        near = find.unannounced_in(
            told.tenant_id, told.started_at - NEAR, told.ended_at + NEAR, told.numbers, told.source
        )
        free = [one for one in near if one not in self._claimed]
        alike = most_alike(self._tx, told.tenant_id, free, told.numbers, told.started_at)
        return None if alike is None else self._get(alike.id)

    def _get(self, call_id: str) -> Call | None:
        if self._dry_run:
            return self._tx.calls.get(self._told.tenant_id, call_id)
        return self._tx.calls.get_locked(call_id)

    def _told_again(self, known: Call) -> Announcement:
        """A call that was only announced so far: what is told now is added."""
        told = self._told
        since = min(known.started_at, told.started_at)
        until = max(known.started_at + timedelta(milliseconds=known.duration_ms), told.ended_at)
        call = replace(
            known,
            started_at=since,
            duration_ms=(until - since) // timedelta(milliseconds=1),
            participants=_together(known.participants, told.participants),
        )
        was_answered = told.was_answered or known.outcome is not CallOutcome.MISSED
        call = bounded(self._judged(call, was_answered))
        is_stronger = _strength(call.outcome) > _strength(known.outcome)
        if not is_stronger:
            call = replace(call, outcome=known.outcome, reason=known.reason, decision=known.decision)
        if call != known and not self._dry_run:
            self._tx.calls.replace(call)
            self._tx.calls.relist(call.id)
            if is_stronger:
                self._tx.calls.restart_waiting(call.id, self._archive.now())
        return Announcement(call.id, call.outcome, is_known=True)

    def _as_call(self) -> Call:
        told = self._told
        name = f"{told.tenant_id}\n{told.source}\n{told.external_id}"
        return bounded(
            Call(
                id=stable_id(told.started_at, name),
                tenant_id=told.tenant_id,
                source=told.source,
                direction=told.direction,
                started_at=told.started_at,
                duration_ms=told.duration_ms,
                participants=told.participants,
                recordings=(),
                created_at=self._archive.now(),
                outcome=CallOutcome.EXPECTED,
                external_id=told.external_id,
            )
        )

    def _judged(self, call: Call, was_answered: bool) -> Call:
        """With what the rules say of it."""
        calling = call.participant(Party.CALLING)
        number = "" if calling is None else calling.number
        numbers = [one.number for one in call.participants if one.number]
        forwarded = is_forwarded_outside(self._policy, call.tenant_id, call.started_at, number, numbers)
        facts = self._policy.facts_of(
            call.tenant_id,
            call.external_id,
            call.started_at,
            numbers,
            calling=number,
            forwarded_outside=forwarded,
        )
        decision = self._policy.decide(call.tenant_id, facts)
        direction = call.direction if facts.direction is Direction.UNKNOWN else facts.direction
        call = replace(call, direction=direction, forwarded_outside=forwarded, decision=decision)
        if not was_answered:
            return replace(call, outcome=CallOutcome.MISSED, reason=NOBODY_ANSWERED)
        return replace(call, outcome=_BY_RULE[decision.outcome], reason="")


def _strength(outcome: CallOutcome) -> int:
    return _STRENGTH.index(outcome) if outcome in _STRENGTH else len(_STRENGTH)


def _together(known: tuple[Participant, ...], new: tuple[Participant, ...]) -> tuple[Participant, ...]:
    """All who took part, each once; the calling one of the earlier account stays first."""
    numbers = {one.number for one in known}
    more = [one for one in new if one.number not in numbers]
    return (
        *known,
        *(
            replace(
                one,
                id=f"{one.id}+{len(known)}",
                party=Party.CONNECTED if one.party is Party.CALLING else one.party,
            )
            for one in more
        ),
    )
