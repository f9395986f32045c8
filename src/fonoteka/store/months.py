"""Months whose sums hold. Sums of a month are never wrong, only missing: then its days are read instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select

from fonoteka.store.insertion import insert_all_missing
from fonoteka.store.tables import summed_months


class MonthKind(StrEnum):
    """What is summed by month, each kind apart from the others."""

    CALLS = "calls"
    TALKS = "talks"


def month_of(day: int) -> int:
    """The month of a day (an ordinal): months since the year 0."""
    at = date.fromordinal(day)
    return at.year * 12 + at.month - 1


def days_of(month: int) -> range:
    """The days (ordinals) of a month."""
    first, after = (date(one // 12, one % 12 + 1, 1).toordinal() for one in (month, month + 1))
    return range(first, after)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time: whole `months` that can be read, and the `days` beside them (since, and until exclusive)."""

    months: tuple[int, ...]
    days: tuple[tuple[int, int], ...]

    def of_days(self, day: ColumnElement[int]) -> ColumnElement[bool]:
        """The condition that a row's day is read as a day."""
        return or_(*((day >= since) & (day < until) for since, until in self.days))


_TURN = 0x666F6E6F
"""The advisory lock of whoever counts."""


def take_turn(connection: Connection) -> None:
    """Let one count at a time until this transaction ends: two would not see each other's rows."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_TURN)))


class Months:
    """Which months of a tenant are summed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def stretch(self, tenant_id: str, kind: MonthKind, since: int, until: int) -> Stretch:
        """How to read the days from `since` on (`until` exclusive)."""
        c = summed_months.c
        found = select(c.month).where(c.tenant_id == tenant_id, c.kind == kind.value)
        found = found.where(c.month >= month_of(since), c.month <= month_of(until))
        whole = []
        for month in sorted(self._connection.scalars(found)):
            days = days_of(month)
            if since <= days.start and days.stop <= until:
                whole.append(month)
        rest, at = [], since
        for month in whole:
            days = days_of(month)
            if at < days.start:
                rest.append((at, days.start))
            at = days.stop
        if at < until:
            rest.append((at, until))
        return Stretch(tuple(whole), tuple(rest))

    def changed(self, tenant_id: str, kind: MonthKind, months: Iterable[int]) -> None:
        """The sums of these months hold no more."""
        c = summed_months.c
        self._connection.execute(
            delete(summed_months).where(
                c.tenant_id == tenant_id, c.kind == kind.value, c.month.in_(sorted(set(months)))
            )
        )

    def summed(self, tenant_id: str, kind: MonthKind, month: int) -> None:
        """The sums of the month hold from now on."""
        row = {"tenant_id": tenant_id, "kind": kind.value, "month": month}
        insert_all_missing(self._connection, summed_months, [row])

    def missing(self, tenant_id: str, kind: MonthKind, days: Table, before: int) -> Sequence[int]:
        """Months before the month `before` that have rows by day in a table, and no sums."""
        first, last = self._edges(tenant_id, days)
        if first is None or last is None:
            return ()
        c = summed_months.c
        known = set(
            self._connection.scalars(select(c.month).where(c.tenant_id == tenant_id, c.kind == kind.value))
        )
        return [
            month for month in range(month_of(first), min(month_of(last) + 1, before)) if month not in known
        ]

    def _edges(self, tenant_id: str, days: Table) -> tuple[int | None, int | None]:
        of: Any = days.c.day
        found = select(of).where(days.c.tenant_id == tenant_id).limit(1)
        first, last = (self._connection.scalar(found.order_by(one)) for one in (of, of.desc()))
        return first, last
