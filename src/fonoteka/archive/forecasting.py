"""When a tenant's room is full, and what grows: from days of sound that are kept, not from a million rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from fonoteka.archive.archive import Archive
from fonoteka.archive.going_weeks import GoingWeek, going_weeks
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.forecast import WEEKS_MAX, Forecast, forecast
from fonoteka.store import SoundDay, Transaction

_EPOCH = date(1970, 1, 1)
_MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class UsedDay:
    """What was stored at the end of a UTC day."""

    day: date
    used_bytes: int


@dataclass(frozen=True, slots=True)
class GroupGrowth:
    """What a group's calls take: now, added in the last 30 whole days, and in the 30 before."""

    group_id: str
    name: str
    stored_bytes: int
    added_bytes: int
    added_before_bytes: int

    @property
    def change(self) -> float | None:
        """How much more was added than before, 0.12 for +12 %; None where there was nothing before."""
        return self.added_bytes / self.added_before_bytes - 1 if self.added_before_bytes else None


@dataclass(frozen=True, slots=True)
class StorageForecast:
    """`history` are the days since the first recording, the last one today; `quota_bytes` None: no limit."""

    forecast: Forecast
    history: tuple[UsedDay, ...]
    used_bytes: int
    quota_bytes: int | None
    today: date
    groups: tuple[GroupGrowth, ...]
    going: tuple[GoingWeek, ...]


def storage_forecast(archive: Archive, actor: Actor, zone: tzinfo = UTC) -> StorageForecast:
    """The forecast of the actor's tenant under the plan in force. Raises `AccessDenied`.

    Days are those of UTC: what a night shift adds counts a day sooner or later, which no date of months
    ahead shows. The weeks that go first are those of `zone`.
    """
    require(actor, Permission.STORAGE_SEE, actor.tenant_id)
    today = archive.now().date()
    with archive.store.reading() as tx:
        plan = tx.plans.newest(actor.tenant_id)
        used = tx.usage.get(actor.tenant_id).stored_bytes
        days = tx.sound_days.of(actor.tenant_id)
        groups = _groups(tx, actor.tenant_id, _number(today))
        added = _added(days, _number(today))
        told = forecast(added[-7 * WEEKS_MAX :], used, plan.quota_bytes, today)
        going = going_weeks(tx, plan, told, used, today, zone)
    return StorageForecast(told, _history(days, used, today), used, plan.quota_bytes, today, groups, going)


def _groups(tx: Transaction, tenant_id: str, today: int) -> tuple[GroupGrowth, ...]:
    stored = tx.sound_days.stored_by_group(tenant_id)
    added = tx.sound_days.by_group(tenant_id, today - _MONTH_DAYS, today)
    before = tx.sound_days.by_group(tenant_id, today - 2 * _MONTH_DAYS, today - _MONTH_DAYS)
    found = (
        GroupGrowth(one.id, one.name, stored.get(one.id, 0), added.get(one.id, 0), before.get(one.id, 0))
        for one in tx.groups.all(tenant_id)
    )
    return tuple(sorted(found, key=lambda one: (-one.stored_bytes, one.name)))


def _added(days: Sequence[SoundDay], today: int) -> list[int]:
    """Bytes added on each day up to yesterday, from the first day with any."""
    by_day = {one.day: one.added_bytes for one in days if one.day < today and one.added_bytes}
    return [by_day.get(day, 0) for day in range(min(by_day, default=today), today)]


def _history(days: Sequence[SoundDay], used: int, today: date) -> tuple[UsedDay, ...]:
    """Backwards from what is used now: the day's additions go, what it removed comes back."""
    last = _number(today)
    changes = {one.day: one.added_bytes - one.removed_bytes for one in days if one.day <= last}
    at, found = used, []
    for day in range(last, min(changes, default=last) - 1, -1):
        found.append(UsedDay(_EPOCH + timedelta(days=day), max(0, at)))
        at -= changes.get(day, 0)
    return tuple(reversed(found))


def _number(day: date | datetime) -> int:
    return (date(day.year, day.month, day.day) - _EPOCH).days
