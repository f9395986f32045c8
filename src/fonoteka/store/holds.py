"""Rows of legal holds and of what they are over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from fonoteka.domain.legal_hold import HoldFilter, LegalHold
from fonoteka.domain.recording import RecordingState
from fonoteka.store.insertion import insert_missing
from fonoteka.store.matching import number_key
from fonoteka.store.standings import settle
from fonoteka.store.tables import calls, held_recordings, legal_holds, participants, recordings

_TOGETHER = 500


class Holds:
    """Legal holds of tenants. Who places one and who registers calls take turns: no future call is missed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, hold: LegalHold) -> None:
        """Insert a hold, over nothing yet."""
        self._connection.execute(insert(legal_holds).values(_values(hold)))

    def add_unless_there(self, hold: LegalHold) -> bool:
        """As `add` unless the id is taken, by whatever tenant: whether it was free."""
        return insert_missing(self._connection, legal_holds, _values(hold))

    def covered(self, hold_id: str, recording_ids: Collection[str]) -> int:
        """How many of these the hold is over."""
        c, ids, number = held_recordings.c, sorted(recording_ids), 0
        for start in range(0, len(ids), _TOGETHER):
            some = c.recording_id.in_(ids[start : start + _TOGETHER])
            found = select(func.count()).select_from(held_recordings).where(c.hold_id == hold_id, some)
            number += int(self._connection.scalar(found) or 0)
        return number

    def get_locked(self, tenant_id: str, hold_id: str) -> LegalHold | None:
        """The hold, kept from others; None when this tenant has no such."""
        found = select(legal_holds).where(legal_holds.c.tenant_id == tenant_id, legal_holds.c.id == hold_id)
        row = self._connection.execute(found.with_for_update()).one_or_none()
        return None if row is None else self._hold(row)

    def get(self, tenant_id: str, hold_id: str) -> LegalHold | None:
        """The hold, or None when this tenant has no such."""
        found = select(legal_holds).where(legal_holds.c.tenant_id == tenant_id, legal_holds.c.id == hold_id)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else self._hold(row)

    def all(self, tenant_id: str, *, with_released: bool, limit: int) -> tuple[LegalHold, ...]:
        """Holds, the newest first."""
        c = legal_holds.c
        found = select(legal_holds).where(c.tenant_id == tenant_id)
        if not with_released:
            found = found.where(c.released_at.is_(None))
        found = found.order_by(c.placed_at.desc(), c.id.desc()).limit(limit)
        return tuple(self._hold(row) for row in self._connection.execute(found))

    def names_of(self, recording_id: str) -> tuple[str, ...]:
        """The case names of the holds in force over a recording, the oldest first."""
        c = legal_holds.c
        found = (
            select(c.case_name)
            .join(held_recordings, held_recordings.c.hold_id == c.id)
            .where(held_recordings.c.recording_id == recording_id, c.released_at.is_(None))
            .order_by(c.placed_at, c.id)
        )
        return tuple(self._connection.scalars(found))

    def recording_ids(self, hold_id: str, after: str, limit: int) -> tuple[str, ...]:
        """What the hold is over, by id."""
        c = held_recordings.c
        found = select(c.recording_id).where(c.hold_id == hold_id, c.recording_id > after)
        return tuple(self._connection.scalars(found.order_by(c.recording_id).limit(limit)))

    def cover(
        self, hold: LegalHold, call_ids: Collection[str], recording_ids: Collection[str], now: datetime
    ) -> int:
        """Put recordings and all recordings of calls under the hold: how many more are under it.

        Those of other tenants and deleted ones are left alone.
        """
        ids, by_calls = sorted(recording_ids), sorted(call_ids)
        covered = 0
        for start in range(0, len(ids), _TOGETHER):
            covered += self._cover(hold, recordings.c.id.in_(ids[start : start + _TOGETHER]), now)
        for start in range(0, len(by_calls), _TOGETHER):
            covered += self._cover(hold, recordings.c.call_id.in_(by_calls[start : start + _TOGETHER]), now)
        return covered

    def cover_found(self, hold: LegalHold, now: datetime) -> int:
        """Put all under the hold that its filter finds: how many more are under it."""
        return 0 if hold.filter is None else self._cover(hold, _found(hold.filter), now)

    def cover_call(self, tenant_id: str, call_id: str, now: datetime) -> None:
        """Put the recordings of a call under every hold in force whose filter finds it."""
        c = legal_holds.c
        found = select(legal_holds).where(
            c.tenant_id == tenant_id, c.released_at.is_(None), c.has_filter.is_(True)
        )
        for row in self._connection.execute(found).all():
            hold = self._hold(row, counts=False)
            assert hold.filter is not None
            self._cover(hold, (recordings.c.call_id == call_id) & _found(hold.filter), now)

    def count_found(self, tenant_id: str, filter_: HoldFilter) -> int:
        """How many recordings the filter finds now."""
        found = select(func.count()).select_from(recordings).where(_open(tenant_id), _found(filter_))
        return int(self._connection.scalar(found) or 0)

    def release(self, hold: LegalHold, at: datetime, by: str, reason: str) -> int:
        """End a hold; what no other one is over is free again: how many."""
        self._connection.execute(
            update(legal_holds)
            .where(legal_holds.c.id == hold.id)
            .values(released_at=at, released_by=by, release_reason=reason)
        )
        c = recordings.c
        mine = exists(
            select(1).where(held_recordings.c.hold_id == hold.id, held_recordings.c.recording_id == c.id)
        )
        other = held_recordings.alias()
        still = exists(
            select(1).where(
                other.c.recording_id == c.id,
                other.c.hold_id == legal_holds.c.id,
                legal_holds.c.released_at.is_(None),
            )
        )
        freed = (c.tenant_id == hold.tenant_id) & (c.is_held.is_(True)) & mine & ~still
        ids = list(self._connection.scalars(select(c.id).where(freed)))
        for start in range(0, len(ids), _TOGETHER):
            some = c.id.in_(ids[start : start + _TOGETHER])
            self._connection.execute(update(recordings).where(some).values(is_held=False))
            settle(self._connection, some, at)
        return len(ids)

    def _cover(self, hold: LegalHold, which: ColumnElement[bool], now: datetime) -> int:
        c = recordings.c
        # Whoever is deleting one of them holds its row: we wait for the outcome.
        found = select(c.id).where(_open(hold.tenant_id), which).order_by(c.id).with_for_update()
        ids = list(self._connection.scalars(found))
        covered = 0
        for start in range(0, len(ids), _TOGETHER):
            some = ids[start : start + _TOGETHER]
            known = set(
                self._connection.scalars(
                    select(held_recordings.c.recording_id).where(
                        held_recordings.c.hold_id == hold.id, held_recordings.c.recording_id.in_(some)
                    )
                )
            )
            new = [one for one in some if one not in known]
            covered += len(new)
            if not new:
                continue
            self._connection.execute(
                insert(held_recordings),
                [{"hold_id": hold.id, "recording_id": one, "tenant_id": hold.tenant_id} for one in new],
            )
            self._connection.execute(update(recordings).where(c.id.in_(new)).values(is_held=True))
            settle(self._connection, c.id.in_(new), now)
        return covered

    def _hold(self, row: Row[Any], *, counts: bool = True) -> LegalHold:
        number = select(func.count()).where(held_recordings.c.hold_id == row.id)
        return LegalHold(
            id=row.id,
            tenant_id=row.tenant_id,
            case_name=row.case_name,
            reason=row.reason,
            author_id=row.author_id,
            author_name=row.author_name,
            placed_at=row.placed_at,
            filter=HoldFilter(row.number, row.since, row.until) if row.has_filter else None,
            recordings=int(self._connection.scalar(number) or 0) if counts else 0,
            released_at=row.released_at,
            released_by=row.released_by,
            release_reason=row.release_reason,
        )


