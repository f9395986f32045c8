"""Rows of calls that a query finds, in order, and how many they are.

Four ways to read, so that no question looks at every call of a tenant:
  * among few candidates, which the rarest of the query's conditions has (`call_candidates`);
  * from those who took part, newest first, when they are known but have many calls;
  * straight from an index, one branch for each outcome and direction that the query names;
  * in the order of the list, looking at each call, and `look` at so many only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, union_all

from fonoteka.domain.call import CallOutcome
from fonoteka.domain.direction import Direction
from fonoteka.domain.query import LISTED_OUTCOMES, CallQuery, CallTotals
from fonoteka.store.call_candidates import CANDIDATES_MAX, Candidates, candidates_of
from fonoteka.store.call_filters import conditions_of, kind_conditions, people_conditions
from fonoteka.store.call_order import Order
from fonoteka.store.call_tallies import CallTallies, whole_days
from fonoteka.store.paging import Position
from fonoteka.store.tables import call_speakers, calls

COUNTED_MAX = CANDIDATES_MAX
"""Of calls that no tally counts so many are counted; of more it is told that there are more."""
LOOKED_AT_MAX = 50_000
"""`look` and `totals` look at so many calls; what is rarer is found by looking on."""
_BRANCHES_MAX = 24
_ROUND_FACTOR = 8


class CallSearch:
    """Answers queries of one tenant's calls."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, tenant_id: str, query: CallQuery, order: Order, limit: int) -> Sequence[Row[Any]]:
        """Up to `limit` rows of `calls`; fewer only at the end, however long it takes."""
        found: list[Row[Any]] = []
        place: Position | None = order.place
        while True:
            some, place = self.look(tenant_id, query, replace(order, place=place), limit - len(found))
            found += some
            if place is None or len(found) >= limit:
                return found

    def look(
        self, tenant_id: str, query: CallQuery, order: Order, limit: int
    ) -> tuple[Sequence[Row[Any]], Position | None]:
        """Up to `limit` rows of `calls`, and where to look on if some may follow.

        It looks at no more than some ten thousand calls, so that what is asked for may be rare or not be.
        """
        candidates = candidates_of(self._connection, tenant_id, query, of_time=order.by_duration)
        if candidates.call_ids is not None:
            return self._among(candidates.call_ids, tenant_id, query, candidates, order, limit), None
        if candidates.speaker_ids is not None and not order.by_duration:
            return self._of_speakers(tenant_id, query, candidates, order, limit)
        last = self._end_of_look(tenant_id, query, order) if _looks_at_each(query) else None
        found = self._connection.execute(
            _from_calls(tenant_id, query, candidates.terms, order, limit, last)
        ).all()
        return found, last if len(found) < limit else None

    def totals(self, tenant_id: str, query: CallQuery) -> CallTotals:
        """How many calls the query finds and how long they are together; see `COUNTED_MAX`."""
        if not _looks_at_each(query):
            return self._totals_of_days(tenant_id, query)
        candidates = candidates_of(self._connection, tenant_id, query)
        if candidates.call_ids is not None:
            return self._count_among(candidates.call_ids, tenant_id, query, candidates)
        if candidates.speaker_ids is not None:
            return self._count_of_speakers(tenant_id, query, candidates)
        if replace(query, windows=()) == _plain(query):
            return self._counted(tenant_id, query, query.since, query.until)
        return self._count_newest(tenant_id, query, candidates)

    def _among(
        self,
        ids: Sequence[str],
        tenant_id: str,
        query: CallQuery,
        candidates: Candidates,
        order: Order,
        limit: int,
    ) -> Sequence[Row[Any]]:
        if not ids:
            return ()
        found = select(calls).where(
            calls.c.id.in_(ids), *_left_to_ask(tenant_id, query, candidates), *order.beyond(calls.c)
        )
        return self._connection.execute(found.order_by(*order.by(calls.c)).limit(limit)).all()

    def _count_among(
        self, ids: Sequence[str], tenant_id: str, query: CallQuery, candidates: Candidates
    ) -> CallTotals:
        if not ids:
            return CallTotals(0, 0)
        counted = _counting().where(calls.c.id.in_(ids), *_left_to_ask(tenant_id, query, candidates))
        count, duration_ms = self._connection.execute(counted).one()
        return CallTotals(int(count), int(duration_ms))

    def _of_speakers(
        self, tenant_id: str, query: CallQuery, candidates: Candidates, order: Order, limit: int
    ) -> tuple[Sequence[Row[Any]], Position | None]:
        """Calls of the speakers, some at a time: what the query leaves out makes the next look wider."""
        found: list[Row[Any]] = []
        place: Position | None = None
        for some, place in self._calls_of(tenant_id, query, candidates, order, limit):  # noqa: B007
            found += some
            if len(found) >= limit:
                return found[:limit], None
        return found, place

    def _calls_of(
        self, tenant_id: str, query: CallQuery, candidates: Candidates, order: Order, limit: int
    ) -> Iterator[tuple[Sequence[Row[Any]], Position | None]]:
        speaker_ids = candidates.speaker_ids or ()
        most, looked_at = 2 * limit, 0
        while True:
            some = self._connection.execute(_postings(tenant_id, speaker_ids, query, order, most)).all()
            looked_at += len(some)
            place = Position(some[-1].started_at, some[-1].id) if len(some) == most else None
            for start in range(0, len(some), CANDIDATES_MAX):
                ids = [row.id for row in some[start : start + CANDIDATES_MAX]]
                found = self._among(ids, tenant_id, query, candidates, replace(order, place=None), len(ids))
                yield found, place
            if place is None or looked_at >= LOOKED_AT_MAX:
                if not some:
                    yield (), None
                return
            order, most = order.after(place), min(most * _ROUND_FACTOR, LOOKED_AT_MAX)

    def _count_of_speakers(self, tenant_id: str, query: CallQuery, candidates: Candidates) -> CallTotals:
        newest = _postings(tenant_id, candidates.speaker_ids or (), query, Order(), COUNTED_MAX).subquery()
        counted = _counting().select_from(newest.join(calls, calls.c.id == newest.c.id))
        counted = counted.where(*_left_to_ask(tenant_id, query, candidates))
        count, duration_ms = self._connection.execute(counted).one()
        return CallTotals(int(count), int(duration_ms), is_exact=False)

    def _end_of_look(self, tenant_id: str, query: CallQuery, order: Order) -> Position | None:
        """The last call of a look; None when all that follow can be looked at."""
        conditions = [calls.c.tenant_id == tenant_id, *_in_time(query), *order.beyond(calls.c)]
        found = select(calls.c.started_at, calls.c.id, calls.c.duration_ms).where(*conditions)
        found = found.order_by(*order.by(calls.c)).offset(LOOKED_AT_MAX - 1).limit(1)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else order.place_of(row)

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
        counted = _counting().where(*conditions_of(tenant_id, replace(query, since=since, until=until), ()))
        count, duration_ms = self._connection.execute(counted).one()
        return CallTotals(int(count), int(duration_ms))

    def _count_newest(self, tenant_id: str, query: CallQuery, candidates: Candidates) -> CallTotals:
        """What is not rare: at least what its newest calls come to."""
        last = self._end_of_look(tenant_id, query, Order())
        newest = _from_calls(tenant_id, query, candidates.terms, Order(), COUNTED_MAX + 1, last).subquery()
        counted = select(func.count(), func.coalesce(func.sum(newest.c.duration_ms), 0))
        count, duration_ms = self._connection.execute(counted.select_from(newest)).one()
        is_exact = count <= COUNTED_MAX and last is None
        return CallTotals(min(int(count), COUNTED_MAX), int(duration_ms), is_exact)


