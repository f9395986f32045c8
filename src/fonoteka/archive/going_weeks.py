"""The weeks whose calls go first when the room is used up, and when that begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from fonoteka.domain.forecast import Forecast, ForecastState
from fonoteka.domain.retention import Standing
from fonoteka.domain.storage_plan import StoragePlan, WhenFull
from fonoteka.domain.storage_use import Amount
from fonoteka.store import Transaction

WEEKS_SHOWN = 4
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class GoingWeek:
    """What nothing protects of the calls of a week (`first` a Monday), and when the first of it goes.

    `begins_on` None: not within the forecast's three years, or nothing can be said.
    """

    first: date
    last: date
    begins_on: date | None
    recordings: int
    duration_ms: int
    stored_bytes: int


def going_weeks(
    tx: Transaction, plan: StoragePlan, told: Forecast, used_bytes: int, today: date, zone: tzinfo = UTC
) -> tuple[GoingWeek, ...]:
    """The oldest weeks with anything that may be overwritten; none unless the plan overwrites.

    What lies in the bin goes before them. Weeks are those of `zone`.
    """
    if plan.quota_bytes is None or plan.when_full is not WhenFull.OVERWRITE_OLDEST:
        return ()
    found: list[GoingWeek] = []
    freed = tx.keeping.amount(plan.tenant_id, Standing.BINNED).stored_bytes
    at = tx.keeping.oldest_since(plan.tenant_id, Standing.FREE, None)
    while at is not None and len(found) < WEEKS_SHOWN:
        day = at.astimezone(zone).date()
        first = day - timedelta(days=day.weekday())
        until = _start_of(first + _WEEK, zone)
        of_week = tx.keeping.amount_between(plan.tenant_id, Standing.FREE, _start_of(first, zone), until)
        begins_on = _day_of(told, used_bytes, plan.quota_bytes + freed, today)
        found.append(_week(first, begins_on, of_week))
        freed += of_week.stored_bytes
        at = tx.keeping.oldest_since(plan.tenant_id, Standing.FREE, until)
    return tuple(found)


def _week(first: date, begins_on: date | None, of_week: Amount) -> GoingWeek:
    last = first + _WEEK - timedelta(days=1)
    return GoingWeek(first, last, begins_on, of_week.recordings, of_week.duration_ms, of_week.stored_bytes)


def _day_of(told: Forecast, used_bytes: int, reached_bytes: int, today: date) -> date | None:
    """On which day so much will have come, by the middle of what is expected."""
    if told.state not in (ForecastState.FULL_ON, ForecastState.FULL):
        return None
    if used_bytes >= reached_bytes:
        return today
    before, at = today, used_bytes
    for week in told.projection:
        if week.used_bytes >= reached_bytes:
            share = (reached_bytes - at) / (week.used_bytes - at)
            return before + timedelta(days=int(share * (week.day - before).days))
        before, at = week.day, week.used_bytes
    return None


def _start_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
