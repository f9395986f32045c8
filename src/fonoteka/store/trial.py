"""What other terms or another quota would take, asked without changing anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, func, literal, or_, select
from sqlalchemy import type_coerce as read_as

from fonoteka.domain.retention import RetentionTerm, Standing
from fonoteka.domain.storage_use import Amount
from fonoteka.store.call_tallies import DAY_US
from fonoteka.store.columns import Instant, from_microseconds
from fonoteka.store.keeping import StoredRow, stored_row, stored_rows
from fonoteka.store.standings import by_terms
from fonoteka.store.tables import recordings

_PART = 2000


class Part(StrEnum):
    """Recordings that would share a fate."""

    EMPTIED = "emptied"
    """In the bin for its time or longer."""
    IN_BIN = "in_bin"
    """In the bin for less long."""
    TO_BIN = "to_bin"
    """Not in the bin, and their term is over."""
    FREE = "free"
    """Not in the bin, no term over, nothing protects them."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A tenant under other terms (None: those in force) and another bin, at an instant."""

    tenant_id: str
    now: datetime
    bin_days: int
    terms: Sequence[RetentionTerm] | None = None


class Trials:
    """Sums and rows of a trial's parts, in the order in which they would go."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def amount(self, trial: Trial, part: Part) -> Amount:
        """How many and how much."""
        if part is Part.TO_BIN and self._is_settled(trial):
            return Amount()
        return _amount(self._connection.execute(select(*_SUMS).where(_where(trial, part))).one())

    def amount_until(self, trial: Trial, part: Part, enough_bytes: int) -> Amount:
        """How many of the first have to go until so many bytes are free: all, when they do not suffice."""
        if enough_bytes <= 0:
            return Amount()
        if part in (Part.TO_BIN, Part.FREE) and self._is_settled(trial):
            return self._free_until(trial, enough_bytes) if part is Part.FREE else Amount()
        c = recordings.c
        before = (func.sum(c.stored_bytes).over(order_by=_order(part)) - c.stored_bytes).label("before")
        some = select(c.duration_ms, c.stored_bytes, before).where(_where(trial, part)).subquery()
        counted = select(
            func.count(),
            func.coalesce(func.sum(some.c.duration_ms), 0),
            func.coalesce(func.sum(some.c.stored_bytes), 0),
        ).where(some.c.before < enough_bytes)
        return _amount(self._connection.execute(counted).one())

    def rows(
        self, trial: Trial, part: Part, limit: int | None = None, offset: int = 0
    ) -> Iterator[StoredRow]:
        """The rows, read in parts: bounded memory, whatever the number."""
        where = _where(trial, part)
        if part in (Part.TO_BIN, Part.FREE) and self._is_settled(trial):
            if part is Part.TO_BIN:
                return
            where = _is_free(trial)
        found = stored_rows().where(where).order_by(*_order(part)).limit(limit).offset(offset)
        for row in self._connection.execute(found, execution_options={"yield_per": _PART}):
            yield stored_row(row)

    def _is_settled(self, trial: Trial) -> bool:
        """Whether the classes say it all: under the terms in force, with nothing to do for a sweep.

        Then indexes hold what is asked, in its order.
        """
        c = recordings.c
        due = (
            select(c.id)
            .where(c.tenant_id == trial.tenant_id, c.standing == one.value, c.due_at <= trial.now)
            .limit(1)
            for one in (Standing.FREE, Standing.PROTECTED)
        )
        return trial.terms is None and all(self._connection.scalar(one) is None for one in due)

    def _free_until(self, trial: Trial, enough_bytes: int) -> Amount:
        """As `amount_until`: whole days first, then the recordings of the day on which it is enough."""
        c = recordings.c
        day = (read_as(c.started_at, BigInteger) // DAY_US).label("day")
        days = select(day, *_SUMS).where(_is_free(trial)).group_by(day).order_by(day)
        whole = Amount()
        for number, *sums in self._connection.execute(days).all():
            of_day = _amount(sums)
            if whole.stored_bytes + of_day.stored_bytes < enough_bytes:
                whole = whole + of_day
                continue
            ends_at = from_microseconds((number + 1) * DAY_US)
            begins_at = from_microseconds(number * DAY_US)
            some = select(c.duration_ms, c.stored_bytes).where(
                _is_free(trial), c.started_at >= begins_at, c.started_at < ends_at
            )
            for duration_ms, stored_bytes in self._connection.execute(
                some.order_by(*_order(Part.FREE))
            ).all():
                if whole.stored_bytes >= enough_bytes:
                    break
                whole = whole + Amount(1, duration_ms, stored_bytes)
            break
        return whole


_SUMS = (
    func.count(),
    func.coalesce(func.sum(recordings.c.duration_ms), 0),
    func.coalesce(func.sum(recordings.c.stored_bytes), 0),
)


def _is_free(trial: Trial) -> ColumnElement[bool]:
    return and_(recordings.c.tenant_id == trial.tenant_id, recordings.c.standing == Standing.FREE.value)


def _where(trial: Trial, part: Part) -> ColumnElement[bool]:
    c = recordings.c
    mine = c.tenant_id == trial.tenant_id
    if part in (Part.EMPTIED, Part.IN_BIN):
        until = trial.now - timedelta(days=trial.bin_days)
        age = c.due_at <= until if part is Part.EMPTIED else c.due_at > until
        return and_(mine, c.standing == Standing.BINNED.value, age)
    protected_until, delete_at = _terms(trial)
    now = literal(trial.now, Instant)
    unprotected = or_(protected_until.is_(None), protected_until <= now)
    is_free = and_(
        mine,
        c.standing.in_([Standing.FREE.value, Standing.PROTECTED.value]),
        c.binned_at.is_(None),
        unprotected,
    )
    if part is Part.TO_BIN:
        return and_(is_free, delete_at <= now)
    return and_(is_free, or_(delete_at.is_(None), delete_at > now))


def _terms(trial: Trial) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    c = recordings.c
    if trial.terms is None:
        return c.protected_until, c.delete_at
    tried = by_terms(trial.terms)
    return read_as(tried["protected_until"], Instant), read_as(tried["delete_at"], Instant)


def _order(part: Part) -> tuple[ColumnElement[Any], ...]:
    c = recordings.c
    return (c.due_at, c.id) if part in (Part.EMPTIED, Part.IN_BIN) else (c.started_at, c.id)


def _amount(row: Iterable[Any]) -> Amount:
    number, duration_ms, stored_bytes = row
    return Amount(number, int(duration_ms), int(stored_bytes))
