"""Counts calls for the reports: hour by hour, where something changed; and proves that it was right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Connection, delete, func, insert, select, update
from sqlalchemy import tuple_ as row_value
from sqlalchemy import type_coerce as read_as

from fonoteka.store.call_sums import are_right, forget_days, sum_days
from fonoteka.store.columns import from_microseconds
from fonoteka.store.hour_counter import HOUR_US, CallerCall, HourCount, HourCounter
from fonoteka.store.months import take_turn
from fonoteka.store.tables import (
    call_hours,
    call_marks,
    caller_calls,
    calls,
    talk_days,
    talk_facts,
)
from fonoteka.store.talk_counting import TalkCounting
from fonoteka.store.topic_counting import TopicCounting

HOURS_AT_ONCE = 24
_TOGETHER = 500


class CallCounting:
    """Keeps the tables of reports true. A number of at most `extension_digits_max` digits is one of ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._topics = TopicCounting(connection)

    def is_due(self, tenant_id: str) -> bool:
        """Whether something of the tenant is to be counted anew."""
        found = select(call_marks.c.id).where(call_marks.c.tenant_id == tenant_id).limit(1)
        return self._connection.scalar(found) is not None

    def forget(self, tenant_id: str) -> None:
        """Everything of the tenant is to be counted anew, from nothing."""
        for table in (call_hours, caller_calls, talk_facts, talk_days):
            self._connection.execute(delete(table).where(table.c.tenant_id == tenant_id))
        forget_days(self._connection, tenant_id)
        self._topics.forget(tenant_id)
        self._connection.execute(insert(call_marks).values(tenant_id=tenant_id, utc_hour=None))

    def count_marked(self, extension_digits_max: int, tenant_id: str | None = None) -> int:
        """Count some of the marked hours anew: how many. To be repeated until it is none.

        Whatever changes meanwhile leaves a mark of its own; so this may run at any time, by several at once.
        """
        take_turn(self._connection)
        self._spread_whole()
        c = call_marks.c
        some = select(c.tenant_id, c.utc_hour, func.max(c.id)).where(c.utc_hour.is_not(None))
        if tenant_id is not None:
            some = some.where(c.tenant_id == tenant_id)
        some = some.group_by(c.tenant_id, c.utc_hour).order_by(c.tenant_id, c.utc_hour).limit(HOURS_AT_ONCE)
        marked = self._connection.execute(some).all()
        hours: defaultdict[str, list[int]] = defaultdict(list)
        for of_tenant, hour, newest in marked:
            self._connection.execute(
                delete(call_marks).where(c.tenant_id == of_tenant, c.utc_hour == hour, c.id <= newest)
            )
            hours[of_tenant].append(hour)
        for of_tenant, some_hours in sorted(hours.items()):
            self._count(of_tenant, some_hours, extension_digits_max)
        return len(marked)

    def differences(
        self, tenant_id: str, utc_hours: Iterable[int], extension_digits_max: int
    ) -> tuple[int, ...]:
        """Those of the UTC hours whose counts are not what their calls come to."""
        naive = HourCounter(self._connection, tenant_id, extension_digits_max)
        talks = self._talks(tenant_id, naive)
        return tuple(
            one
            for one in utc_hours
            if self._stored(tenant_id, one) != naive.count(one) or talks.stored(one) != talks.naive(one)
        )

    def is_summed(self, tenant_id: str) -> bool:
        """Whether sums and topics are those of their parts, and each call knows the one before it."""
        if not are_right(self._connection, tenant_id) or not self._topics.is_summed(tenant_id):
            return False
        k = caller_calls.c
        in_order = select(k.number_digits, k.started_at, k.previous_at, k.first_at).where(
            k.tenant_id == tenant_id
        )
        number, before, first = "", None, None
        for row in self._connection.execute(in_order.order_by(k.number_digits, k.started_at, k.call_id)):
            if row.number_digits != number:
                number, before, first = row.number_digits, None, row.started_at
            if (row.previous_at, row.first_at) != (before, first):
                return False
            before = row.started_at
        return True

    def hours_with_calls(self, tenant_id: str) -> tuple[int, ...]:
        """The UTC hours (since 1970) in which the tenant has calls, or counts of some."""
        began = read_as(calls.c.started_at, BigInteger)
        c = call_hours.c
        hours = set(
            self._connection.scalars(
                select((began - ((began % HOUR_US) + HOUR_US) % HOUR_US) // HOUR_US)
                .where(calls.c.tenant_id == tenant_id)
                .distinct()
            )
        )
        counted = select(c.utc_hour).where(c.tenant_id == tenant_id).distinct()
        return tuple(sorted(hours.union(self._connection.scalars(counted))))

    def _spread_whole(self) -> None:
        """Marks of every hour become a mark for each hour that has anything."""
        c = call_marks.c
        gone = delete(call_marks).where(c.utc_hour.is_(None)).returning(c.tenant_id)
        for tenant_id in sorted(set(self._connection.scalars(gone))):
            rows = [{"tenant_id": tenant_id, "utc_hour": one} for one in self.hours_with_calls(tenant_id)]
            if rows:
                self._connection.execute(insert(call_marks), rows)

    def _count(self, tenant_id: str, utc_hours: Sequence[int], extension_digits_max: int) -> None:
        counter = HourCounter(self._connection, tenant_id, extension_digits_max)
        days: set[int] = set()
        topic_days: set[int] = set()
        for hour in utc_hours:
            counted = counter.count(hour)
            days |= self._write(tenant_id, hour, counted)
            topic_days |= self._topics.place(tenant_id, counted.places)
        sum_days(self._connection, tenant_id, days)
        self._topics.sum_days(tenant_id, topic_days)
        self._talks(tenant_id, counter).count(utc_hours)

    def _talks(self, tenant_id: str, counter: HourCounter) -> TalkCounting:
        return TalkCounting(self._connection, tenant_id, counter.zone, counter.is_own)

    def _write(self, tenant_id: str, utc_hour: int, counted: HourCount) -> set[int]:
        """Put an hour's counts in the place of the former ones: the days that changed."""
        former = self._stored(tenant_id, utc_hour)
        if former == counted:
            return set()
        c = call_hours.c
        self._connection.execute(delete(call_hours).where(c.tenant_id == tenant_id, c.utc_hour == utc_hour))
        rows = [
            {
                "tenant_id": tenant_id,
                "day": day,
                "crew_id": crew_id,
                "utc_hour": utc_hour,
                "hour": hour,
                "direction": direction,
                "outcome": outcome,
                "calls": count,
                "duration_ms": duration_ms,
            }
            for (day, hour, crew_id, direction, outcome), (count, duration_ms) in counted.sums.items()
        ]
        if rows:
            self._connection.execute(insert(call_hours), rows)
        if former.callers != counted.callers:
            self._write_callers(tenant_id, utc_hour, former.callers, counted.callers)
        return {day for sums in (former.sums, counted.sums) for day, *_ in sums}

    def _write_callers(
        self, tenant_id: str, utc_hour: int, former: set[CallerCall], now: set[CallerCall]
    ) -> None:
        c = caller_calls.c
        begin, end = from_microseconds(utc_hour * HOUR_US), from_microseconds((utc_hour + 1) * HOUR_US)
        self._connection.execute(
            delete(caller_calls).where(c.tenant_id == tenant_id, c.started_at >= begin, c.started_at < end)
        )
        rows = [
            {
                "tenant_id": tenant_id,
                "number_digits": one.number_digits,
                "started_at": (at := from_microseconds(one.started_at_us)),
                "call_id": one.call_id,
                "crew_id": one.crew_id,
                "previous_at": None,
                "first_at": at,
            }
            for one in now
        ]
        if rows:
            self._connection.execute(insert(caller_calls), rows)
        numbers = sorted({one.number_digits for one in former | now})
        for start in range(0, len(numbers), _TOGETHER):
            self._chain(tenant_id, numbers[start : start + _TOGETHER], begin, end)

    def _chain(self, tenant_id: str, numbers: Sequence[str], begin: datetime, end: datetime) -> None:
        """Tell the calls of the hour, and the one after it, which was before; and all, which was first."""
        c, other = caller_calls.c, caller_calls.alias("other")
        o = other.c
        same = (o.tenant_id == c.tenant_id, o.number_digits == c.number_digits)
        earlier = row_value(o.started_at, o.call_id) < row_value(c.started_at, c.call_id)
        previous = select(func.max(o.started_at)).where(*same, earlier).scalar_subquery()
        following = select(func.min(o.started_at)).where(*same, o.started_at >= end).scalar_subquery()
        first = select(func.min(o.started_at)).where(*same).scalar_subquery()
        of_numbers = (c.tenant_id == tenant_id, c.number_digits.in_(numbers))
        renewed = update(caller_calls).values(previous_at=previous).where(*of_numbers)
        self._connection.execute(renewed.where(c.started_at >= begin, c.started_at < end))
        self._connection.execute(renewed.where(c.started_at == following))
        self._connection.execute(
            update(caller_calls).values(first_at=first).where(*of_numbers, c.first_at != first)
        )

    def _stored(self, tenant_id: str, utc_hour: int) -> HourCount:
        c, k = call_hours.c, caller_calls.c
        found = select(c.day, c.hour, c.crew_id, c.direction, c.outcome, c.calls, c.duration_ms)
        rows = self._connection.execute(found.where(c.tenant_id == tenant_id, c.utc_hour == utc_hour))
        sums = {tuple(key): (calls_, ms) for *key, calls_, ms in rows}
        callers = self._connection.execute(
            select(k.number_digits, read_as(k.started_at, BigInteger), k.call_id, k.crew_id).where(
                k.tenant_id == tenant_id,
                k.started_at >= from_microseconds(utc_hour * HOUR_US),
                k.started_at < from_microseconds((utc_hour + 1) * HOUR_US),
            )
        )
        return HourCount(sums, {CallerCall(*row) for row in callers})
