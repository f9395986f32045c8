"""From where on and in which direction calls are read, and how far one looks at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import tuple_ as row_value

from fonoteka.domain.query import CallQuery
from fonoteka.store.paging import Position
from fonoteka.store.tables import calls

_STRETCHES = tuple(timedelta(days=days) for days in (1, 8, 64, 512))


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


def stretches_of(
    query: CallQuery, order: Order, ends: tuple[datetime, datetime] | None
) -> Iterator[CallQuery]:
    """The query's time cut into stretches, in their order, each longer than the one before.

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
