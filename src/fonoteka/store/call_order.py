"""From where on and in which direction calls are read, and how far one looks at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row
from sqlalchemy import tuple_ as row_value

from fonoteka.domain.query import CallQuery, CallSort
from fonoteka.store.paging import Position
from fonoteka.store.tables import calls

# Of the form of ids, before and after all of them.
_FIRST_ID, _LAST_ID = "00000000-0000-7000-8000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff"
_STRETCHES = (1, 8, 64, 512)
SHORT_STRETCHES = (1, 3, 9, 27, 81, 243, 729)


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
        return Position(at, _FIRST_ID if self.ascending else _LAST_ID)

    def _key(self, columns: Any) -> tuple[ColumnElement[Any], ...]:
        key = (columns.started_at, columns.id)
        return (columns.duration_ms, *key) if self.by_duration else key


def stretches_of(
    query: CallQuery,
    order: Order,
    ends: tuple[datetime, datetime] | None,
    days: Sequence[int] = _STRETCHES,
) -> Iterator[CallQuery]:
    """The query's time cut into stretches of so many days, in their order, each longer than the one before.

    `ends`: when the first and the last of all calls began; None: there are none. Who is looked for may have a
    hundred thousand calls; the newest of several such are found without sorting all.
    """
    if ends is None:
        return
    place = None if order.place is None else order.place.started_at
    if order.ascending:
        edge = max(one for one in (place, query.since, ends[0]) if one is not None)
    else:
        # `until` is exclusive, the place itself and the last call are not.
        after = [one + timedelta(microseconds=1) for one in (place, ends[1]) if one is not None]
        edge = min(after if query.until is None else [*after, query.until])
    for length in map(timedelta, days):
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
