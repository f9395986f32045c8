"""Reads what conversations come to, by agent and by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, func, select

from fonoteka.domain.insight import SUM_NAMES, TalkFact, TalkSums
from fonoteka.domain.spread import Spread
from fonoteka.store.columns import unindexed
from fonoteka.store.months import MonthKind, Months
from fonoteka.store.tables import talk_days, talk_facts, talk_months
from fonoteka.store.talk_counting import FACT_COLUMNS, fact_of

Numbers = Collection[str] | None


class TalkReports:
    """Sums over days (ordinals of the tenant's zone, `until` exclusive) of some own numbers; None: of any."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_number(self, tenant_id: str, numbers: Numbers, since: int, until: int) -> dict[str, TalkSums]:
        """The sums of each number."""
        stretch = Months(self._connection).stretch(tenant_id, MonthKind.TALKS, since, until)
        found: dict[str, TalkSums] = {}
        m, d = talk_months.c, talk_days.c
        if stretch.months:
            self._add(found, talk_months, [*_of(m, tenant_id, numbers), m.month.in_(stretch.months)])
        if stretch.days:
            self._add(found, talk_days, [*_of(d, tenant_id, numbers), stretch.of_days(d.day)])
        return found

    def by_day(self, tenant_id: str, numbers: Numbers, since: int, until: int) -> dict[int, TalkSums]:
        """The sums of each day, without their spread."""
        c = talk_days.c
        found = select(c.day, *_sums(c)).where(*_of(c, tenant_id, numbers), c.day >= since, c.day < until)
        rows = self._connection.execute(found.group_by(c.day))
        return {int(day): TalkSums.of(sums) for day, *sums in rows}

    def worthy(
        self, tenant_id: str, numbers: Numbers, since: int, until: int, limit: int
    ) -> tuple[TalkFact, ...]:
        """The conversations whose figures ask most for a listener, those first."""
        c = talk_facts.c
        best = (
            select(c.utc_hour, c.recording_id, c.channel)
            .where(*_of(c, tenant_id, numbers), c.day >= since, c.day < until, c.worth > 0)
            .order_by(c.worth.desc())
            .limit(limit)
            .subquery()
        )
        found = (
            select(*FACT_COLUMNS)
            .join(
                best,
                (c.tenant_id == tenant_id)
                & (best.c.utc_hour == c.utc_hour)
                & (best.c.recording_id == c.recording_id)
                & (best.c.channel == c.channel),
            )
            .order_by(c.worth.desc(), c.recording_id, c.channel)
        )
        return tuple(fact_of(row) for row in self._connection.execute(found))

    def of_recordings(self, tenant_id: str, recording_ids: Collection[str]) -> tuple[TalkFact, ...]:
        """The facts of some recordings."""
        c = talk_facts.c
        found = select(*FACT_COLUMNS).where(
            c.recording_id.in_(sorted(recording_ids)), unindexed(c.tenant_id) == tenant_id
        )
        return tuple(
            fact_of(row) for row in self._connection.execute(found.order_by(c.recording_id, c.channel))
        )

    def _add(self, found: dict[str, TalkSums], table: Table, conditions: list[ColumnElement[bool]]) -> None:
        """Sums by the database; spreads, which are whole numbers of it, here."""
        c = table.c
        spreads: defaultdict[str, int] = defaultdict(int)
        for number, spread in self._connection.execute(select(c.number, c.spread).where(*conditions)):
            spreads[number] += int.from_bytes(spread, "little")
        rows = self._connection.execute(select(c.number, *_sums(c)).where(*conditions).group_by(c.number))
        for number, *sums in rows:
            here = TalkSums.of(sums, Spread(spreads[number]))
            found[number] = found[number] + here if number in found else here


def _sums(columns: Any) -> list[ColumnElement[int]]:
    return [func.sum(columns[name], type_=BigInteger) for name in SUM_NAMES]


def _of(columns: Any, tenant_id: str, numbers: Numbers) -> list[ColumnElement[bool]]:
    mine = [columns.tenant_id == tenant_id]
    return mine if numbers is None else [*mine, columns.number.in_(sorted(numbers))]
