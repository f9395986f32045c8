"""Rows of calls that a query finds, in order, and how many they are.

Five ways to read, so that no question looks at every call of a tenant:
  * straight from an index, one branch for each outcome and direction that the query names;
  * in the order of the list, from what an index tells of the rarest condition (`call_candidates`): who took
    part, words of notes, tags, topics;
  * among few calls, where the rarest condition has no such index;
  * by what was said, in spans of time, each longer than the one before (`transcript_search`);
  * in the order of the list, looking at each, when nothing that is asked for is rare.
Whatever is looked at is limited in a subquery of its own first: so neither database's planner can turn the
question round and begin with a whole index, with statistics or without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
from fonoteka.domain.query import LISTED_OUTCOMES, CallQuery, CallSort, CallTotals
from fonoteka.store.call_candidates import CANDIDATES_MAX, Asked, Way, in_time, read_query
from fonoteka.store.call_filters import (
    fact_conditions,
    kind_conditions,
    people_conditions,
    time_and_kind,
    time_and_kind_of_known,
)
from fonoteka.store.call_order import Order, periods_of, stretches_of
from fonoteka.store.call_postings import is_on, postings_of
from fonoteka.store.call_tallies import CallTallies, whole_days
from fonoteka.store.paging import Position
from fonoteka.store.tables import calls
from fonoteka.store.transcript_search import PERIOD_DAYS, SAID_MAX, Said, TranscriptSearch

COUNTED_MAX = 2_000
"""Of calls that no tally counts so many are looked at to count them; then it is told that there are more."""
LOOKED_AT_MAX = 50_000
"""One look goes over so many calls, then it says where to look on."""
_LOOKED_AT_FIRST = 2_000
_ROUND_FACTOR, _POSTINGS_MAX = 8, 20_000
_Look = Callable[
    [str, Asked, CallQuery, Order, int], Iterator[tuple[Sequence[Row[Any]], Position | None, int]]
]


class CallSearch:
    """Answers queries of one tenant's calls."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._words = TranscriptSearch(connection)

    def rows(self, tenant_id: str, query: CallQuery, order: Order, limit: int) -> Sequence[Row[Any]]:
        """Up to `limit` rows of `calls`; fewer only when there are no more, however long that takes."""
        found: list[Row[Any]] = []
        while True:
            some, place = self.look(tenant_id, query, order, limit - len(found))
            found += some
            if place is None or len(found) >= limit:
                return found
            order = order.after(place)

    def look(
        self, tenant_id: str, query: CallQuery, order: Order, limit: int
    ) -> tuple[Sequence[Row[Any]], Position | None]:
        """Up to `limit` rows of `calls`; if they are fewer, from where to look on (None: there are no more).

        It looks at no more than some ten thousand calls: what is asked for may be rare, or not be at all.
        """
        if not _asks_more(query):
            return self._connection.execute(_of_kinds(tenant_id, query, order, limit, *calls.c)).all(), None
        asked = read_query(self._connection, tenant_id, query, by_duration=order.by_duration)
        if asked is None:
            return (), None
        looked = self._looked_through(tenant_id, asked, order, limit)
        if asked.query.said and order.by_duration:
            said = self._saying(tenant_id, asked.query)
            return self._among(_Known(said.call_ids), tenant_id, asked, order, limit), None
        if asked.query.said:
            looked = self._in_spans(tenant_id, asked, order, limit, self._calls_saying)
        elif asked.few is not None:
            return self._among(_Known(asked.few), tenant_id, asked, order, limit), None
        elif asked.way is not None:
            looked = self._in_spans(tenant_id, asked, order, limit, self._calls_on_way)
        found: list[Row[Any]] = []
        place: Position | None = None
        for some, place in looked:  # noqa: B007 - the last one's is told
            found += some
            if len(found) >= limit:
                return found[:limit], None
        return found, place

    def totals(self, tenant_id: str, query: CallQuery) -> CallTotals:
        """How many calls the query finds and how long they are together; see `COUNTED_MAX`."""
        if not _asks_more(query):
            if query.windows:
                return self._counted(tenant_id, query, query.since, query.until)
            return self._totals_of_days(tenant_id, query)
        asked = read_query(self._connection, tenant_id, query)
        if asked is None:
            return CallTotals(0, 0)
        if asked.query.said:
            said = self._saying(tenant_id, asked.query)
            totals = self._totals_among(_Known(said.call_ids), tenant_id, asked)
            return replace(totals, is_exact=said.edge is None)
        if asked.few is not None:
            return self._totals_among(_Known(asked.few), tenant_id, asked)
        if asked.way is not None:
            return self._totals_of_way(tenant_id, asked, asked.way)
        # At least what the newest calls come to, or what some of the speakers do.
        newest = self._totals_of_newest(tenant_id, asked)
        if newest.is_exact or asked.some is None:
            return newest
        some = self._totals_of_way(tenant_id, asked, asked.some)
        return replace(max(newest, some, key=lambda one: one.calls), is_exact=False)

    def _saying(self, tenant_id: str, query: CallQuery) -> Said:
        """The newest calls in which it was said."""
        found: list[str] = []
        for span in periods_of(query, Order(), self._ends(tenant_id), PERIOD_DAYS):
            said = self._words.find(
                tenant_id, query.said, span.since, span.until, at_most=SAID_MAX - len(found)
            )
            found += said.call_ids
            if said.edge is not None or len(found) >= SAID_MAX:
                return Said(tuple(found), said.edge or span.since)
        return Said(tuple(found), None)

    def _among(
        self, known: _Known, tenant_id: str, asked: Asked, order: Order, limit: int
    ) -> Sequence[Row[Any]]:
        found = known.of(select(calls)).where(*_left_to_ask(tenant_id, asked), *order.beyond(calls.c))
        return self._connection.execute(found.order_by(*order.by(calls.c)).limit(limit)).all()

    def _totals_among(self, known: _Known, tenant_id: str, asked: Asked) -> CallTotals:
        counted = known.of(_counting()).where(*_left_to_ask(tenant_id, asked))
        count, duration_ms = self._connection.execute(counted).one()
        return CallTotals(int(count), int(duration_ms))

    def _in_spans(
        self, tenant_id: str, asked: Asked, order: Order, limit: int, look: _Look
    ) -> Iterator[tuple[Sequence[Row[Any]], Position | None]]:
        """Calls that are read in the order of the list, some at a time.

        What the query leaves out makes the next look wider.
        """
        spans: Iterable[CallQuery] = [asked.query]
        if asked.query.said:
            spans = periods_of(asked.query, order, self._ends(tenant_id), PERIOD_DAYS)
        elif asked.way is not None and not asked.way.in_order:
            spans = stretches_of(asked.query, order, self._ends(tenant_id))
        looked_at = 0
        for span in spans:
            for some, place, number in look(tenant_id, asked, span, order, limit):
                looked_at += number
                yield some, place if looked_at >= LOOKED_AT_MAX else None
                if looked_at >= LOOKED_AT_MAX and place is not None:
                    return

    def _calls_on_way(
        self, tenant_id: str, asked: Asked, span: CallQuery, order: Order, limit: int
    ) -> Iterator[tuple[Sequence[Row[Any]], Position | None, int]]:
        assert asked.way is not None
        most = 2 * limit
        while True:
            postings = postings_of(asked.way, span, order, most)
            some = postings.subquery()
            found = select(calls).select_from(some.join(calls, calls.c.id == some.c.id))
            found = found.where(*(is_on(one, some) for one in asked.others), *_left_to_ask(tenant_id, asked))
            found = found.order_by(*order.by(some.c))
            rows = self._connection.execute(found).all()
            last = self._connection.execute(postings.limit(1).offset(most - 1)).one_or_none()
            place = None if last is None else order.place_of(last)
            yield rows, place, most
            if place is None:
                return
            order, most = order.after(place), min(most * _ROUND_FACTOR, _POSTINGS_MAX)

    def _calls_saying(
        self, tenant_id: str, asked: Asked, span: CallQuery, order: Order, limit: int
    ) -> Iterator[tuple[Sequence[Row[Any]], Position | None, int]]:
        most = 2 * limit
        since, until = order.span(span.since, span.until)
        while True:
            said = self._words.find(
                tenant_id, asked.query.said, since, until, ascending=order.ascending, at_most=most
            )
            rows = self._among(_Known(said.call_ids), tenant_id, asked, order, limit)
            place = None if said.edge is None else order.before_all_at(said.edge)
            yield rows, place, len(said.call_ids)
            if place is None:
                return
            since, until = order.after(place).span(span.since, span.until)
            most = min(most * _ROUND_FACTOR, SAID_MAX)

    def _looked_through(
        self, tenant_id: str, asked: Asked, order: Order, limit: int
    ) -> Iterator[tuple[Sequence[Row[Any]], Position | None]]:
        """Calls of the kinds asked for, some thousands at a time: those that fit."""
        most, looked_at = _LOOKED_AT_FIRST, 0
        while True:
            columns = (calls.c.started_at, calls.c.id, calls.c.duration_ms)
            ids = _of_kinds(tenant_id, _widened(asked.query, order), order, most, *columns)
            some = ids.subquery()
            fitting = _fitting(select(some.c.id), tenant_id, asked, order, some)
            fitting = fitting.order_by(*order.by(some.c)).limit(limit)
            rows = self._by_ids(self._connection.scalars(fitting).all(), order)
            last = self._connection.execute(ids.limit(1).offset(most - 1)).one_or_none()
            looked_at += most
            place = None if last is None else order.place_of(last)
            yield rows, place
            if place is None or looked_at >= LOOKED_AT_MAX:
                return
            order, most = order.after(place), min(2 * most, CANDIDATES_MAX)

    def _by_ids(self, ids: Sequence[str], order: Order) -> Sequence[Row[Any]]:
        """Calls in order. By nothing but their ids, of which there may be some thousand."""
        return order.sorted(
            self._connection.execute(select(calls).where(calls.c.id.in_(ids))).all() if ids else []
        )

    def _ends(self, tenant_id: str) -> tuple[datetime, datetime] | None:
        """When the tenant's first and last call began."""
        at = select(calls.c.started_at).where(calls.c.tenant_id == tenant_id).limit(1)
        first, last = (
            self._connection.scalar(at.order_by(*Order(sort=sort).by(calls.c)))
            for sort in (CallSort.OLDEST, CallSort.NEWEST)
        )
        return None if first is None or last is None else (first, last)

    def _totals_of_way(self, tenant_id: str, asked: Asked, way: Way) -> CallTotals:
        """What the calls on the way come to; of many, some of them are looked at."""
        branches = [in_time(one, asked.query) for one in way.together]
        if not branches:
            return CallTotals(0, 0)
        limited = [select(one.limit(COUNTED_MAX + 1).subquery().c.call_id) for one in branches]
        each = (union_all(*limited) if len(limited) > 1 else limited[0]).subquery()
        some = select(each.c.call_id).limit(COUNTED_MAX + 1).subquery()
        each = select(some.c.call_id, func.count().label("looked_at")).group_by(some.c.call_id).subquery()
        fits = and_(*_left_to_ask(tenant_id, asked))
        counted = select(
            func.sum(each.c.looked_at),
            func.count().filter(fits),
            func.sum(calls.c.duration_ms).filter(fits),
        ).select_from(each.join(calls, calls.c.id == each.c.call_id))
        looked_at, count, duration_ms = self._connection.execute(counted).one()
        return CallTotals(int(count), int(duration_ms or 0), (looked_at or 0) <= COUNTED_MAX)

    def _totals_of_newest(self, tenant_id: str, asked: Asked) -> CallTotals:
        """What the newest calls of the kinds asked for come to."""
        columns = (calls.c.started_at, calls.c.id, calls.c.duration_ms)
        query = _widened(asked.query, Order())
        some = _of_kinds(tenant_id, query, Order(), COUNTED_MAX + 1, *columns).subquery()
        counted = select(func.count(), func.coalesce(func.sum(some.c.duration_ms), 0))
        counted = _fitting(counted, tenant_id, asked, Order(), some)
        count, duration_ms = self._connection.execute(counted).one()
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
        counted = _counting().where(*time_and_kind(tenant_id, replace(query, since=since, until=until)))
        count, duration_ms = self._connection.execute(counted).one()
        return CallTotals(int(count), int(duration_ms))


