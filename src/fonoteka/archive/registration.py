"""A call becomes known, before its audio is ready."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from fonoteka.archive.archive import Archive
from fonoteka.archive.likeness import NEAR, most_alike
from fonoteka.domain.announced import ANNOUNCING_SOURCES
from fonoteka.domain.call import Call, CallOutcome, Participant, Party, direction_of
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import SpoolCorrupt
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.store import FORMER_ID, Transaction

PARTICIPANTS_MAX = 64
SEGMENTS_MAX = 256
_NUMBER_CHARACTERS_MAX = 128
_NAME_CHARACTERS_MAX = 256
_AOR_CHARACTERS_MAX = 512
_RANK = {
    outcome: rank
    for rank, outcome in enumerate(
        (
            CallOutcome.EXPECTED,
            CallOutcome.MISSING,
            CallOutcome.MISSED,
            CallOutcome.SKIPPED,
            CallOutcome.NOT_KEPT,
            CallOutcome.REFUSED,
            CallOutcome.FAILED,
            CallOutcome.RECORDED,
        )
    )
}
"""What is known of a call from several sources: that it was recorded says more than that it is missing."""


def register_call(archive: Archive, call: Call) -> str:
    """Make the call and its recordings (state processing) known; repeating it changes nothing.

    The id under which the call is known: another than its own when the tenant knows the same source's
    external id already. A call of several recordings is registered once for each: participants come
    together, the span grows, the best outcome counts. Recordings that are known already keep their state.
    What the far end sent is cut to sensible lengths. Raises `SpoolCorrupt` when another tenant has a call
    of that id.
    """
    call = bounded(_directed(call, archive.extension_digits_max))
    with archive.store.transaction() as tx:
        tx.identities.take_turns(call.tenant_id)
        known = _known(tx, call) or _announced(tx, call)
        if known is not None:
            if known.tenant_id != call.tenant_id:
                raise SpoolCorrupt("The id of the call belongs to another tenant.")
            call = replace(_merged(known, call), id=known.id)
            tx.calls.replace(call)
        elif not tx.calls.add(call):
            raise SpoolCorrupt("The id of the call belongs to another tenant.")
        for recording in call.recordings:
            tx.recordings.add(_unshelved(call, recording))
        tx.calls.relist(call.id)
    return call.id


def _known(tx: Transaction, call: Call) -> Call | None:
    """The call as it was registered before, under whatever id."""
    former = tx.identities.of_alias(call.tenant_id, FORMER_ID, call.id)
    return tx.calls.get_locked(former or call.id) or tx.calls.of_external_id_locked(call)


def _announced(tx: Transaction, call: Call) -> Call | None:
    """The call as it was announced, if it was; from now on each finds it by its own id."""
    if call.source in ANNOUNCING_SOURCES:
        return None
    named = tx.identities.of_ids(call.tenant_id, [call.external_id])
    known = tx.calls.get_locked(named) if named else None
    if known is None or known.source not in ANNOUNCING_SOURCES:
        known = _announced_alike(tx, call)
    if known is not None:
        tx.identities.add_alias(call.tenant_id, known.source, known.external_id, known.id)
        tx.identities.add_alias(call.tenant_id, FORMER_ID, call.id, known.id)
    return known


def _announced_alike(tx: Transaction, call: Call) -> Call | None:
    ended_at = call.started_at + timedelta(milliseconds=call.duration_ms)
    numbers = [one.number for one in call.participants]
    near = tx.identities.announced_in(call.tenant_id, call.started_at - NEAR, ended_at + NEAR)
    found = most_alike(tx, call.tenant_id, near, numbers, call.started_at)
    return None if found is None else tx.calls.get_locked(found.id)


def _unshelved(call: Call, recording: Recording) -> Recording:
    return replace(
        recording,
        call_id=call.id,
        tenant_id=call.tenant_id,
        state=RecordingState.PROCESSING,
        object_key=None,
        peaks_key=None,
        error_code=None,
        deleted_at=None,
    )


def _directed(call: Call, extension_digits_max: int) -> Call:
    if call.direction is not Direction.UNKNOWN:
        return call
    calling, called = call.participant(Party.CALLING), call.participant(Party.CALLED)
    if calling is None or called is None:
        return call
    return replace(call, direction=direction_of(calling.number, called.number, extension_digits_max))


def bounded(call: Call) -> Call:
    """With lists and texts of sensible length."""
    people = tuple(
        replace(
            one,
            id=one.id[:_NAME_CHARACTERS_MAX],
            number=one.number[:_NUMBER_CHARACTERS_MAX],
            name=one.name[:_NAME_CHARACTERS_MAX],
            aor=one.aor[:_AOR_CHARACTERS_MAX],
        )
        for one in call.participants[:PARTICIPANTS_MAX]
    )
    return replace(
        call,
        participants=people,
        reason=call.reason[:_NAME_CHARACTERS_MAX],
        external_id=call.external_id[:_AOR_CHARACTERS_MAX],
        segments=call.segments[:SEGMENTS_MAX],
    )


def _merged(known: Call, call: Call) -> Call:
    """What two reports of one call say together; `recordings` are those of the new report."""
    if known.source in ANNOUNCING_SOURCES and call.source not in ANNOUNCING_SOURCES:
        return _taken_over(known, call)
    news = {one.id for one in call.recordings}
    if {one.id for one in known.recordings} <= news and _RANK[call.outcome] >= _RANK[known.outcome]:
        # The same news again, or better ones.
        again = replace(call, external_id=call.external_id or known.external_id)
        return replace(again, outcome=known.outcome, reason=known.reason) if _failed(known, news) else again
    best = max(known, call, key=lambda one: _RANK[one.outcome])
    started_at = min(known.started_at, call.started_at)
    ended_ms = max(_end_ms(known, started_at), _end_ms(call, started_at))
    known_direction = known.direction is not Direction.UNKNOWN
    return replace(
        known,
        direction=known.direction if known_direction else call.direction,
        started_at=started_at,
        duration_ms=ended_ms,
        participants=_together(known.participants, call.participants),
        recordings=call.recordings,
        outcome=best.outcome,
        reason=best.reason,
        decision=best.decision or known.decision or call.decision,
        segments=max(known.segments, call.segments, key=len),
        forwarded_outside=known.forwarded_outside or call.forwarded_outside,
        external_id=known.external_id or call.external_id,
    )


def _taken_over(known: Call, call: Call) -> Call:
    """A call that was only announced, now that a recorder tells of it."""
    best = max(known, call, key=lambda one: _RANK[one.outcome])
    return replace(
        call,
        direction=known.direction if call.direction is Direction.UNKNOWN else call.direction,
        participants=call.participants or known.participants,
        outcome=best.outcome,
        reason=best.reason,
        decision=call.decision or known.decision,
        forwarded_outside=known.forwarded_outside or call.forwarded_outside,
    )


def _failed(known: Call, news: set[str]) -> bool:
    """Whether all the recordings that the news are about failed; `shelve_recording` knows when no more."""
    return known.outcome is CallOutcome.FAILED and {one.id for one in known.recordings} == news != set()


def _end_ms(call: Call, since: datetime) -> int:
    return (call.started_at - since) // timedelta(milliseconds=1) + call.duration_ms


def _together(known: tuple[Participant, ...], new: tuple[Participant, ...]) -> tuple[Participant, ...]:
    by_id = {one.id: one for one in (*known, *new)}
    people = sorted(by_id.values(), key=lambda one: one.party is not Party.CALLING)
    return tuple(people[:PARTICIPANTS_MAX])
