"""Rows of deliveries: the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from fonoteka.domain.delivery import Delivery, DeliveryState, Message, Outcome, Transport
from fonoteka.store.tables import deliveries


class Deliveries:
    """Deliveries of all tenants."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, delivery: Delivery) -> None:
        """Queue the delivery; it counts once the transaction commits."""
        self._connection.execute(insert(deliveries).values(_values(delivery)))

    def replace(self, delivery: Delivery) -> None:
        """Write the delivery anew and give it back to whoever sends."""
        self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id == delivery.id)
            .values({**_values(delivery), "leased_until": None})
        )

    def hasten(self, delivery_id: str, at: datetime) -> None:
        """The next attempt of one that waits is due at that instant."""
        c = deliveries.c
        self._connection.execute(update(deliveries).where(c.id == delivery_id).values(next_at=at))

    def finish(self, delivery: Delivery, attempts: int) -> None:
        """As `replace`, unless another attempt than that one has begun meanwhile."""
        self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id == delivery.id, deliveries.c.attempts == attempts)
            .values({**_values(delivery), "leased_until": None})
        )

    def lease(self, now: datetime, until: datetime) -> Delivery | None:
        """Take the delivery that has been due longest, for our own until then; None when nothing is due.

        Several may ask at once, on one machine or many: each gets another one. A channel that has one under
        way gives no second.
        """
        c = deliveries.c
        busy = select(c.channel_id).where(
            c.state == DeliveryState.QUEUED.value, c.leased_until > now, c.channel_id != ""
        )
        due = (
            select(deliveries)
            .where(
                c.state == DeliveryState.QUEUED.value,
                c.next_at <= now,
                c.leased_until.is_(None) | (c.leased_until <= now),
                c.channel_id.not_in(busy),
            )
            .order_by(c.next_at, c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = self._connection.execute(due).one_or_none()
        if row is None:
            return None
        self._connection.execute(
            update(deliveries).where(c.id == row.id).values(leased_until=until, attempts=row.attempts + 1)
        )
        return _delivery(row, row.attempts + 1)

    def next_due(self, now: datetime) -> bool:
        """Whether a delivery may be due now; cheap, and no writing."""
        c = deliveries.c
        found = select(c.id).where(
            c.state == DeliveryState.QUEUED.value,
            c.next_at <= now,
            c.leased_until.is_(None) | (c.leased_until <= now),
        )
        return self._connection.scalar(found.limit(1)) is not None

    def get(self, tenant_id: str, delivery_id: str, *, lock: bool = False) -> Delivery | None:
        """The delivery, or None when this tenant has no such."""
        c = deliveries.c
        found = select(deliveries).where(c.tenant_id == tenant_id, c.id == delivery_id)
        row = self._connection.execute(found.with_for_update() if lock else found).one_or_none()
        return None if row is None else _delivery(row)

    def page(
        self,
        tenant_id: str,
        state: DeliveryState | None,
        before: str,
        limit: int,
        channel_id: str = "",
    ) -> tuple[Delivery, ...]:
        """The tenant's deliveries, newest first; with `before` only those older than the one with that id."""
        c = deliveries.c
        found = select(deliveries).where(c.tenant_id == tenant_id)
        if state is not None:
            found = found.where(c.state == state.value)
        if channel_id:
            found = found.where(c.channel_id == channel_id)
        if before:
            found = found.where(c.id < before)
        found = found.order_by(c.id.desc()).limit(limit)
        return tuple(_delivery(row) for row in self._connection.execute(found))

    def last_of(self, channel_id: str) -> Delivery | None:
        """The channel's newest delivery."""
        found = select(deliveries).where(deliveries.c.channel_id == channel_id)
        row = self._connection.execute(found.order_by(deliveries.c.id.desc()).limit(1)).one_or_none()
        return None if row is None else _delivery(row)

    def count_since(self, channel_id: str, kind: str, since: datetime) -> int:
        """How many of that kind were queued for the channel after that instant."""
        c = deliveries.c
        found = select(func.count()).where(c.channel_id == channel_id, c.kind == kind, c.created_at > since)
        return int(self._connection.scalar(found) or 0)

    def prune(self, before: datetime, limit: int, kind: str = "") -> int:
        """Delete deliveries, of that kind if one is named, that were done before that instant; how many."""
        old = select(deliveries.c.id).where(deliveries.c.done_at < before).limit(limit)
        ids = list(self._connection.scalars(old.where(deliveries.c.kind == kind) if kind else old))
        if ids:
            self._connection.execute(delete(deliveries).where(deliveries.c.id.in_(ids)))
        return len(ids)


def _delivery(row: Row[Any], attempts: int | None = None) -> Delivery:
    return Delivery(
        id=row.id,
        tenant_id=row.tenant_id,
        channel_id=row.channel_id,
        kind=row.kind,
        message=Message(Transport(row.transport), row.target, row.subject, row.text, row.html),
        created_at=row.created_at,
        next_at=row.next_at,
        state=DeliveryState(row.state),
        attempts=row.attempts if attempts is None else attempts,
        done_at=row.done_at,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        detail=row.detail,
    )


def _values(delivery: Delivery) -> dict[str, Any]:
    message = delivery.message
    return {
        "id": delivery.id,
        "tenant_id": delivery.tenant_id,
        "channel_id": delivery.channel_id,
        "kind": delivery.kind,
        "transport": message.transport.value,
        "target": message.target,
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "created_at": delivery.created_at,
        "next_at": delivery.next_at,
        "done_at": delivery.done_at,
        "outcome": None if delivery.outcome is None else delivery.outcome.value,
        "detail": delivery.detail,
    }
