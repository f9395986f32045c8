"""Sums whole months that are over, so that long periods are read in a moment; and proves sums right."""

from __future__ import annotations

from sqlalchemy import Connection, select

from fonoteka.store import call_sums
from fonoteka.store.months import MonthKind, Months, take_turn
from fonoteka.store.tables import call_days, summed_months, talk_days, talk_facts, talk_months
from fonoteka.store.talk_counting import day_sums, month_sums, sum_month, sums_of_row


class MonthSums:
    """Sums by month of what is counted by day."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._months = Months(connection)

    def sum_one(self, tenant_id: str, before: int) -> bool:
        """Sum a month before the month `before` (`months.month_of`) that is not; False: there is none."""
        take_turn(self._connection)
        for kind, days, add in (
            (MonthKind.TALKS, talk_days, sum_month),
            (MonthKind.CALLS, call_days, call_sums.sum_month),
        ):
            for month in self._months.missing(tenant_id, kind, days, before):
                add(self._connection, tenant_id, month)
                self._months.summed(tenant_id, kind, month)
                return True
        return False

    def is_right(self, tenant_id: str) -> bool:
        """Whether days are the sums of their conversations, and months of such days."""
        return self._are_days_right(tenant_id) and self._are_months_right(tenant_id)

    def _are_days_right(self, tenant_id: str) -> bool:
        days: set[int] = set()
        for table in (talk_facts, talk_days):
            days |= set(
                self._connection.scalars(select(table.c.day).where(table.c.tenant_id == tenant_id).distinct())
            )
        c = talk_days.c
        for day in sorted(days):
            found = select(talk_days).where(c.tenant_id == tenant_id, c.day == day)
            stored = {row.number: sums_of_row(row) for row in self._connection.execute(found)}
            if stored != day_sums(self._connection, tenant_id, day):
                return False
        return True

    def _are_months_right(self, tenant_id: str) -> bool:
        c, s = talk_months.c, summed_months.c
        summed = select(s.month).where(s.tenant_id == tenant_id, s.kind == MonthKind.TALKS.value)
        for month in sorted(self._connection.scalars(summed)):
            found = select(talk_months).where(c.tenant_id == tenant_id, c.month == month)
            stored = {row.number: sums_of_row(row) for row in self._connection.execute(found)}
            if stored != month_sums(self._connection, tenant_id, month):
                return False
        return True
