"""What is and what was wrong, and what was sent about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from fonoteka.alerts.alert_room import AlertRoom
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.alerts import Alert, Condition
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.delivery import Delivery, DeliveryState
from fonoteka.domain.errors import AlertNotFound, DeliveryNotFound, RequestInvalid
from fonoteka.domain.ids import is_id

OPEN_MAX = 200
_Item = TypeVar("_Item", Alert, Delivery)


@dataclass(frozen=True, slots=True)
class Page(Generic[_Item]):
    """A page of a list, newest first; `next` is the cursor of the page after it, None on the last."""

    items: tuple[_Item, ...]
    next: str | None


def open_alerts(room: AlertRoom, actor: Actor) -> tuple[Alert, ...]:
    """What is wrong now, newest first; nothing for who may not see it."""
    if not may(actor, Permission.SYSTEM_WATCH, actor.tenant_id):
        return ()
    with room.store.reading() as tx:
        return tx.alerts.open(actor.tenant_id, OPEN_MAX)


def find_alerts(room: AlertRoom, actor: Actor, cursor: str = "", limit: int = 50) -> Page[Alert]:
    """What is and what was wrong; topics that were heard for who may listen alone.

    Raises `AccessDenied`, `RequestInvalid` (field `cursor`).
    """
    require(actor, Permission.SYSTEM_WATCH, actor.tenant_id)
    with room.store.reading() as tx:
        hears = may(actor, Permission.RECORDING_LISTEN, actor.tenant_id)
        unheard = () if hears else (Condition.TOPIC_HEARD,)
        return _page(tx.alerts.page(actor.tenant_id, _before(cursor), limit + 1, unheard), limit)


def acknowledge_alert(room: AlertRoom, actor: Actor, alert_id: str) -> Alert:
    """Somebody has taken note: no banner and no reminders until it gets worse.

    Raises `AlertNotFound`, `AccessDenied`.
    """
    require(actor, Permission.ALERTS_CHANGE, actor.tenant_id)
    with room.store.transaction() as tx:
        tx.tenants.lock(actor.tenant_id)
        alert = tx.alerts.get(alert_id, lock=True) if is_id(alert_id) else None
        if alert is None or alert.tenant_id != actor.tenant_id:
            raise AlertNotFound
        alert = replace(alert, acknowledged_by=actor.name or actor.id, acknowledged_level=alert.level)
        tx.alerts.replace(alert)
        detail = f"{alert.condition} {alert.key} acknowledged".replace("  ", " ")
        tx.audit.append(actor, AuditAction.ALERTS_CHANGED, alert.id, detail, room.now())
    return alert


def find_deliveries(
    room: AlertRoom,
    actor: Actor,
    state: DeliveryState | None = None,
    cursor: str = "",
    limit: int = 50,
    channel_id: str = "",
) -> Page[Delivery]:
    """What was sent, is to be sent or was given up, to one channel or webhook if that is named.

    Raises `AccessDenied`, `RequestInvalid`.
    """
    require(actor, Permission.SYSTEM_WATCH, actor.tenant_id)
    with room.store.reading() as tx:
        return _page(
            tx.deliveries.page(actor.tenant_id, state, _before(cursor), limit + 1, channel_id), limit
        )


def get_delivery(room: AlertRoom, actor: Actor, delivery_id: str) -> Delivery:
    """One delivery. Raises `DeliveryNotFound`, `AccessDenied`."""
    require(actor, Permission.SYSTEM_WATCH, actor.tenant_id)
    with room.store.reading() as tx:
        found = tx.deliveries.get(actor.tenant_id, delivery_id)
    if found is None:
        raise DeliveryNotFound
    return found


def replay_delivery(room: AlertRoom, actor: Actor, delivery_id: str) -> Delivery:
    """Send it once more, under the same id, to where its channel points today; one that waits goes now.

    Raises `DeliveryNotFound`, `AccessDenied`.
    """
    require(actor, Permission.ALERTS_CHANGE, actor.tenant_id)
    now = room.now()
    with room.store.transaction() as tx:
        known = tx.deliveries.get(actor.tenant_id, delivery_id, lock=True)
        if known is None:
            raise DeliveryNotFound
        if known.state is DeliveryState.QUEUED:
            again = replace(known, next_at=now)
            tx.deliveries.hasten(known.id, now)
        else:
            channel = tx.alert_channels.get(actor.tenant_id, known.channel_id) or tx.event_subscriptions.get(
                actor.tenant_id, known.channel_id
            )
            target = channel.address if channel and channel.address else known.message.target
            message = replace(known.message, target=target)
            again = replace(
                known, message=message, state=DeliveryState.QUEUED, attempts=0, next_at=now, done_at=None
            )
            tx.deliveries.replace(again)
        tx.audit.append(
            actor, AuditAction.ALERTS_CHANGED, known.id, f"{known.message.transport} sent again", now
        )
    return again


def _before(cursor: str) -> str:
    if cursor and not is_id(cursor):
        raise RequestInvalid("cursor", "The cursor is not one that a page gave.")
    return cursor


def _page(found: Sequence[_Item], limit: int) -> Page[_Item]:
    items = tuple(found[:limit])
    return Page(items, items[-1].id if len(found) > limit else None)
