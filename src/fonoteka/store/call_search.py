"""Rows of calls that a query finds, in the order of the list, and how many they are.

Three ways to read, so that no question looks at every call of a tenant:
  * straight from an index, one branch for each outcome and direction that the query names;
  * from those who took part, when the query has a text that few speakers have: their calls, newest first;
  * newest calls first, looking at each, when the text is one that many speakers have.
Whatever is looked at is limited in a subquery of its own first: so neither database's planner can turn the
question round and begin with a whole index, with statistics or without.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    select,
    union_all,
)

from fonoteka.domain.call import CallOutcome
from fonoteka.domain.direction import Direction
from fonoteka.domain.query import LISTED_OUTCOMES, CallQuery, CallTotals
from fonoteka.store.call_filters import conditions_of, kind_conditions, people_conditions, time_and_kind
from fonoteka.store.call_order import Order, stretches_of
from fonoteka.store.call_tallies import CallTallies, whole_days
from fonoteka.store.paging import Position
from fonoteka.store.speakers import Speakers
from fonoteka.store.tables import call_speakers, calls
from fonoteka.store.transcript_search import SAID_MAX, TranscriptSearch

COUNTED_MAX = 2_000
"""Of calls found by a text so many are looked at to count them; then it is told that there are more."""
_LOOKED_AT_FIRST, _LOOKED_AT_MAX = 1_000, 4_000
"""Of more at once PostgreSQL would rather read all who ever took part."""
_BRANCHES_MAX = 24
_ROUND_FACTOR, _POSTINGS_MAX = 8, 20_000


class CallSearch:
    """Answers queries of one tenant's calls."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._speakers = Speakers(connection)
        self._search = TranscriptSearch(connection)

    def rows(self, tenant_id: str, query: CallQuery, order: Order, limit: int) -> Sequence[Row[Any]]:
        """Up to `limit` rows of `calls`."""
        if query.said:
            return self._saying(tenant_id, query, order, limit)
        if not _names_people(query):
            return self._connection.execute(_of_kinds(tenant_id, query, order, limit, *calls.c)).all()
        speakers = self._speakers.of_query(tenant_id, query)
        looked = (
            self._calls_of(tenant_id, speakers.ids, query, order, limit)
            if speakers.is_all
            else self._looked_through(tenant_id, query, order, limit)
        )
        found: list[Row[Any]] = []
        for some in looked:
            found += some
            if len(found) >= limit:
                break
        return found[:limit]

    def totals(self, tenant_id: str, query: CallQuery) -> CallTotals:
        """How many calls the query finds and how long they are together; see `COUNTED_MAX`."""
        if query.said:
            return self._totals_of_saying(tenant_id, query)
        if not _names_people(query):
            if query.windows or query.known_by is not None:
                return self._counted(tenant_id, query, query.since, query.until)
            return self._totals_of_days(tenant_id, query)
        speakers = self._speakers.of_query(tenant_id, query)
        if speakers.is_all:
            return self._totals_of_speakers(tenant_id, speakers.ids, query)
        # At least what the newest calls come to, or what some of the speakers do.
        newest = self._totals_of_newest(tenant_id, query)
        if newest.is_exact:
            return newest
        some = self._totals_of_speakers(tenant_id, speakers.ids, query)
        return replace(max(newest, some, key=lambda one: one.calls), is_exact=False)

    def _saying(self, tenant_id: str, query: CallQuery, order: Order, limit: int) -> Sequence[Row[Any]]:
        """Among the newest calls in which it was said."""
        ids = self._search.call_ids(tenant_id, query.said, query.since, query.until)
        found = select(calls).where(
            calls.c.id.in_(ids),
            *conditions_of(tenant_id, query),
            *order.beyond(calls.c.started_at, calls.c.id),
        )
        found = found.order_by(*order.by(calls.c.started_at, calls.c.id)).limit(limit)
        return self._connection.execute(found).all() if ids else []

    def _totals_of_saying(self, tenant_id: str, query: CallQuery) -> CallTotals:
        ids = self._search.call_ids(tenant_id, query.said, query.since, query.until)
        counted = select(func.count(), func.coalesce(func.sum(calls.c.duration_ms), 0)).where(
            calls.c.id.in_(ids), *conditions_of(tenant_id, query)
        )
        count, duration_ms = self._connection.execute(counted).one()
        return CallTotals(int(count), int(duration_ms), len(ids) < SAID_MAX)

    def _calls_of(
        self, tenant_id: str, speaker_ids: tuple[int, ...], query: CallQuery, order: Order, limit: int
    ) -> Iterator[Sequence[Row[Any]]]:
        """Calls of the speakers, some at a time: what the query leaves out makes the next look wider."""
        if not speaker_ids:
            return
        stretches: Iterable[CallQuery] = [query]
        if len(speaker_ids) > _BRANCHES_MAX:
            stretches = stretches_of(query, order, self._ends(tenant_id))
        for stretch in stretches:
            yield from self._calls_in(tenant_id, speaker_ids, stretch, order, limit)

    def _calls_in(
        self, tenant_id: str, speaker_ids: tuple[int, ...], query: CallQuery, order: Order, limit: int
    ) -> Iterator[Sequence[Row[Any]]]:
        most = 2 * limit
        while True:
            postings = _postings(tenant_id, speaker_ids, query, order, most)
            some = postings.subquery()
            found = select(calls).select_from(some.join(calls, calls.c.id == some.c.call_id))
            found = found.where(*_left_to_ask(tenant_id, query))
            yield self._connection.execute(found.order_by(*order.by(some.c.started_at, some.c.call_id))).all()
            looked_at = self._connection.execute(postings).all()
            if len(looked_at) < most:
                return
            order = replace(order, place=Position(looked_at[-1].started_at, looked_at[-1].call_id))
            most = min(most * _ROUND_FACTOR, _POSTINGS_MAX)

    def _looked_through(
        self, tenant_id: str, query: CallQuery, order: Order, limit: int
    ) -> Iterator[Sequence[Row[Any]]]:
        """Calls of the kinds asked for, some thousands at a time: those in which the wanted took part."""
        most = _LOOKED_AT_FIRST
        while True:
            ids = _of_kinds(tenant_id, query, order, most, calls.c.started_at, calls.c.id)
            some = ids.subquery()
            fitting = select(some.c.id).where(*people_conditions(tenant_id, query, some.c.id))
            fitting = fitting.order_by(*order.by(some.c.started_at, some.c.id)).limit(limit)
            yield self._by_ids(self._connection.scalars(fitting).all(), order)
            last = self._connection.execute(ids.limit(1).offset(most - 1)).one_or_none()
            if last is None:
                return
            order = replace(order, place=Position(last.started_at, last.id))
            most = min(2 * most, _LOOKED_AT_MAX)

    def _by_ids(self, ids: Sequence[str], order: Order) -> Sequence[Row[Any]]:
        """Calls in order. By nothing but their ids, of which there may be some thousand."""
        found = self._connection.execute(select(calls).where(calls.c.id.in_(ids))).all() if ids else []
        return sorted(found, key=lambda row: (row.started_at, row.id), reverse=not order.ascending)

    def _ends(self, tenant_id: str) -> tuple[datetime, datetime] | None:
        """When the tenant's first and last call began."""
        at = select(calls.c.started_at).where(calls.c.tenant_id == tenant_id).limit(1)
        first, last = (
            self._connection.scalar(
                at.order_by(*Order(ascending=ascending).by(calls.c.started_at, calls.c.id))
            )
            for ascending in (True, False)
        )
        return None if first is None or last is None else (first, last)

    def _totals_of_speakers(
        self, tenant_id: str, speaker_ids: tuple[int, ...], query: CallQuery
    ) -> CallTotals:
        """What the calls of these come to; of many, some of them are looked at."""
        if not speaker_ids:
            return CallTotals(0, 0)
        some = _unordered_postings(tenant_id, speaker_ids, query, COUNTED_MAX + 1).subquery()
        each = select(some.c.call_id, func.count().label("looked_at")).group_by(some.c.call_id).subquery()
        fits = and_(*_left_to_ask(tenant_id, query))
        counted = select(
            func.sum(each.c.looked_at),
            func.count().filter(fits),
            func.sum(calls.c.duration_ms).filter(fits),
        ).select_from(each.join(calls, calls.c.id == each.c.call_id))
        looked_at, count, duration_ms = self._connection.execute(counted).one()
        return CallTotals(int(count), int(duration_ms or 0), (looked_at or 0) <= COUNTED_MAX)

    def _totals_of_newest(self, tenant_id: str, query: CallQuery) -> CallTotals:
        """What the newest calls of the kinds asked for come to."""
        columns = (calls.c.started_at, calls.c.id, calls.c.duration_ms)
        some = _of_kinds(tenant_id, query, Order(), COUNTED_MAX + 1, *columns).subquery()
        counted = select(func.count(), func.coalesce(func.sum(some.c.duration_ms), 0)).select_from(some)
        count, duration_ms = self._connection.execute(
            counted.where(*people_conditions(tenant_id, query, some.c.id))
        ).one()
        looked_at = self._connection.scalar(select(func.count()).select_from(some)) or 0
        return CallTotals(int(count), int(duration_ms), looked_at <= COUNTED_MAX)

    def _totals_of_days(self, tenant_id: str, query: CallQuery) -> CallTotals:
        """Whole days from the tallies, what is left of the first and the last day from the calls."""
        days = whole_days(query.since, query.until)
        if days is None:
            return self._counted(tenant_id, query, query.since, query.until)
        whole = CallTallies(self._connection).totals(tenant_id, query, days)
        if query.since is not None and query.since != days.begins_at:
            whole = whole + self._counted(tenant_id, query, query.since, days.begins_at)
        if query.until is not None and query.until != days.ends_at:
            whole = whole + self._counted(tenant_id, query, days.ends_at, query.until)
        return whole

    def _counted(
        self, tenant_id: str, query: CallQuery, since: datetime | None, until: datetime | None
    ) -> CallTotals:
        counted = select(func.count(), func.coalesce(func.sum(calls.c.duration_ms), 0)).where(
            *conditions_of(tenant_id, replace(query, since=since, until=until))
        )
        count, duration_ms = self._connection.execute(counted).one()
        return CallTotals(int(count), int(duration_ms))


