"""Places of calls as an index has them: those on a way, in order, and whether a place is on another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select, union_all

from fonoteka.domain.query import CallQuery
from fonoteka.store.call_candidates import Way, in_time
from fonoteka.store.call_order import Order


def postings_of(way: Way, query: CallQuery, order: Order, limit: int) -> Select[Any]:
    """The places of the calls on the way, each once."""
    branches = []
    for one in way.in_order or way.together:
        c = one.selected_columns
        columns = _Named(c["started_at"], c["call_id"])
        branch = in_time(one, query).with_only_columns(columns.started_at, columns.id.label("id")).distinct()
        branches.append(branch.where(*order.beyond(columns)).order_by(*order.by(columns)).limit(limit))
    if len(branches) == 1:
        return branches[0]
    both = union_all(*(select(one.subquery()) for one in branches)).subquery()
    found = select(both.c.started_at, both.c.id).distinct()
    return found.order_by(*order.by(both.c)).limit(limit)


def is_on(way: Way, some: Any) -> ColumnElement[bool]:
    """Whether the index has it, which is told sooner than by looking at the call."""
    here = []
    for one in way.together:
        c = one.selected_columns
        same = one.where(c["started_at"] == some.c.started_at, c["call_id"] == some.c.id)
        here.append(exists(same.correlate(some)))
    return or_(*here)


@dataclass(frozen=True, slots=True)
class _Named:
    """Columns under the names that those of `calls` have."""

    started_at: Any
    id: Any