def _counting() -> Select[Any]:
    return select(func.count(), func.coalesce(func.sum(calls.c.duration_ms), 0))


def _names_people(query: CallQuery) -> bool:
    named = bool(query.number.strip() or query.group_id or query.extension)
    return named or query.callers is not None or query.reach is not None


def _plain(query: CallQuery) -> CallQuery:
    """What is left of the query for an index of calls or the tallies."""
    return CallQuery(
        since=query.since,
        until=query.until,
        direction=query.direction,
        outcomes=query.outcomes,
        include_unheard=query.include_unheard,
        only_unheard=query.only_unheard,
        whole_numbers=query.whole_numbers,
    )


def _looks_at_each(query: CallQuery) -> bool:
    """Whether there is more to ask than an index of calls or the tallies answer."""
    return query != replace(_plain(query), number=query.number) or bool(query.number.strip())


def _left_to_ask(tenant_id: str, query: CallQuery, candidates: Candidates) -> list[ColumnElement[bool]]:
    """What one of the candidates must still fulfil."""
    conditions = [*kind_conditions(tenant_id, query), *_in_time(query)]
    people = [] if candidates.are_all else people_conditions(tenant_id, query, candidates.terms)
    return [*conditions, *people]


def _in_time(query: CallQuery) -> list[ColumnElement[bool]]:
    conditions = []
    if query.since is not None:
        conditions.append(calls.c.started_at >= query.since)
    if query.until is not None:
        conditions.append(calls.c.started_at < query.until)
    return conditions


