"""From where on and in which direction calls are read, and how far one looks at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row
from sqlalchemy import tuple_ as row_value

from fonoteka.domain.ids import FIRST_ID, LAST_ID
from fonoteka.domain.query import CallQuery, CallSort
from fonoteka.store.paging import Position
from fonoteka.store.tables import calls

_STRETCHES = tuple(timedelta(days=days) for days in (1, 8, 64, 512))
_MICROSECOND = timedelta(microseconds=1)
_TURNS_MAX = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Order:
    """Which calls come next: those after `place` in the order."""

    place: Position | None = None
    sort: CallSort = CallSort.NEWEST

    @property
    def ascending(self) -> bool:
        """Whether what began earlier comes first."""
        return self.sort is CallSort.OLDEST

    @property
    def by_duration(self) -> bool:
        """Whether more than a call's time and id is needed to sort it."""
        return self.sort is CallSort.LONGEST

    def beyond(self, columns: Any) -> list[ColumnElement[bool]]:
        """The condition that a row lies beyond the place; `columns` are named as those of `calls`."""
        if self.place is None:
            return []
        values: tuple[Any, ...] = (self.place.started_at, self.place.id)
        types: list[Any] = [calls.c.started_at.type, calls.c.id.type]
        if self.by_duration:
            values, types = (self.place.duration_ms, *values), [calls.c.duration_ms.type, *types]
        here, there = row_value(*self._key(columns)), row_value(*values, types=types)
        return [here > there if self.ascending else here < there]

    def by(self, columns: Any) -> tuple[ColumnElement[Any], ...]:
        """What to sort by."""
        key = self._key(columns)
        return key if self.ascending else tuple(one.desc() for one in key)

    def sorted(self, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
        """Rows of `calls` in this order."""
        first = (lambda row: row.duration_ms) if self.by_duration else (lambda row: 0)
        key: Callable[[Row[Any]], Any] = lambda row: (first(row), row.started_at, row.id)  # noqa: E731
        return sorted(rows, key=key, reverse=not self.ascending)

    def place_of(self, row: Any) -> Position:
        """Where a row stands."""
        return Position(row.started_at, row.id, row.duration_ms if self.by_duration else None)

    def after(self, place: Position) -> Order:
        """The same order from that place on."""
        return replace(self, place=place)

    def span(self, since: datetime | None, until: datetime | None) -> tuple[datetime | None, datetime | None]:
        """The span of time, `until` exclusive, without what comes before the place."""
        if self.place is None:
            return since, until
        at = self.place.started_at
        if self.ascending:
            return (at if since is None else max(since, at)), until
        beyond = at + timedelta(microseconds=1)
        return since, (beyond if until is None else min(until, beyond))

    def before_all_at(self, at: datetime) -> Position:
        """The place just before the calls that began at that instant, or of all that come after it."""
        return Position(at, FIRST_ID if self.ascending else LAST_ID)

    def _key(self, columns: Any) -> tuple[ColumnElement[Any], ...]:
        key = (columns.started_at, columns.id)
        return (columns.duration_ms, *key) if self.by_duration else key


def stretches_of(
    query: CallQuery, order: Order, ends: tuple[datetime, datetime] | None
) -> Iterator[CallQuery]:
    """The query's time cut into stretches, in their order, each longer than the one before.

    `ends`: when the first and the last of all calls began; None: there are none. Who is looked for may have a
    hundred thousand calls; the newest of several such are found without sorting all.
    """
    if ends is None:
        return
    first, last = _bounds(query, order, ends)
    edge = first if order.ascending else last
    for length in _STRETCHES:
        if order.ascending:
            further = edge + length
            if query.until is not None and query.until <= further:
                break
            yield replace(query, since=edge, until=further)
        else:
            further = edge - length
            if query.since is not None and query.since >= further:
                break
            yield replace(query, since=further, until=edge)
        edge = further
    yield replace(query, since=edge) if order.ascending else replace(query, until=edge)


def periods_of(
    query: CallQuery, order: Order, ends: tuple[datetime, datetime] | None, days: Sequence[int]
) -> Iterator[CallQuery]:
    """As `stretches_of`, each stretch within one period of so many days from 1970 on.

    Of each length up to two, the last as often as there are any.
    """
    if ends is None:
        return
    # As lengths from 1970 on: the end of a period may lie in no year that there is.
    first, last = (one - _EPOCH for one in _bounds(query, order, ends))
    for place, length in enumerate(map(timedelta, days)):
        turns = 2 if place < len(days) - 1 else _TURNS_MAX
        for _ in range(turns):
            if first >= last:
                return
            if order.ascending:
                begin, first = first, min(last, (first // length + 1) * length)
                yield replace(query, since=_EPOCH + begin, until=_EPOCH + first)
            else:
                end, last = last, max(first, (last - _MICROSECOND) // length * length)
                yield replace(query, since=_EPOCH + last, until=_EPOCH + end)


def _bounds(query: CallQuery, order: Order, ends: tuple[datetime, datetime]) -> tuple[datetime, datetime]:
    """From when, and until when (exclusive), there may be calls beyond the place."""
    # `until` is exclusive, the place itself and the last call are not.
    since, until = order.span(query.since, query.until)
    first = ends[0] if since is None else max(since, ends[0])
    last = ends[1] + _MICROSECOND
    return first, last if until is None else min(until, last)
