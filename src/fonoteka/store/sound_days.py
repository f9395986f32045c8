"""What was stored of calls of each UTC day: counted anew, day by day, where something changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
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

from fonoteka.domain.recording import RecordingState
from fonoteka.store.call_tallies import DAY_US
from fonoteka.store.columns import from_microseconds, to_microseconds
from fonoteka.store.tables import group_members, participants, recordings, sound_days, sound_marks

_DAYS_AT_ONCE = 7


@dataclass(frozen=True, slots=True)
class SoundDay:
    """Recordings of calls that began on a UTC day (a number since 1970).

    `added_bytes` is what was ever stored of them, `stored_…` what is stored now; `removed_bytes` is of
    recordings of whatever day that went on this one.
    """

    day: int
    added_bytes: int
    stored_recordings: int
    stored_ms: int
    stored_bytes: int
    removed_bytes: int


class SoundDays:
    """Days of a tenant (group “”) and of its groups, as they were when last counted."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, tenant_id: str, group_id: str = "") -> tuple[SoundDay, ...]:
        """The days on which there was anything, oldest first."""
        c = sound_days.c
        found = select(
            c.day, c.added_bytes, c.stored_recordings, c.stored_ms, c.stored_bytes, c.removed_bytes
        ).where(c.tenant_id == tenant_id, c.group_id == group_id)
        return tuple(SoundDay(*row) for row in self._connection.execute(found.order_by(c.day)))

    def by_group(self, tenant_id: str, since_day: int, until_day: int) -> dict[str, int]:
        """Bytes added between two days (`until_day` exclusive), by group."""
        c = sound_days.c
        found = select(c.group_id, func.sum(c.added_bytes, type_=BigInteger)).where(
            c.tenant_id == tenant_id, c.group_id != "", c.day >= since_day, c.day < until_day
        )
        rows = self._connection.execute(found.group_by(c.group_id))
        return {group_id: int(added) for group_id, added in rows}

    def stored_by_group(self, tenant_id: str) -> dict[str, int]:
        """Bytes stored now, by group."""
        c = sound_days.c
        found = select(c.group_id, func.sum(c.stored_bytes, type_=BigInteger)).where(
            c.tenant_id == tenant_id, c.group_id != ""
        )
        return {one: int(stored) for one, stored in self._connection.execute(found.group_by(c.group_id))}

    def count_marked(self) -> int:
        """Count some of the marked days anew: how many. To be repeated until it is none.

        Whatever changes meanwhile leaves a mark of its own; so this may run at any time, by several at once.
        """
        self._spread_whole()
        c = sound_marks.c
        some = select(c.tenant_id, c.day, func.max(c.id)).group_by(c.tenant_id, c.day)
        marked = self._connection.execute(some.where(c.day.is_not(None)).limit(_DAYS_AT_ONCE)).all()
        days: defaultdict[str, list[int]] = defaultdict(list)
        for tenant_id, day, newest in marked:
            self._connection.execute(
                delete(sound_marks).where(c.tenant_id == tenant_id, c.day == day, c.id <= newest)
            )
            days[tenant_id].append(day)
        for tenant_id, of_tenant in sorted(days.items()):
            self._count(tenant_id, sorted(of_tenant))
        return len(marked)

    def _spread_whole(self) -> None:
        """Marks of every day become a mark for each day that has anything."""
        c = sound_marks.c
        gone = delete(sound_marks).where(c.day.is_(None)).returning(c.tenant_id)
        for tenant_id in sorted(set(self._connection.scalars(gone))):
            days = set(
                self._connection.scalars(
                    select(sound_days.c.day).where(sound_days.c.tenant_id == tenant_id).distinct()
                )
            )
            for instant in (recordings.c.started_at, recordings.c.deleted_at):
                days |= self._days_with(tenant_id, instant)
            if days:
                rows = [{"tenant_id": tenant_id, "day": one} for one in sorted(days)]
                self._connection.execute(insert(sound_marks), rows)

    def _days_with(self, tenant_id: str, instant: ColumnElement[datetime]) -> set[int]:
        """The days on which the instant of some recording lies; a look into the index for each."""
        days: set[int] = set()
        earliest = select(func.min(instant, type_=instant.type)).where(
            recordings.c.tenant_id == tenant_id, instant.is_not(None)
        )
        at = self._connection.scalar(earliest)
        while at is not None:
            day = to_microseconds(at) // DAY_US
            days.add(day)
            at = self._connection.scalar(earliest.where(instant >= start_of_day(day + 1)))
        return days

    def _count(self, tenant_id: str, days: Sequence[int]) -> None:
        self._connection.execute(
            delete(sound_days).where(sound_days.c.tenant_id == tenant_id, sound_days.c.day.in_(days))
        )
        rows = [row for day in days for row in self._rows_of(tenant_id, day)]
        if rows:
            self._connection.execute(insert(sound_days), rows)

    def _rows_of(self, tenant_id: str, day: int) -> Iterable[dict[str, Any]]:
        r = recordings.c
        began = _on_day(r.started_at, day)
        went = [_IS_GONE, *_on_day(r.deleted_at, day)]
        whole = select(literal("").label("group_id"), *_SUMS).where(r.tenant_id == tenant_id)
        counted = [*self._connection.execute(whole.where(*began))]
        counted += self._connection.execute(_by_group(tenant_id, began)).all()
        rows = {
            group_id: {name: int(one) for name, one in zip(_NAMES, sums, strict=True)}
            for group_id, *sums in counted
        }
        removed = self._connection.scalar(
            select(func.coalesce(func.sum(r.size_bytes), 0)).where(r.tenant_id == tenant_id, *went)
        )
        for group_id, of_group in rows.items():
            values = dict.fromkeys((*_NAMES, "removed_bytes"), 0) | of_group
            if not group_id:
                values["removed_bytes"] = int(removed or 0)
            if any(values.values()):
                yield {"tenant_id": tenant_id, "group_id": group_id, "day": day, **values}


def start_of_day(day: int) -> datetime:
    """The instant at which a UTC day begins."""
    return from_microseconds(day * DAY_US)


def _on_day(instant: ColumnElement[datetime], day: int) -> list[ColumnElement[bool]]:
    return [instant >= start_of_day(day), instant < start_of_day(day + 1)]


def _sum_where(condition: ColumnElement[bool], value: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, value), else_=0)), 0)


_IS_STORED = recordings.c.stored_bytes > 0
_IS_GONE = recordings.c.state == RecordingState.DELETED.value
_NAMES = ("added_bytes", "stored_recordings", "stored_ms", "stored_bytes")
_SUMS = (
    # Of what is gone the audio's size is all that is known.
    func.coalesce(func.sum(case((_IS_GONE, recordings.c.size_bytes), else_=recordings.c.stored_bytes)), 0),
    _sum_where(_IS_STORED, literal(1)),
    _sum_where(_IS_STORED, recordings.c.duration_ms),
    func.coalesce(func.sum(recordings.c.stored_bytes), 0),
)


def _by_group(tenant_id: str, began: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """The sums of each group of which a member took part; a recording counts once for a group."""
    r = recordings.c
    of_group = (
        select(group_members.c.group_id, r.id)
        .join_from(recordings, participants, participants.c.call_id == r.call_id)
        .join(
            group_members,
            (group_members.c.tenant_id == tenant_id) & (group_members.c.number == participants.c.number),
        )
        .where(r.tenant_id == tenant_id, *began)
        .distinct()
        .subquery()
    )
    return (
        select(of_group.c.group_id, *_SUMS)
        .join_from(of_group, recordings, r.id == of_group.c.id)
        .group_by(of_group.c.group_id)
    )
