"""Sums of the counts by hour: by day and crew, by day of everybody, by month. Each is one statement."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    case,
    delete,
    func,
    insert,
    literal,
    select,
)

from fonoteka.domain.call import CallOutcome
from fonoteka.domain.direction import Direction
from fonoteka.store.months import MonthKind, Months, days_of, month_of
from fonoteka.store.tables import call_days, call_hours, call_months, summed_months, tenant_days, tenant_hours

Sums = Select[Any]


def _added(column: ColumnElement[int]) -> ColumnElement[int]:
    return func.sum(column, type_=BigInteger)


def _by_crew(tenant_id: str) -> Sums:
    c = call_hours.c
    kinds = (c.tenant_id, c.day, c.crew_id, c.direction, c.outcome)
    found = select(*kinds, _added(c.calls), _added(c.duration_ms)).where(c.tenant_id == tenant_id)
    return found.group_by(*kinds)


def _of_all(tenant_id: str) -> Sums:
    c = call_hours.c
    kinds = (c.tenant_id, c.day, c.direction, c.outcome)
    found = select(*kinds, _added(c.calls), _added(c.duration_ms)).where(c.tenant_id == tenant_id)
    return found.group_by(*kinds)


def _of_all_by_hour(tenant_id: str) -> Sums:
    c = call_hours.c
    kinds = (c.tenant_id, c.day, c.hour)
    is_missed = (c.direction == Direction.INCOMING.value) & (c.outcome == CallOutcome.MISSED.value)
    missed = _added(case((is_missed, c.calls), else_=0))
    return select(*kinds, _added(c.calls), missed).where(c.tenant_id == tenant_id).group_by(*kinds)


_OF_DAYS = ((call_days, _by_crew), (tenant_days, _of_all), (tenant_hours, _of_all_by_hour))


def sum_days(connection: Connection, tenant_id: str, days: Collection[int]) -> None:
    """Sum these days anew; the sums of their months hold no more."""
    if not days:
        return
    chosen = sorted(days)
    for table, sums in _OF_DAYS:
        connection.execute(delete(table).where(table.c.tenant_id == tenant_id, table.c.day.in_(chosen)))
        summed = sums(tenant_id).where(call_hours.c.day.in_(chosen))
        connection.execute(insert(table).from_select([one.name for one in table.c], summed))
    Months(connection).changed(tenant_id, MonthKind.CALLS, map(month_of, days))


def sum_month(connection: Connection, tenant_id: str, month: int) -> None:
    """Sum the days of a month by crew."""
    c = call_months.c
    connection.execute(delete(call_months).where(c.tenant_id == tenant_id, c.month == month))
    summed = _of_month(tenant_id, month)
    connection.execute(insert(call_months).from_select([one.name for one in c], summed))


def forget_days(connection: Connection, tenant_id: str) -> None:
    """Everything is to be summed anew, from nothing."""
    for table in (*(one for one, _ in _OF_DAYS), summed_months):
        connection.execute(delete(table).where(table.c.tenant_id == tenant_id))


def are_right(connection: Connection, tenant_id: str) -> bool:
    """Whether all of it is the sum of its parts."""
    for table, sums in _OF_DAYS:
        if not _is_same(connection, select(table).where(table.c.tenant_id == tenant_id), sums(tenant_id)):
            return False
    c, s = call_months.c, summed_months.c
    summed = select(s.month).where(s.tenant_id == tenant_id, s.kind == MonthKind.CALLS.value)
    for month in connection.scalars(summed).all():
        known = select(call_months).where(c.tenant_id == tenant_id, c.month == month)
        if not _is_same(connection, known, _of_month(tenant_id, month)):
            return False
    return True


def _of_month(tenant_id: str, month: int) -> Sums:
    c, days = call_days.c, days_of(month)
    kinds = (c.crew_id, c.direction, c.outcome)
    return (
        select(c.tenant_id, literal(month, BigInteger), *kinds, _added(c.calls), _added(c.duration_ms))
        .where(c.tenant_id == tenant_id, c.day >= days.start, c.day < days.stop)
        .group_by(c.tenant_id, *kinds)
    )


def _is_same(connection: Connection, one: Sums, other: Sums) -> bool:
    there, wanted = ({tuple(map(str, row)) for row in connection.execute(each)} for each in (one, other))
    return there == wanted
