"""In which order calls are read, and from where on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import tuple_ as row_value

from fonoteka.domain.query import CallSort
from fonoteka.store.paging import Position
from fonoteka.store.tables import calls


@dataclass(frozen=True, slots=True)
class Order:
    """Which calls come next: those after `place` in the order."""

    place: Position | None = None
    sort: CallSort = CallSort.NEWEST

    @property
    def by_duration(self) -> bool:
        """Whether more than a call's time and id is needed to sort it."""
        return self.sort is CallSort.LONGEST

    def beyond(self, columns: Any) -> list[ColumnElement[bool]]:
        """The condition that a row lies beyond the place; `columns` are those of `calls`."""
        if self.place is None:
            return []
        here, there = self._key(columns), self._value(self.place)
        return [row_value(*here) > there if self.sort is CallSort.OLDEST else row_value(*here) < there]

    def up_to(self, columns: Any, last: Position) -> ColumnElement[bool]:
        """The condition that a row does not lie beyond that place."""
        here, there = row_value(*self._key(columns)), self._value(last)
        return here <= there if self.sort is CallSort.OLDEST else here >= there

    def by(self, columns: Any) -> tuple[ColumnElement[Any], ...]:
        """What to sort by."""
        key = self._key(columns)
        return key if self.sort is CallSort.OLDEST else tuple(one.desc() for one in key)

    def place_of(self, row: Any) -> Position:
        """Where a row stands."""
        return Position(row.started_at, row.id, row.duration_ms if self.by_duration else None)

    def after(self, place: Position) -> Order:
        """The same order from that place on."""
        return replace(self, place=place)

    def _key(self, columns: Any) -> tuple[ColumnElement[Any], ...]:
        key = (columns.started_at, columns.id)
        return (columns.duration_ms, *key) if self.by_duration else key

    def _value(self, place: Position) -> ColumnElement[Any]:
        values: tuple[Any, ...] = (place.started_at, place.id)
        types: list[Any] = [calls.c.started_at.type, calls.c.id.type]
        if self.by_duration:
            values, types = (place.duration_ms, *values), [calls.c.duration_ms.type, *types]
        return row_value(*values, types=types)
