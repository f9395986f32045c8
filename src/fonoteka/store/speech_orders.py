"""What is still to be found out of recordings: taken newest first, new ones before the back-log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, false, func, select, update

from fonoteka.domain.analysis import SpeechOrder, SpeechTask
from fonoteka.store.insertion import insert_all_missing
from fonoteka.store.tables import speech_orders


class SpeechOrders:
    """Orders on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, recordings: Iterable[tuple[str, str]], task: SpeechTask, at: datetime, *, is_backlog: bool
    ) -> None:
        """Order a task for recordings (id, tenant); one that waits already stays as it is."""
        rows = [
            {
                "recording_id": recording_id,
                "task": task.value,
                "tenant_id": tenant_id,
                "is_backlog": is_backlog,
                "attempts": 0,
                "next_at": at,
                "leased_until": None,
            }
            for recording_id, tenant_id in recordings
        ]
        insert_all_missing(self._connection, speech_orders, rows)

    def is_due(self, task: SpeechTask, now: datetime, *, with_backlog: bool) -> bool:
        """Whether there may be something to take; cheap, and no writing."""
        found = select(speech_orders.c.recording_id).where(_due(task, now, with_backlog)).limit(1)
        return self._connection.scalar(found) is not None

    def take(self, task: SpeechTask, now: datetime, *, with_backlog: bool) -> SpeechOrder | None:
        """The next order, to be leased in this transaction; None: there is none that nobody is at."""
        c = speech_orders.c
        due = (
            select(speech_orders)
            .where(_due(task, now, with_backlog))
            .order_by(c.is_backlog, c.recording_id.desc())
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = self._connection.execute(due).one_or_none()
        if row is None:
            return None
        return SpeechOrder(
            row.recording_id, row.tenant_id, task, row.is_backlog, row.attempts + 1, row.postponed
        )

    def lease(self, order: SpeechOrder, until: datetime) -> None:
        """Keep an order that was taken from others until then."""
        self._connection.execute(
            update(speech_orders)
            .where(_one(order.recording_id, order.task))
            .values(leased_until=until, attempts=order.attempts)
        )

    def postpone(self, order: SpeechOrder, until: datetime) -> None:
        """Give an order back, to be taken again from then on; that is no attempt which ended a worker."""
        self._connection.execute(
            update(speech_orders)
            .where(_one(order.recording_id, order.task))
            .values(leased_until=None, next_at=until, attempts=0, postponed=order.postponed + 1)
        )

    def finish(self, order: SpeechOrder) -> None:
        """It is done; no error when it is gone."""
        self._connection.execute(delete(speech_orders).where(_one(order.recording_id, order.task)))

    def is_waiting(self, tenant_id: str, recording_id: str, task: SpeechTask) -> bool:
        """Whether this tenant's recording still waits for a task."""
        mine = and_(_one(recording_id, task), speech_orders.c.tenant_id == tenant_id)
        return self._connection.scalar(select(speech_orders.c.recording_id).where(mine)) is not None

    def count(self, task: SpeechTask, *, is_backlog: bool) -> int:
        """How many orders of all tenants are not done."""
        c = speech_orders.c
        mine = and_(c.task == task.value, c.is_backlog == is_backlog)
        return self._connection.scalar(select(func.count()).select_from(speech_orders).where(mine)) or 0


def _due(task: SpeechTask, now: datetime, with_backlog: bool) -> ColumnElement[bool]:
    c = speech_orders.c
    is_free = c.leased_until.is_(None) | (c.leased_until <= now)
    due = and_(c.task == task.value, c.next_at <= now, is_free)
    return due if with_backlog else and_(due, c.is_backlog == false())


def _one(recording_id: str, task: SpeechTask) -> ColumnElement[bool]:
    return and_(speech_orders.c.recording_id == recording_id, speech_orders.c.task == task.value)
