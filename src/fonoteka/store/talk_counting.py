"""Keeps the figures of conversations by agent true: hour by hour, where something changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import fields
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, insert, select

from fonoteka.domain.insight import SUM_NAMES, TalkFact, TalkSums, sums_of
from fonoteka.domain.spread import Spread
from fonoteka.domain.worth import worth_of
from fonoteka.store.months import MonthKind, Months, days_of, month_of
from fonoteka.store.tables import talk_days, talk_facts, talk_months
from fonoteka.store.talk_facts import facts_of_hour

FACT_NAMES = tuple(one.name for one in fields(TalkFact))
FACT_COLUMNS = tuple(talk_facts.c[name] for name in FACT_NAMES)


class TalkCounting:
    """Counts the conversations of a tenant; `is_own` tells its numbers."""

    def __init__(
        self, connection: Connection, tenant_id: str, zone: ZoneInfo, is_own: Callable[[str], bool]
    ) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._zone = zone
        self._is_own = is_own

    def count(self, utc_hours: Iterable[int]) -> None:
        """Count these UTC hours anew, and the days and months that hold them."""
        days: set[int] = set()
        for hour in utc_hours:
            former, now = self.stored(hour), self.naive(hour)
            if former != now:
                self._write(hour, now)
                days |= {one.day for one in former | now}
        self._sum_days(days)

    def naive(self, utc_hour: int) -> set[TalkFact]:
        """What the analyses of the hour's calls come to."""
        return facts_of_hour(self._connection, self._tenant_id, utc_hour, self._zone, self._is_own)

    def stored(self, utc_hour: int) -> set[TalkFact]:
        """What is written down of it."""
        c = talk_facts.c
        found = select(*FACT_COLUMNS).where(c.tenant_id == self._tenant_id, c.utc_hour == utc_hour)
        return {fact_of(row) for row in self._connection.execute(found)}

    def _write(self, utc_hour: int, facts: set[TalkFact]) -> None:
        c = talk_facts.c
        self._connection.execute(
            delete(talk_facts).where(c.tenant_id == self._tenant_id, c.utc_hour == utc_hour)
        )
        rows = [
            {
                "tenant_id": self._tenant_id,
                "utc_hour": utc_hour,
                "worth": worth_of(one),
                **{name: getattr(one, name) for name in FACT_NAMES},
            }
            for one in facts
        ]
        if rows:
            self._connection.execute(insert(talk_facts), rows)

    def _sum_days(self, days: Collection[int]) -> None:
        c = talk_days.c
        for day in sorted(days):
            self._connection.execute(delete(talk_days).where(c.tenant_id == self._tenant_id, c.day == day))
            rows = rows_of(self._tenant_id, "day", day, day_sums(self._connection, self._tenant_id, day))
            if rows:
                self._connection.execute(insert(talk_days), rows)
        Months(self._connection).changed(self._tenant_id, MonthKind.TALKS, map(month_of, days))


def day_sums(connection: Connection, tenant_id: str, day: int) -> dict[str, TalkSums]:
    """What the facts of a day come to, by number."""
    c = talk_facts.c
    by_number: defaultdict[str, list[TalkFact]] = defaultdict(list)
    for row in connection.execute(select(*FACT_COLUMNS).where(c.tenant_id == tenant_id, c.day == day)):
        fact = fact_of(row)
        by_number[fact.number].append(fact)
    return {number: sums_of(facts) for number, facts in by_number.items()}


def month_sums(connection: Connection, tenant_id: str, month: int) -> dict[str, TalkSums]:
    """What the days of a month come to, by number."""
    c, days = talk_days.c, days_of(month)
    found = select(talk_days).where(c.tenant_id == tenant_id, c.day >= days.start, c.day < days.stop)
    by_number: defaultdict[str, TalkSums] = defaultdict(TalkSums)
    for row in connection.execute(found):
        by_number[row.number] += sums_of_row(row)
    return dict(by_number)


def sum_month(connection: Connection, tenant_id: str, month: int) -> None:
    """Write down what the days of a month come to."""
    c = talk_months.c
    connection.execute(delete(talk_months).where(c.tenant_id == tenant_id, c.month == month))
    rows = rows_of(tenant_id, "month", month, month_sums(connection, tenant_id, month))
    if rows:
        connection.execute(insert(talk_months), rows)


def rows_of(tenant_id: str, name: str, period: int, sums: dict[str, TalkSums]) -> Sequence[dict[str, Any]]:
    """Rows of a table of sums."""
    return [
        {
            "tenant_id": tenant_id,
            name: period,
            "number": number,
            "spread": one.spread.encode(),
            **{each: getattr(one, each) for each in SUM_NAMES},
        }
        for number, one in sorted(sums.items())
    ]


def sums_of_row(row: Row[Any]) -> TalkSums:
    """The sums that a row of `talk_days` or `talk_months` holds."""
    whole = {name: getattr(row, name) for name in SUM_NAMES}
    return TalkSums(spread=Spread.decode(row.spread), **whole)


def fact_of(row: Sequence[Any] | Row[Any]) -> TalkFact:
    """The fact of a row of `FACT_COLUMNS`."""
    return TalkFact(*row)
