"""Reads the figures of reports from the tables that `call_counting` keeps."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    case,
    distinct,
    exists,
    func,
    select,
    union_all,
)

from fonoteka.domain.call import CallOutcome
from fonoteka.domain.direction import Direction
from fonoteka.domain.query import NOBODY
from fonoteka.domain.report import CALL, CallerFigures, Kind, kind_of
from fonoteka.store.months import MonthKind, Months
from fonoteka.store.tables import (
    call_days,
    call_hours,
    call_months,
    caller_calls,
    crew_members,
    crews,
    group_members,
    tenant_days,
    tenant_hours,
)

Counts = dict[Kind, int]


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose calls are counted: of a tenant those in which one of `reach` took part (None: any).

    And, with a `group_id`, a member of that group; `NOBODY`: no member of any.
    """

    tenant_id: str
    reach: frozenset[str] | None = None
    group_id: str = ""

    @property
    def is_everybody(self) -> bool:
        """Whether all calls of the tenant count."""
        return self.reach is None and not self.group_id


class Reports:
    """Sums over days (ordinals of the tenant's zone, `until` exclusive); none looks at a call."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_crew(self, audience: Audience, since: int, until: int) -> dict[int, Counts]:
        """Calls and milliseconds of each crew by kind."""
        stretch = Months(self._connection).stretch(audience.tenant_id, MonthKind.CALLS, since, until)
        m, d = call_months.c, call_days.c
        parts = []
        if stretch.months:
            parts.append(_kinds(m, audience).where(m.month.in_(stretch.months)))
        if stretch.days:
            parts.append(_kinds(d, audience).where(stretch.of_days(d.day)))
        if not parts:
            return {}
        rows = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery().c
        found = _sums(rows, rows.crew_id).group_by(rows.crew_id, rows.direction, rows.outcome)
        return self._by(found)

    def by_day(self, audience: Audience, since: int, until: int) -> dict[int, Counts]:
        """Calls and milliseconds of each day by kind."""
        c: Any = tenant_days.c if audience.is_everybody else call_days.c
        found = _sums(c, c.day).where(*_when(c, audience, since, until))
        if not audience.is_everybody:
            found = found.where(*crew_of(c.crew_id, audience))
        return self._by(found.group_by(c.day, c.direction, c.outcome))

    def by_hour(self, audience: Audience, since: int, until: int) -> dict[tuple[int, int], tuple[int, int]]:
        """Calls, and incoming calls that nobody answered, by weekday (Monday is 0) and hour."""
        c = call_hours.c
        is_missed = (c.direction == Direction.INCOMING.value) & (c.outcome == CallOutcome.MISSED.value)
        missed: ColumnElement[int] = case((is_missed, c.calls), else_=0)
        table: Any = c
        if audience.is_everybody:
            table, missed = tenant_hours.c, tenant_hours.c.missed
        # The first day of our era was a Monday.
        weekday = (table.day - 1) % 7
        found = select(
            weekday,
            table.hour,
            func.sum(table.calls, type_=BigInteger),
            func.sum(missed, type_=BigInteger),
        ).where(*_when(table, audience, since, until))
        if not audience.is_everybody:
            found = found.where(*crew_of(c.crew_id, audience))
        rows = self._connection.execute(found.group_by(weekday, table.hour))
        return {(int(day), int(hour)): (int(calls), int(missed)) for day, hour, calls, missed in rows}

    def crews(self, tenant_id: str) -> dict[int, frozenset[str]]:
        """The numbers of each crew."""
        found = select(crews.c.id, crews.c.numbers).where(crews.c.tenant_id == tenant_id)
        return {
            id_: frozenset(filter(None, told.split("\n"))) for id_, told in self._connection.execute(found)
        }

    def callers(self, audience: Audience, since: datetime, until: datetime) -> CallerFigures:
        """Outside numbers that called between the instants, and whether they ever had before."""
        if audience.is_everybody:
            return self._all_callers(audience.tenant_id, since, until)
        c = caller_calls.c
        # A call has one caller, or two whose numbers differ in nothing but their notation.
        by_number = (
            select(c.number_digits, func.count(distinct(c.call_id)).label("calls"))
            .where(c.tenant_id == audience.tenant_id, c.started_at >= since, c.started_at < until)
            .where(*crew_of(c.crew_id, audience))
            .group_by(c.number_digits)
            .subquery()
        )
        earlier = caller_calls.alias("earlier").c
        # A condition, and no column: PostgreSQL joins it, where it asked for each number (5 times slower).
        had_called = exists(
            select(1).where(
                earlier.tenant_id == audience.tenant_id,
                earlier.number_digits == by_number.c.number_digits,
                earlier.started_at < since,
                *crew_of(earlier.crew_id, audience),
            )
        )
        calls = func.coalesce(func.sum(by_number.c.calls, type_=BigInteger), 0)
        found = select(func.count(), calls).select_from(by_number)
        (every, of_every), (known, of_known) = (
            map(int, self._connection.execute(one).one()) for one in (found, found.where(had_called))
        )
        return CallerFigures(every - known, of_every - of_known, known, of_known)

    def _all_callers(self, tenant_id: str, since: datetime, until: datetime) -> CallerFigures:
        """Of everybody's calls each knows what was before it: a look at each of the period is enough."""
        c = caller_calls.c

        def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
            return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

        found = select(
            count(c.previous_at.is_(None)),
            count(c.first_at >= since),
            count(c.previous_at < since),
            count(c.first_at < since),
        ).where(c.tenant_id == tenant_id, c.started_at >= since, c.started_at < until)
        return CallerFigures(*map(int, self._connection.execute(found).one()))

    def _by(self, found: Select[Any]) -> dict[int, Counts]:
        counted: defaultdict[int, Counts] = defaultdict(dict)
        for key, direction, outcome, calls, duration_ms in self._connection.execute(found):
            counted[key][kind_of(direction, outcome)] = int(calls) * CALL + int(duration_ms)
        return dict(counted)


def crew_of(crew_id: ColumnElement[int], audience: Audience) -> list[ColumnElement[bool]]:
    """The condition that a crew is one whose calls the audience counts."""
    conditions: list[ColumnElement[bool]] = []
    m = crew_members.c
    of_tenant = select(m.crew_id).where(m.tenant_id == audience.tenant_id)
    if audience.reach is not None:
        conditions.append(crew_id.in_(of_tenant.where(m.number.in_(sorted(audience.reach)))))
    if audience.group_id:
        g = group_members.c
        in_group = select(g.number).where(g.tenant_id == audience.tenant_id)
        if audience.group_id == NOBODY:
            conditions.append(crew_id.not_in(of_tenant.where(m.number.in_(in_group))))
        else:
            of_group = in_group.where(g.group_id == audience.group_id)
            conditions.append(crew_id.in_(of_tenant.where(m.number.in_(of_group))))
    return conditions


def _kinds(columns: Any, audience: Audience) -> Select[Any]:
    """Rows of crews whose calls the audience counts."""
    c = columns
    found = select(c.crew_id, c.direction, c.outcome, c.calls, c.duration_ms)
    return found.where(c.tenant_id == audience.tenant_id, *crew_of(c.crew_id, audience))


def _sums(columns: Any, key: ColumnElement[int]) -> Select[Any]:
    return select(
        key,
        columns.direction,
        columns.outcome,
        func.sum(columns.calls, type_=BigInteger),
        func.sum(columns.duration_ms, type_=BigInteger),
    )


def _when(columns: Any, audience: Audience, since: int, until: int) -> list[ColumnElement[bool]]:
    return [columns.tenant_id == audience.tenant_id, columns.day >= since, columns.day < until]
