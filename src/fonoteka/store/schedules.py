"""Rows of schedules: when each is due next, and which worker is at it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import schedules


class Schedules:
    """What is due, claimed by one worker at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ensure(self, name: str, next_at: datetime) -> None:
        """Make the schedule known. One that is due later than `next_at` (clocks go back) is due then."""
        values = {"name": name, "next_at": next_at, "holder": None}
        if not insert_missing(self._connection, schedules, values):
            self._connection.execute(
                update(schedules)
                .where(schedules.c.name == name, schedules.c.next_at > next_at)
                .values(next_at=next_at)
            )

    def state(self, name: str) -> tuple[datetime, bool] | None:
        """When it is due next, and whether a worker is at it; None before any worker knew it."""
        found = select(schedules.c.next_at, schedules.c.holder).where(schedules.c.name == name)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else (row.next_at, row.holder is not None)

    def due(self, names: Collection[str], now: datetime) -> tuple[str, ...]:
        """Which of `names` are due and nobody is at."""
        found = select(schedules.c.name).where(
            schedules.c.name.in_(names), schedules.c.next_at <= now, schedules.c.holder.is_(None)
        )
        return tuple(self._connection.scalars(found))

    def claim(self, name: str, now: datetime, holder: str) -> bool:
        """Take what is due; one worker only gets it."""
        claimed = self._connection.execute(
            update(schedules)
            .where(schedules.c.name == name, schedules.c.next_at <= now, schedules.c.holder.is_(None))
            .values(holder=holder)
            .returning(schedules.c.name)
        )
        return claimed.one_or_none() is not None

    def finish(self, name: str, holder: str, next_at: datetime) -> None:
        """Give back what was claimed; due again at `next_at`."""
        self._connection.execute(
            update(schedules)
            .where(schedules.c.name == name, schedules.c.holder == holder)
            .values(holder=None, next_at=next_at)
        )
