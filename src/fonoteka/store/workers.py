"""Rows of worker processes. A row that is not counted up any more is a dead worker's; it gets an heir."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import schedules, workers


class Workers:
    """Heartbeats as counters: whoever watches them needs no clock but its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def beat(self, worker_id: str, now: datetime) -> None:
        """Say that the worker lives; one that was taken for dead is back."""
        done = self._connection.execute(
            update(workers)
            .where(workers.c.id == worker_id, workers.c.heir.is_(None))
            .values(beats=workers.c.beats + 1)
            .execution_options(preserve_rowcount=True)
        )
        if done.rowcount == 0:
            values = {"id": worker_id, "beats": 1, "started_at": now}
            insert_missing(self._connection, workers, values)

    def beats(self) -> Mapping[str, int]:
        """How far each worker has counted, by its id."""
        found = select(workers.c.id, workers.c.beats)
        return {row.id: row.beats for row in self._connection.execute(found)}

    def inherit(self, dead_id: str, beats: int, heir_id: str) -> bool:
        """Claim the estate of a worker that has not counted on since `beats`; one heir only gets it."""
        claimed = self._connection.execute(
            update(workers)
            .where(workers.c.id == dead_id, workers.c.beats == beats)
            .values(beats=beats + 1, heir=heir_id)
            .returning(workers.c.id)
        )
        return claimed.one_or_none() is not None

    def remove(self, worker_id: str) -> None:
        """Forget a worker that ended or whose work was taken over; what it held of the schedules is free."""
        self._connection.execute(update(schedules).where(schedules.c.holder == worker_id).values(holder=None))
        self._connection.execute(delete(workers).where(workers.c.id == worker_id))
