"""Rows of calls that a query finds, in the order of the list, and how many they are.

Three ways to read, so that no question looks at every call of a tenant:
  * straight from an index, one branch for each outcome and direction that the query names;
  * from those who took part, when the query has a text that few speakers have: their calls, newest first;
  * newest calls first, looking at each, when the text is one that many speakers have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, union_all
from sqlalchemy import tuple_ as row_value

from fonoteka.domain.call import CallOutcome
from fonoteka.domain.direction import Direction
from fonoteka.domain.query import LISTED_OUTCOMES, CallQuery, CallTotals
from fonoteka.store.call_filters import conditions_of, kind_conditions, people_conditions
from fonoteka.store.call_tallies import CallTallies, whole_days
from fonoteka.store.paging import Position
from fonoteka.store.speakers import Speakers
from fonoteka.store.tables import call_speakers, calls

COUNTED_MAX = 5_000
"""Of calls found by a text so many are counted; of more it is told that there are more."""
_BRANCHES_MAX = 24
_ROUND_FACTOR = 8


@dataclass(frozen=True, slots=True)
class Order:
    """Which calls and from where on: after `place` in the order, which is newest first unless `ascending`."""

    place: Position | None = None
    ascending: bool = False

    def beyond(self, started_at: Any, id_: Any) -> list[ColumnElement[bool]]:
        """The condition that a row lies beyond the place."""
        if self.place is None:
            return []
        types = (calls.c.started_at.type, calls.c.id.type)
        here, there = row_value(started_at, id_), row_value(self.place.started_at, self.place.id, types=types)
        return [here > there if self.ascending else here < there]

    def by(self, started_at: Any, id_: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """What to sort by."""
        return (started_at, id_) if self.ascending else (started_at.desc(), id_.desc())


class CallSearch:
    """Answers queries of one tenant's calls."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._speakers = Speakers(connection)

    def rows(self, tenant_id: str, query: CallQuery, order: Order, limit: int) -> Sequence[Row[Any]]:
        """Up to `limit` rows of `calls`."""
        speaker_ids = self._speakers.of_query(tenant_id, query)
        if speaker_ids is None:
            return self._connection.execute(_from_calls(tenant_id, query, order, limit)).all()
        found: list[Row[Any]] = []
        for some in self._calls_of(tenant_id, speaker_ids, query, order, limit):
            found += some
            if len(found) >= limit:
                break
        return found[:limit]

    def totals(self, tenant_id: str, query: CallQuery) -> CallTotals:
        """How many calls the query finds and how long they are together; see `COUNTED_MAX`."""
        if not _names_people(query):
            if query.windows or query.known_by is not None:
                return self._counted(tenant_id, query, query.since, query.until)
            return self._totals_of_days(tenant_id, query)
        speaker_ids = self._speakers.of_query(tenant_id, query)
        if speaker_ids is None:
            return self._totals_of_common(tenant_id, query)
        if not speaker_ids:
            return CallTotals(0, 0)
        candidates = _postings(tenant_id, speaker_ids, query, Order(), COUNTED_MAX + 1).subquery()
        counted = (
            select(func.count(), func.coalesce(func.sum(calls.c.duration_ms), 0))
            .select_from(candidates.join(calls, calls.c.id == candidates.c.call_id))
            .where(*_left_to_ask(tenant_id, query))
        )
        count, duration_ms = self._connection.execute(counted).one()
        looked_at = self._connection.scalar(select(func.count()).select_from(candidates)) or 0
        return CallTotals(int(count), int(duration_ms), looked_at <= COUNTED_MAX)

    def _calls_of(
        self, tenant_id: str, speaker_ids: tuple[int, ...], query: CallQuery, order: Order, limit: int
    ) -> Iterator[Sequence[Row[Any]]]:
        """Calls of the speakers, some at a time: what the query leaves out makes the next look wider."""
        most = 2 * limit
        while speaker_ids:
            candidates = self._connection.execute(_postings(tenant_id, speaker_ids, query, order, most)).all()
            for start in range(0, len(candidates), COUNTED_MAX):
                ids = [row.call_id for row in candidates[start : start + COUNTED_MAX]]
                found = select(calls).where(calls.c.id.in_(ids), *_left_to_ask(tenant_id, query))
                yield self._connection.execute(
                    found.order_by(*order.by(calls.c.started_at, calls.c.id))
                ).all()
            if len(candidates) < most:
                return
            order = replace(order, place=Position(candidates[-1].started_at, candidates[-1].call_id))
            most *= _ROUND_FACTOR

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

    def _totals_of_common(self, tenant_id: str, query: CallQuery) -> CallTotals:
        """A text that many speakers have: at least what its newest calls come to."""
        newest = _from_calls(tenant_id, query, Order(), COUNTED_MAX + 1).subquery()
        counted = select(func.count(), func.coalesce(func.sum(newest.c.duration_ms), 0))
        count, duration_ms = self._connection.execute(counted.select_from(newest)).one()
        return CallTotals(min(int(count), COUNTED_MAX), int(duration_ms), count <= COUNTED_MAX)


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
    conditions = [c.tenant_id == tenant_id, *order.beyond(c.started_at, c.call_id)]
    if query.since is not None:
        conditions.append(c.started_at >= query.since)
    if query.until is not None:
        conditions.append(c.started_at < query.until)
    whole = select(c.started_at, c.call_id).where(*conditions)
    if len(speaker_ids) > _BRANCHES_MAX:
        found = whole.where(c.speaker_id.in_(speaker_ids)).distinct()
        return found.order_by(*order.by(c.started_at, c.call_id)).limit(limit)
    branches = []
    for one in speaker_ids:
        branch = whole.where(c.speaker_id == one).order_by(*order.by(c.started_at, c.call_id))
        branches.append(select(branch.limit(limit).subquery()))
    both = union_all(*branches).subquery()
    found = select(both.c.started_at, both.c.call_id).distinct()
    return found.order_by(*order.by(both.c.started_at, both.c.call_id)).limit(limit)


def _from_calls(tenant_id: str, query: CallQuery, order: Order, limit: int) -> Select[Any]:
    """Rows in order, from one index or from a branch for each outcome and direction."""
    conditions = [*conditions_of(tenant_id, query), *order.beyond(calls.c.started_at, calls.c.id)]
    kinds = _kinds(query)
    if not kinds:
        found = select(calls).where(*conditions)
        return found.order_by(*order.by(calls.c.started_at, calls.c.id)).limit(limit)
    branches = []
    for outcome, direction in kinds:
        branch = select(calls).where(
            *conditions, calls.c.outcome == outcome.value, calls.c.direction == direction.value
        )
        branch = branch.order_by(*order.by(calls.c.started_at, calls.c.id)).limit(limit)
        branches.append(select(branch.subquery()))
    both = union_all(*branches).subquery()
    return select(both).order_by(*order.by(both.c.started_at, both.c.id)).limit(limit)


def _kinds(query: CallQuery) -> list[tuple[CallOutcome, Direction]]:
    """The outcomes and directions to read apart; none when an index holds just what is asked for.

    Who many speakers are like is looked for in the newest calls, whatever their kind.
    """
    is_listed = not (query.outcomes or query.include_unheard or query.only_unheard)
    outcomes = query.outcomes or LISTED_OUTCOMES
    is_everything = len(outcomes) == len(CallOutcome) and query.direction is None
    if is_listed or is_everything or _names_people(query):
        return []
    directions = list(Direction) if query.direction is None else [query.direction]
    return [(outcome, direction) for outcome in sorted(outcomes) for direction in directions]