def _counting() -> Select[Any]:
    return select(func.count(), func.coalesce(func.sum(calls.c.duration_ms), 0))


def _asks_more(query: CallQuery) -> bool:
    """Whether there is more to ask than an index of calls, or the tallies, can tell."""
    named = bool(query.number.strip() or query.group_ids or query.extension)
    return (
        named
        or query.callers is not None
        or query.reach is not None
        or bool(query.said or fact_conditions(query))
    )


def _widened(query: CallQuery, order: Order) -> CallQuery:
    """The query for calls of every kind, when nearly all are of those asked for: one index holds them all.

    Reading each outcome and direction apart reads many times as many.
    """
    is_listed = not (query.outcomes or query.include_unheard or query.only_unheard)
    is_rare = query.only_unheard or CallOutcome.RECORDED not in (query.outcomes or LISTED_OUTCOMES)
    if is_listed or is_rare or query.direction is not None or order.by_duration:
        return query
    return replace(query, outcomes=frozenset(CallOutcome), include_unheard=True)


def _fitting(asking: Select[Any], tenant_id: str, asked: Asked, order: Order, some: Any) -> Select[Any]:
    """Those of `some`, which `_of_kinds` gave for the widened query, that fit."""
    conditions = [*fact_conditions(asked.query)]
    if _widened(asked.query, order) is not asked.query:
        conditions += kind_conditions(tenant_id, asked.query)
    people = people_conditions(tenant_id, asked.query, asked.terms, some.c.id)
    joined = some.join(calls, calls.c.id == some.c.id) if conditions else some
    return asking.select_from(joined).where(*conditions, *people)