def _names_people(query: CallQuery) -> bool:
    named = bool(query.number.strip() or query.group_id or query.extension)
    return named or query.callers is not None or query.reach is not None


def _is_by_text_alone(query: CallQuery) -> bool:
    named = bool(query.group_id or query.extension)
    return not named and query.callers is None and query.reach is None


def _left_to_ask(tenant_id: str, query: CallQuery) -> list[ColumnElement[bool]]:
    """What a call of a speaker found by `Speakers.of_query` in the time asked for must still fulfil."""
    conditions = kind_conditions(tenant_id, query)
    return conditions if _is_by_text_alone(query) else [*conditions, *people_conditions(tenant_id, query)]


def _postings(
    tenant_id: str, speaker_ids: tuple[int, ...], query: CallQuery, order: Order, limit: int
) -> Select[Any]:
    """The places of the calls in which one of the speakers took part, each once."""
    c = call_speakers.c
    whole = select(c.started_at, c.call_id).where(
        *_in_time(tenant_id, query), *order.beyond(c.started_at, c.call_id)
    )
    if len(speaker_ids) > _BRANCHES_MAX:
        found = whole.where(_is_one_of(speaker_ids)).distinct()
        return found.order_by(*order.by(c.started_at, c.call_id)).limit(limit)
    branches = []
    for one in speaker_ids:
        branch = whole.where(c.speaker_id == one).order_by(*order.by(c.started_at, c.call_id))
        branches.append(select(branch.limit(limit).subquery()))
    both = union_all(*branches).subquery()
    found = select(both.c.started_at, both.c.call_id).distinct()
    return found.order_by(*order.by(both.c.started_at, both.c.call_id)).limit(limit)