def _postings(
    tenant_id: str, speaker_ids: Sequence[int], query: CallQuery, order: Order, limit: int
) -> Select[Any]:
    """The places of the calls in which one of the speakers took part, each once."""
    of_calls = call_speakers.c
    c = select(of_calls.started_at, of_calls.call_id.label("id"), of_calls.speaker_id, of_calls.tenant_id)
    columns = c.subquery().c
    conditions = [columns.tenant_id == tenant_id, *order.beyond(columns)]
    if query.since is not None:
        conditions.append(columns.started_at >= query.since)
    if query.until is not None:
        conditions.append(columns.started_at < query.until)
    whole = select(columns.started_at, columns.id).where(*conditions)
    if len(speaker_ids) > _BRANCHES_MAX:
        found = whole.where(columns.speaker_id.in_(speaker_ids)).distinct()
        return found.order_by(*order.by(columns)).limit(limit)
    branches = []
    for one in speaker_ids:
        branch = whole.where(columns.speaker_id == one).order_by(*order.by(columns))
        branches.append(select(branch.limit(limit).subquery()))
    both = union_all(*branches).subquery()
    found = select(both.c.started_at, both.c.id).distinct()
    return found.order_by(*order.by(both.c)).limit(limit)


def _from_calls(
    tenant_id: str,
    query: CallQuery,
    terms: Sequence[str],
    order: Order,
    limit: int,
    last: Position | None,
) -> Select[Any]:
    """Rows in order up to `last`, from one index or from a branch for each outcome and direction."""
    conditions = [*conditions_of(tenant_id, query, terms), *order.beyond(calls.c)]
    if last is not None:
        conditions.append(order.up_to(calls.c, last))
    kinds = _kinds(query, order)
    if not kinds:
        return select(calls).where(*conditions).order_by(*order.by(calls.c)).limit(limit)
    branches = []
    for outcome, direction in kinds:
        branch = select(calls).where(
            *conditions, calls.c.outcome == outcome.value, calls.c.direction == direction.value
        )
        branches.append(select(branch.order_by(*order.by(calls.c)).limit(limit).subquery()))
    both = union_all(*branches).subquery()
    return select(both).order_by(*order.by(both.c)).limit(limit)


def _kinds(query: CallQuery, order: Order) -> list[tuple[CallOutcome, Direction]]:
    """The outcomes and directions to read apart; none when an index holds just what is asked for.

    Who many speakers are like is looked for in the newest calls, whatever their kind.
    """
    is_listed = not (query.outcomes or query.include_unheard or query.only_unheard)
    outcomes = query.outcomes or LISTED_OUTCOMES
    is_everything = len(outcomes) == len(CallOutcome) and query.direction is None
    if is_listed or is_everything or order.by_duration or _names_people(query):
        return []
    directions = list(Direction) if query.direction is None else [query.direction]
    return [(outcome, direction) for outcome in sorted(outcomes) for direction in directions]
