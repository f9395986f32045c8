"""Reads the figures of reports from the tables that `call_counting` keeps."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, case, distinct, exists, func, select

from fonoteka.domain.call import CallOutcome
from fonoteka.domain.direction import Direction
from fonoteka.domain.query import NOBODY
from fonoteka.domain.report import CallerFigures, Kind, kind_of
from fonoteka.store.tables import call_days, call_hours, caller_calls, crew_members, crews, group_members

Counts = dict[Kind, tuple[int, int]]


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
        c = call_days.c
        found = _sums(c, c.crew_id).where(*_when(c, audience, since, until), *crew_of(c.crew_id, audience))
        return self._by(found.group_by(c.crew_id, c.direction, c.outcome))

    def by_day(self, audience: Audience, since: int, until: int) -> dict[int, Counts]:
        """Calls and milliseconds of each day by kind."""
        c = call_days.c
        found = _sums(c, c.day).where(*_when(c, audience, since, until), *crew_of(c.crew_id, audience))
        return self._by(found.group_by(c.day, c.direction, c.outcome))

    def by_hour(self, audience: Audience, since: int, until: int) -> dict[tuple[int, int], tuple[int, int]]:
        """Calls, and incoming calls that nobody answered, by weekday (Monday is 0) and hour."""
        c = call_hours.c
        # The first day of our era was a Monday.
        weekday = (c.day - 1) % 7
        is_missed = (c.direction == Direction.INCOMING.value) & (c.outcome == CallOutcome.MISSED.value)
        found = (
            select(
                weekday,
                c.hour,
                func.sum(c.calls, type_=BigInteger),
                func.sum(case((is_missed, c.calls), else_=0), type_=BigInteger),
            )
            .where(*_when(c, audience, since, until), *crew_of(c.crew_id, audience))
            .group_by(weekday, c.hour)
        )
        rows = self._connection.execute(found)
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
        earlier = caller_calls.alias("earlier")
        had_called = exists(
            select(1).where(
                earlier.c.tenant_id == audience.tenant_id,
                earlier.c.number_digits == c.number_digits,
                earlier.c.started_at < since,
                *crew_of(earlier.c.crew_id, audience),
            )
        )
        # A call has one caller, or two whose numbers differ in nothing but their notation.
        by_number = (
            select(func.count(distinct(c.call_id)).label("calls"), had_called.label("is_known"))
            .where(c.tenant_id == audience.tenant_id, c.started_at >= since, c.started_at < until)
            .where(*crew_of(c.crew_id, audience))
            .group_by(c.tenant_id, c.number_digits)
            .subquery()
        )
        found = select(by_number.c.is_known, func.count(), func.sum(by_number.c.calls, type_=BigInteger))
        rows = self._connection.execute(found.group_by(by_number.c.is_known))
        told = {bool(is_known): (int(numbers), int(calls)) for is_known, numbers, calls in rows}
        return CallerFigures(*told.get(False, (0, 0)), *told.get(True, (0, 0)))

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
            counted[key][kind_of(direction, outcome)] = (int(calls), int(duration_ms))
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