def _unordered_postings(
    tenant_id: str, speaker_ids: tuple[int, ...], query: CallQuery, limit: int
) -> Select[Any]:
    """As `_postings`, but whichever come first, and a call for each of the speakers who took part."""
    c = call_speakers.c
    return select(c.call_id).where(*_in_time(tenant_id, query), _is_one_of(speaker_ids)).limit(limit)


def _is_one_of(speaker_ids: tuple[int, ...]) -> ColumnElement[bool]:
    # Written out: a thousand parameters cost psycopg more than the question costs the database.
    ids: BindParameter[int] = bindparam("speaker_ids", speaker_ids, expanding=True, literal_execute=True)
    return call_speakers.c.speaker_id.in_(ids)


def _in_time(tenant_id: str, query: CallQuery) -> list[ColumnElement[bool]]:
    c = call_speakers.c
    conditions = [c.tenant_id == tenant_id]
    if query.since is not None:
        conditions.append(c.started_at >= query.since)
    if query.until is not None:
        conditions.append(c.started_at < query.until)
    return conditions


def _of_kinds(
    tenant_id: str, query: CallQuery, order: Order, limit: int, *columns: ColumnElement[Any]
) -> Select[Any]:
    """Calls in order, whoever took part: from one index, or from a branch for each outcome and direction."""
    conditions = [*time_and_kind(tenant_id, query), *order.beyond(calls.c.started_at, calls.c.id)]
    kinds = _kinds(query)
    if not kinds:
        found = select(*columns).where(*conditions)
        return found.order_by(*order.by(calls.c.started_at, calls.c.id)).limit(limit)
    branches = []
    for outcome, direction in kinds:
        branch = select(*columns).where(
            *conditions, calls.c.outcome == outcome.value, calls.c.direction == direction.value
        )
        branch = branch.order_by(*order.by(calls.c.started_at, calls.c.id)).limit(limit)
        branches.append(select(branch.subquery()))
    both = union_all(*branches).subquery()
    return select(both).order_by(*order.by(both.c.started_at, both.c.id)).limit(limit)


def _kinds(query: CallQuery) -> list[tuple[CallOutcome, Direction]]:
    """The outcomes and directions to read apart; none when an index holds just what is asked for."""
    is_listed = not (query.outcomes or query.include_unheard or query.only_unheard)
    outcomes = query.outcomes or LISTED_OUTCOMES
    is_everything = len(outcomes) == len(CallOutcome) and query.direction is None
    if is_listed or is_everything:
        return []
    directions = list(Direction) if query.direction is None else [query.direction]
    return [(outcome, direction) for outcome in sorted(outcomes) for direction in directions]
