"""A call becomes known, before its audio is ready."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from fonoteka.archive.archive import Archive
from fonoteka.domain.call import Call, CallOutcome, Participant, Party, Segment, direction_of
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import SpoolCorrupt
from fonoteka.domain.recording import Recording, RecordingState

PARTICIPANTS_MAX = 64
SEGMENTS_MAX = 256
ROUNDING_MS = 2
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
    call = _bounded(_directed(call, archive.extension_digits_max))
    with archive.store.transaction() as tx:
        if not tx.calls.add(call):
            known = tx.calls.of_external_id_locked(call) or tx.calls.get_locked(call.id)
            assert known is not None, "rows of calls are never removed"
            if known.tenant_id != call.tenant_id:
                raise SpoolCorrupt("The id of the call belongs to another tenant.")
            call = replace(_merged(known, call), id=known.id)
            tx.calls.replace(call)
        for recording in call.recordings:
            tx.recordings.add(_unshelved(call, recording))
        tx.calls.relist(call.id)
    return call.id


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


def _bounded(call: Call) -> Call:
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
    news = {one.id for one in call.recordings}
    if {one.id for one in known.recordings} <= news and _RANK[call.outcome] >= _RANK[known.outcome]:
        # The same news again, or better ones.
        segments = _segments_together(known, call, call.started_at)
        again = replace(call, external_id=call.external_id or known.external_id, segments=segments)
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
        segments=_segments_together(known, call, started_at),
        forwarded_outside=known.forwarded_outside or call.forwarded_outside,
        external_id=known.external_id or call.external_id,
    )


def _segments_together(known: Call, call: Call, since: datetime) -> tuple[Segment, ...]:
    """The stretches of two parts of a call, which may overlap, counted from one start; none of them twice."""
    if set(known.segments) <= set(call.segments):
        return call.segments
    found: list[Segment] = []
    for one in (*_shifted(known, since), *_shifted(call, since)):
        if not any(_is_same(one, other) for other in found):
            found.append(one)
    return tuple(sorted(found, key=lambda one: one.since_ms)[:SEGMENTS_MAX])


def _shifted(call: Call, since: datetime) -> list[Segment]:
    by_ms = (call.started_at - since) // timedelta(milliseconds=1)
    return [
        replace(
            one,
            since_ms=max(0, one.since_ms + by_ms),
            until_ms=max(0, (call.duration_ms if one.until_ms is None else one.until_ms) + by_ms),
        )
        for one in call.segments
    ]


def _is_same(one: Segment, other: Segment) -> bool:
    """Told twice; shifting rounds to milliseconds."""
    return (one.participant_ids, one.kind) == (other.participant_ids, other.kind) and abs(
        one.since_ms - other.since_ms
    ) <= ROUNDING_MS


def _failed(known: Call, news: set[str]) -> bool:
    """Whether all the recordings that the news are about failed; `shelve_recording` knows when no more."""
    return known.outcome is CallOutcome.FAILED and {one.id for one in known.recordings} == news != set()


def _end_ms(call: Call, since: datetime) -> int:
    return (call.started_at - since) // timedelta(milliseconds=1) + call.duration_ms


def _together(known: tuple[Participant, ...], new: tuple[Participant, ...]) -> tuple[Participant, ...]:
    by_id = {one.id: one for one in (*known, *new)}
    people = sorted(by_id.values(), key=lambda one: one.party is not Party.CALLING)
    return tuple(people[:PARTICIPANTS_MAX])