def _values(hold: LegalHold) -> dict[str, Any]:
    filter_ = hold.filter or HoldFilter()
    return {
        "id": hold.id,
        "tenant_id": hold.tenant_id,
        "case_name": hold.case_name,
        "reason": hold.reason,
        "author_id": hold.author_id,
        "author_name": hold.author_name,
        "placed_at": hold.placed_at,
        "has_filter": hold.filter is not None,
        "number": filter_.number,
        "since": filter_.since,
        "until": filter_.until,
        "released_by": "",
        "release_reason": "",
    }


def _open(tenant_id: str) -> ColumnElement[bool]:
    c = recordings.c
    return (c.tenant_id == tenant_id) & (c.state != RecordingState.DELETED.value)


def _found(filter_: HoldFilter) -> ColumnElement[bool]:
    of_call: Select[Any] = select(literal(1)).where(calls.c.id == recordings.c.call_id)
    if filter_.since is not None:
        of_call = of_call.where(calls.c.started_at >= filter_.since)
    if filter_.until is not None:
        of_call = of_call.where(calls.c.started_at < filter_.until)
    if filter_.number.strip():
        number = filter_.number.strip()
        p = participants.c
        ways: Sequence[ColumnElement[bool]] = [p.number == number]
        if key := number_key(number):
            ways = [*ways, p.number_digits == key]
        of_call = of_call.where(exists(select(1).where(p.call_id == calls.c.id, or_(*ways))))
    return exists(of_call)
