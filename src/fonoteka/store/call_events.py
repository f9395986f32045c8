"""Rows of call events and of those who are told of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from fonoteka.domain.call_events import CallEvent, CallEventKind, EventSubscription
from fonoteka.domain.direction import Direction
from fonoteka.store.tables import call_events, event_subscriptions


class CallEvents:
    """What happened and is not queued yet, of all tenants. Triggers write it down; who takes it queues it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def any(self) -> bool:
        """Whether something waits; cheap, and no writing."""
        return self._connection.scalar(select(call_events.c.position).limit(1)) is not None

    def take(self, limit: int) -> tuple[CallEvent, ...]:
        """Remove the oldest events: gone once the transaction commits, which must have queued them."""
        c = call_events.c
        found = select(call_events).order_by(c.position).limit(limit).with_for_update(skip_locked=True)
        rows = self._connection.execute(found).all()
        if rows:
            self._connection.execute(
                delete(call_events).where(c.position.in_([row.position for row in rows]))
            )
        return tuple(
            CallEvent(
                row.position, row.tenant_id, CallEventKind(row.kind), row.call_id, row.recording_id, row.at
            )
            for row in rows
        )


class EventSubscriptions:
    """A tenant's subscriptions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, tenant_id: str) -> tuple[EventSubscription, ...]:
        """The tenant's subscriptions, oldest first."""
        c = event_subscriptions.c
        found = select(event_subscriptions).where(c.tenant_id == tenant_id).order_by(c.id)
        return tuple(_subscription(row) for row in self._connection.execute(found))

    def get(self, tenant_id: str, subscription_id: str) -> EventSubscription | None:
        """The subscription, or None when this tenant has no such."""
        c = event_subscriptions.c
        found = select(event_subscriptions).where(c.tenant_id == tenant_id, c.id == subscription_id)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _subscription(row)

    def add(self, one: EventSubscription) -> None:
        """Insert the subscription."""
        self._connection.execute(insert(event_subscriptions).values(_values(one)))

    def replace(self, one: EventSubscription) -> None:
        """Write the subscription anew."""
        c = event_subscriptions.c
        self._connection.execute(
            update(event_subscriptions)
            .where(c.tenant_id == one.tenant_id, c.id == one.id)
            .values(_values(one))
        )

    def delete(self, tenant_id: str, subscription_id: str) -> None:
        """Delete the subscription."""
        c = event_subscriptions.c
        self._connection.execute(
            delete(event_subscriptions).where(c.tenant_id == tenant_id, c.id == subscription_id)
        )


def _subscription(row: Row[Any]) -> EventSubscription:
    return EventSubscription(
        id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        address=row.address,
        created_at=row.created_at,
        kinds=frozenset(map(CallEventKind, row.kinds.split())),
        group_id=row.group_id,
        direction=None if row.direction is None else Direction(row.direction),
        is_enabled=row.is_enabled,
        secret=row.secret,
    )


def _values(one: EventSubscription) -> dict[str, Any]:
    return {
        "id": one.id,
        "tenant_id": one.tenant_id,
        "name": one.name,
        "address": one.address,
        "secret": one.secret,
        "kinds": " ".join(sorted(one.kinds)),
        "group_id": one.group_id,
        "direction": None if one.direction is None else one.direction.value,
        "is_enabled": one.is_enabled,
        "created_at": one.created_at,
    }
