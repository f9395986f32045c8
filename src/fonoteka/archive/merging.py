"""Two reports of one call: what they say together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from fonoteka.domain.announced import ANNOUNCING_SOURCES
from fonoteka.domain.call import Call, CallOutcome, Participant, Party, Segment
from fonoteka.domain.direction import Direction

PARTICIPANTS_MAX = 64
SEGMENTS_MAX = 256
ROUNDING_MS = 2
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


def merged(known: Call, call: Call) -> Call:
    """What two reports of one call say together; `recordings` are those of the new report."""
    if known.source in ANNOUNCING_SOURCES and call.source not in ANNOUNCING_SOURCES:
        return _taken_over(known, call)
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


def _segments_together(known: Call, call: Call, since: datetime) -> tuple[Segment, ...]:
    """The stretches of two parts of a call, which may overlap, counted from one start; none of them twice."""
    if since == call.started_at and set(known.segments) <= set(call.segments):
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
