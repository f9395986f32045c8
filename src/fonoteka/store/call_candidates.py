"""Few calls among which all are that a query finds: where looking at each of them is the fastest."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select, true

from fonoteka.domain.query import NOBODY, CallQuery
from fonoteka.domain.recording import RecordingState
from fonoteka.store.call_filters import state_condition
from fonoteka.store.speakers import Speakers
from fonoteka.store.tables import call_speakers, calls, recordings

CANDIDATES_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Candidates:
    """How a query is to be read.

    `terms` are what its text asks for. All calls that it finds are among `call_ids` (None: they are not so
    few), and one of `speaker_ids` takes part in each (None: more than a thousand may). `are_all` when the
    first condition about people is the only one, and these are just those who fulfil it.
    """

    terms: tuple[str, ...]
    call_ids: tuple[str, ...] | None = None
    speaker_ids: tuple[int, ...] | None = None
    are_all: bool = False


def candidates_of(
    connection: Connection, tenant_id: str, query: CallQuery, *, of_time: bool = False
) -> Candidates:
    """The fewest candidates that an index tells of; with `of_time` all of the query's time may be these."""
    speakers = Speakers(connection)
    terms = speakers.terms(tenant_id, query)
    sets = speakers.of_query(tenant_id, query, terms)
    if any(some is not None and not some for some in sets):
        return Candidates(terms, ())
    known = [tuple(sorted(some)) for some in sets if some]
    ways = [*(_of_speakers(tenant_id, some, query) for some in known), *_of_facts(tenant_id, query)]
    if of_time and (query.since is not None or query.until is not None):
        ways.append(_of_time(tenant_id, query))
    few = _fewest(connection, ways)
    only_text = (
        len(terms) == 1
        and len(known) == len(sets) == 1
        and query.callers is None
        and NOBODY not in (query.group_id, query.extension)
    )
    if few is not None:
        return Candidates(terms, few, None, only_text and len(ways) == 1)
    fewest = min(known, key=len) if known else None
    return Candidates(terms, None, fewest, only_text and fewest is not None)


def _fewest(connection: Connection, ways: Sequence[Select[Any]]) -> tuple[str, ...] | None:
    if not ways:
        return None
    best = ways[0]
    if len(ways) > 1:
        counts = [
            connection.scalar(select(func.count()).select_from(one.limit(CANDIDATES_MAX + 1).subquery()))
            for one in ways
        ]
        number = min(int(one or 0) for one in counts)
        if number > CANDIDATES_MAX:
            return None
        best = ways[[int(one or 0) for one in counts].index(number)]
    ids = connection.scalars(best.limit(CANDIDATES_MAX + 1)).all()
    return None if len(ids) > CANDIDATES_MAX else tuple(dict.fromkeys(ids))


def _of_speakers(tenant_id: str, speaker_ids: Collection[int], query: CallQuery) -> Select[Any]:
    c = call_speakers.c
    found = select(c.call_id).where(c.tenant_id == tenant_id, c.speaker_id.in_(sorted(speaker_ids)))
    return _in_time(found, c.started_at, query)


def _of_facts(tenant_id: str, query: CallQuery) -> Iterator[Select[Any]]:
    """By what is rare of calls and their recordings, each from an index of its own."""
    c, r = calls.c, recordings.c
    of_calls = _of_time(tenant_id, query)
    if query.source:
        yield of_calls.where(c.source == query.source)
    if query.rule_id:
        yield of_calls.where(c.rule_id == ("" if query.rule_id == NOBODY else query.rule_id))
    if query.duration_min_ms is not None:
        longer = of_calls.where(c.duration_ms >= query.duration_min_ms)
        yield (
            longer if query.duration_max_ms is None else longer.where(c.duration_ms <= query.duration_max_ms)
        )
    of_recordings = select(r.call_id).where(r.tenant_id == tenant_id)
    if query.is_held:
        yield of_recordings.where(r.is_held == true())
    if query.states == {RecordingState.BINNED}:
        yield of_recordings.where(r.binned_at.is_not(None), state_condition(query.states))
    elif query.states and RecordingState.BINNED not in query.states:
        yield of_recordings.where(state_condition(query.states))


def _of_time(tenant_id: str, query: CallQuery) -> Select[Any]:
    return _in_time(select(calls.c.id).where(calls.c.tenant_id == tenant_id), calls.c.started_at, query)


def _in_time(found: Select[Any], started_at: Any, query: CallQuery) -> Select[Any]:
    if query.since is not None:
        found = found.where(started_at >= query.since)
    if query.until is not None:
        found = found.where(started_at < query.until)
    return found