def _left_to_ask(tenant_id: str, asked: Asked) -> list[ColumnElement[bool]]:
    """What a call of `Asked.few` or `Asked.way` must still fulfil."""
    conditions = [*time_and_kind_of_known(tenant_id, asked.query), *fact_conditions(asked.query)]
    people = [] if asked.are_all else people_conditions(tenant_id, asked.query, asked.terms)
    return [*conditions, *people]


@dataclass(frozen=True, slots=True)
class _Known:
    """Some thousand calls: their ids, or a select of them."""

    ids: Select[Any] | Sequence[str]

    def of(self, asked: Select[Any]) -> Select[Any]:
        """The select of columns of `calls`, of these calls."""
        if isinstance(self.ids, Select):
            ids = select(self.ids.subquery().c.call_id).distinct().subquery()
            return asked.select_from(ids.join(calls, calls.c.id == ids.c.call_id))
        # Written out: a thousand parameters cost more than the question.
        ids_given: BindParameter[str] = bindparam(
            "ids", self.ids, expanding=True, literal_execute=True, unique=True
        )
        return asked.where(calls.c.id.in_(ids_given))


def _of_kinds(
    tenant_id: str, query: CallQuery, order: Order, limit: int, *columns: ColumnElement[Any]
) -> Select[Any]:
    """Calls in order, whoever took part: from one index, or from a branch for each outcome and direction."""
    conditions = [*time_and_kind(tenant_id, query), *order.beyond(calls.c)]
    kinds = [] if order.by_duration else _kinds(query)
    if not kinds:
        found = select(*columns).where(*conditions)
        return found.order_by(*order.by(calls.c)).limit(limit)
    branches = []
    for outcome, direction in kinds:
        branch = select(*columns).where(
            *conditions, calls.c.outcome == outcome.value, calls.c.direction == direction.value
        )
        branch = branch.order_by(*order.by(calls.c)).limit(limit)
        branches.append(select(branch.subquery()))
    both = union_all(*branches).subquery()
    return select(both).order_by(*order.by(both.c)).limit(limit)


def _kinds(query: CallQuery) -> list[tuple[CallOutcome, Direction]]:
    """The outcomes and directions to read apart; none when an index holds just what is asked for."""
    is_listed = not (query.outcomes or query.include_unheard or query.only_unheard)
    outcomes = query.outcomes or LISTED_OUTCOMES
    is_everything = len(outcomes) == len(CallOutcome) and query.direction is None
    if is_listed or is_everything:
        return []
    directions = list(Direction) if query.direction is None else [query.direction]
    return [(outcome, direction) for outcome in sorted(outcomes) for direction in directions]
