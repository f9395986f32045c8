"""The ways in which a query can be read: by which of its conditions the fewest calls are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
from fonoteka.store.annotation_search import mark_branches, tag_branch
from fonoteka.store.call_filters import state_condition, tenths_of
from fonoteka.store.search_terms import Found, SearchTerms, Term
from fonoteka.store.tables import call_speakers, call_words, calls, recordings
from fonoteka.store.topic_search import topic_branch

BRANCHES_MAX = 24
CANDIDATES_MAX = 4_000
"""So few are looked at one by one; of more at once PostgreSQL would rather read a table whole."""
Branch = Select[Any]


@dataclass(frozen=True, slots=True)
class Way:
    """All calls that fulfil one condition, as an index has them: selects of call_id, mostly with started_at.

    `together` are as few selects as may be; `in_order` the same calls in selects that are each a range of an
    index in the order of the list, none when that would be many. A call may come several times. `by_time`:
    the calls of a span of time can be had without reading all.
    """

    together: tuple[Branch, ...]
    in_order: tuple[Branch, ...] = ()
    by_time: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and how it is to be read; None in its place when it finds nothing.

    `few`: all calls are among these ids (a select), of which there are no more than `CANDIDATES_MAX`. `way`:
    all are on this way, to be read in the order of the list, and on the `others` too; `some`: some are on
    this one. `are_all`: whoever is found by `few`, `way` or `some` is all that the query says of people.
    """

    query: CallQuery
    terms: tuple[Term, ...] = ()
    few: Select[Any] | None = None
    way: Way | None = None
    others: tuple[Way, ...] = ()
    some: Way | None = None
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
    if known.said:
        return Asked(known, terms)
    only_text = len(terms) == len(found) == 1 and found[0].is_exact and not _says_more(known)
    some = next((way_of(tenant_id, one) for one in found if not one.is_all), None)
    ways = [way_of(tenant_id, one) for one in found if one.is_all]
    is_text_alone = only_text and bool(ways)
    ways += _of_facts(tenant_id, known)
    if by_duration and (known.since is not None or known.until is not None):
        ways.append(Way((_of_time(tenant_id, known),), by_time=False))
    if not ways:
        return Asked(known, terms, some=some, are_all=only_text)
    asked = Asked(known, terms, some=some, are_all=is_text_alone and len(ways) == 1)
    if len(ways) == 1 and ways[0].by_time and not by_duration:
        return replace(asked, way=ways[0])
    few = [_ids(one, known) for one in ways]
    counts = [connection.scalar(select(func.count()).select_from(one.subquery())) or 0 for one in few]
    number, fewest = min((number, place) for place, number in enumerate(counts))
    if number <= CANDIDATES_MAX and (by_duration or not ways[fewest].by_time):
        return replace(asked, few=few[fewest])
    by_time = [] if by_duration else [place for place, one in enumerate(ways) if one.by_time]
    if not by_time:
        return asked
    way = ways[min(by_time, key=counts.__getitem__)]
    others = (ways[place] for place in by_time if ways[place].in_order)
    return replace(asked, way=way, others=tuple(one for one in others if one is not way))


def way_of(tenant_id: str, found: Found) -> Way:
    """By speakers and by words."""
    both = (
        (call_speakers, call_speakers.c.speaker_id, found.speaker_ids),
        (call_words, call_words.c.word_id, found.word_ids),
    )
    together: list[Branch] = []
    in_order: list[Branch] = []
    for table, column, ids in both:
        whole = select(table.c.started_at, table.c.call_id).where(table.c.tenant_id == tenant_id)
        if ids:
            together.append(whole.where(_is_one_of(column, ids)))
        if len(found.speaker_ids) + len(found.word_ids) <= BRANCHES_MAX:
            in_order += [whole.where(column == one) for one in ids]
    return Way(tuple(together), tuple(in_order))


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


def _ids(way: Way, query: CallQuery) -> Select[Any]:
    """The ids of up to `CANDIDATES_MAX` + 1 calls of the way; some may come several times."""
    some = [select(in_time(one, query).limit(CANDIDATES_MAX + 1).subquery()) for one in way.together]
    each = (union_all(*some) if len(some) > 1 else some[0]).subquery()
    return select(each.c.call_id).limit(CANDIDATES_MAX + 1)


def _of_facts(tenant_id: str, query: CallQuery) -> Iterator[Way]:
    """By what may be rare of calls and their recordings, each from an index of its own."""
    c, r = calls.c, recordings.c
    of_calls = select(c.started_at, c.id.label("call_id")).where(c.tenant_id == tenant_id)
    if query.source:
        yield _range(of_calls.where(c.source == query.source))
    if query.rule_id:
        yield _range(of_calls.where(c.rule_id == ("" if query.rule_id == NOBODY else query.rule_id)))
    if query.duration_min_ms is not None:
        longer = of_calls.where(c.duration_ms >= query.duration_min_ms)
        longest = query.duration_max_ms
        yield Way((longer if longest is None else longer.where(c.duration_ms <= longest),), by_time=False)
    for one in sorted(query.tag_ids):
        yield _range(tag_branch(tenant_id, one))
    for one in sorted(query.topic_ids):
        yield _range(topic_branch(tenant_id, one))
    if (tenths := tenths_of(query)) is not None:
        branches = tuple(mark_branches(tenant_id, *tenths))
        yield Way(branches, branches if len(branches) <= BRANCHES_MAX else ())
    # When a recording began is not when its call did: these have no time to be narrowed by.
    of_recordings = select(r.call_id).where(r.tenant_id == tenant_id)
    if query.is_held:
        yield Way((of_recordings.where(r.is_held == true()),), by_time=False)
    if query.states == {RecordingState.BINNED}:
        binned = of_recordings.where(r.binned_at.is_not(None), state_condition(query.states))
        yield Way((binned,), by_time=False)
    elif query.states and RecordingState.BINNED not in query.states:
        yield Way((of_recordings.where(state_condition(query.states)),), by_time=False)


def _range(branch: Branch) -> Way:
    return Way((branch,), (branch,))


def _of_time(tenant_id: str, query: CallQuery) -> Branch:
    c = calls.c
    return select(c.started_at, c.id.label("call_id")).where(c.tenant_id == tenant_id)
