"""The calls among which all are that a query finds: the fewest of which an index tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    select,
    true,
    union_all,
)

from fonoteka.domain.query import NOBODY, CallQuery
from fonoteka.domain.recording import RecordingState
from fonoteka.store.annotation_search import mark_branches, tag_branches
from fonoteka.store.call_filters import state_condition, tenths_of
from fonoteka.store.search_terms import Found, SearchTerms, Term
from fonoteka.store.tables import call_speakers, call_words, calls, recordings
from fonoteka.store.topic_search import topic_branches

CANDIDATES_MAX = 4_000
"""So few are looked at one by one; of more at once PostgreSQL would rather read a table whole."""
Branch = Select[Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and how it is to be read; None in its place when it finds nothing.

    `few`: all calls are among these ids (a select), of which there are no more than `CANDIDATES_MAX`. `who`:
    all are among the calls of these; `some`: some of those who are asked for. `are_all`: whoever is found by
    `few`, `who` or `some` is all that the query says of people.
    """

    query: CallQuery
    terms: tuple[Term, ...] = ()
    few: Select[Any] | None = None
    who: Found | None = None
    some: Found | None = None
    are_all: bool = False


def read_query(
    connection: Connection, tenant_id: str, query: CallQuery, *, by_duration: bool = False
) -> Asked | None:
    """How a query is to be read; `by_duration` when neither speakers nor time give the order."""
    search = SearchTerms(connection)
    known = search.with_tags(tenant_id, query)
    if known is None:
        return None
    terms = search.of_text(tenant_id, known)
    found = search.found(tenant_id, known, terms)
    if any(one.is_nobody for one in found):
        return None
    whole = [one for one in found if one.is_all]
    facts = list(_of_facts(tenant_id, known))
    if by_duration and (known.since is not None or known.until is not None):
        facts.append([_of_time(tenant_id, known)])
    some = next((one for one in found if not one.is_all), None)
    only_text = len(terms) == len(found) == 1 and found[0].is_exact and not _says_more(known)
    if not facts and len(whole) < 2 and not by_duration:
        who = whole[0] if whole else None
        return Asked(known, terms, None, who, some, only_text)
    ways = [[*branches_of(tenant_id, one)] for one in whole] + facts
    few = _fewest(connection, [_ids(one, known) for one in ways])
    who = min(whole, key=lambda one: len(one.speaker_ids) + len(one.word_ids)) if whole else None
    return Asked(known, terms, few, who, some, only_text and bool(whole) and len(ways) == 1)


def branches_of(tenant_id: str, found: Found, together: int = 0) -> Iterator[Branch]:
    """Selects of (started_at, call_id) by speakers and by words; of more than `together` ids one select.

    In that one a call may come several times.
    """
    for table, column, ids in (
        (call_speakers, call_speakers.c.speaker_id, found.speaker_ids),
        (call_words, call_words.c.word_id, found.word_ids),
    ):
        whole = select(table.c.started_at, table.c.call_id).where(table.c.tenant_id == tenant_id)
        if len(ids) > together:
            yield whole.where(_is_one_of(column, ids))
        else:
            yield from (whole.where(column == one) for one in ids)


def in_time(branch: Branch, query: CallQuery) -> Branch:
    """The branch in the time that the query asks for, if it tells of when calls began."""
    started_at = branch.selected_columns.get("started_at")
    if started_at is None:
        return branch
    if query.since is not None:
        branch = branch.where(started_at >= query.since)
    if query.until is not None:
        branch = branch.where(started_at < query.until)
    return branch


def _is_one_of(column: ColumnElement[int], ids: tuple[int, ...]) -> ColumnElement[bool]:
    # Written out: a thousand parameters cost psycopg more than the question costs the database.
    given: BindParameter[int] = bindparam("ids", ids, expanding=True, literal_execute=True, unique=True)
    return column.in_(given)


def _says_more(query: CallQuery) -> bool:
    named = query.group_ids or query.extension
    return bool(named) or query.callers is not None or query.reach is not None


def _ids(branches: Sequence[Branch], query: CallQuery) -> Select[Any]:
    """The ids of up to `CANDIDATES_MAX` + 1 calls of the branches; some may come several times."""
    some = [select(in_time(one, query).limit(CANDIDATES_MAX + 1).subquery()) for one in branches]
    each = (union_all(*some) if len(some) > 1 else some[0]).subquery()
    return select(each.c.call_id).limit(CANDIDATES_MAX + 1)


def _fewest(connection: Connection, ways: Sequence[Select[Any]]) -> Select[Any] | None:
    counts = [connection.scalar(select(func.count()).select_from(one.subquery())) or 0 for one in ways]
    fewest = min(counts, default=CANDIDATES_MAX + 1)
    return None if fewest > CANDIDATES_MAX else ways[counts.index(fewest)]


def _of_facts(tenant_id: str, query: CallQuery) -> Iterator[list[Branch]]:
    """By what may be rare of calls and their recordings, each from an index of its own."""
    c, r = calls.c, recordings.c
    of_calls = select(c.started_at, c.id.label("call_id")).where(c.tenant_id == tenant_id)
    if query.source:
        yield [of_calls.where(c.source == query.source)]
    if query.rule_id:
        yield [of_calls.where(c.rule_id == ("" if query.rule_id == NOBODY else query.rule_id))]
    if query.duration_min_ms is not None:
        longer = of_calls.where(c.duration_ms >= query.duration_min_ms)
        longest = query.duration_max_ms
        yield [longer if longest is None else longer.where(c.duration_ms <= longest)]
    for one in sorted(query.tag_ids):
        yield tag_branches(tenant_id, [one])
    for one in sorted(query.topic_ids):
        yield topic_branches(tenant_id, one)
    if (tenths := tenths_of(query)) is not None:
        yield mark_branches(tenant_id, *tenths)
    # When a recording began is not when its call did: these have no time to be narrowed by.
    of_recordings = select(r.call_id).where(r.tenant_id == tenant_id)
    if query.is_held:
        yield [of_recordings.where(r.is_held == true())]
    if query.states == {RecordingState.BINNED}:
        yield [of_recordings.where(r.binned_at.is_not(None), state_condition(query.states))]
    elif query.states and RecordingState.BINNED not in query.states:
        yield [of_recordings.where(state_condition(query.states))]


def _of_time(tenant_id: str, query: CallQuery) -> Branch:
    c = calls.c
    return select(c.started_at, c.id.label("call_id")).where(c.tenant_id == tenant_id)
