"""Who is told of call events: saved, switched, deleted, tried."""

from __future__ import annotations

from dataclasses import replace

from fonoteka.alerts.alert_room import AlertRoom
from fonoteka.alerts.channels import NAME_MAX, TEST_KIND
from fonoteka.alerts.rendering import one_line, test_webhook
from fonoteka.alerts.secrets import make_secret
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.addresses import clean_url
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call_events import EventSubscription
from fonoteka.domain.delivery import Delivery
from fonoteka.domain.errors import ChannelInvalid, ChannelNotFound
from fonoteka.domain.ids import new_id
from fonoteka.store import Transaction

SUBSCRIPTIONS_MAX = 20


def list_subscriptions(room: AlertRoom, actor: Actor) -> tuple[EventSubscription, ...]:
    """The subscriptions of the actor's tenant, without their secrets. Raises `AccessDenied`."""
    require(actor, Permission.EVENTS_SUBSCRIBE, actor.tenant_id)
    with room.store.reading() as tx:
        return tuple(replace(one, secret="") for one in tx.event_subscriptions.all(actor.tenant_id))


def save_subscription(room: AlertRoom, actor: Actor, given: EventSubscription) -> EventSubscription:
    """Make a subscription (its id is empty then) or change one.

    A new one comes back with its secret, this once. What it is told holds numbers in full, so whoever saves
    it must be allowed to see them. Raises `ChannelInvalid` (fields `name`, `group_id`), `AddressInvalid`,
    `ChannelNotFound`, `AccessDenied`.
    """
    _require(actor)
    with room.store.transaction() as tx:
        tx.tenants.lock(actor.tenant_id)
        checked = _checked(tx, actor, given)
        if given.id:
            known = _known(tx, actor, given.id)
            one = replace(checked, secret=known.secret, created_at=known.created_at)
            tx.event_subscriptions.replace(one)
        else:
            if len(tx.event_subscriptions.all(actor.tenant_id)) >= SUBSCRIPTIONS_MAX:
                raise ChannelInvalid(f"There are {SUBSCRIPTIONS_MAX} webhooks already.", field="name")
            one = replace(checked, id=new_id(), secret=make_secret(), created_at=room.now())
            tx.event_subscriptions.add(one)
        _note(room, tx, actor, one, f"{'changed' if given.id else 'made'}: {one.address}")
    return replace(one, secret="") if given.id else one


def renew_subscription_secret(room: AlertRoom, actor: Actor, subscription_id: str) -> str:
    """A new secret, shown this once; the former one signs nothing from now on.

    Raises `ChannelNotFound`, `AccessDenied`.
    """
    _require(actor)
    with room.store.transaction() as tx:
        known = _known(tx, actor, subscription_id)
        secret = make_secret()
        tx.event_subscriptions.replace(replace(known, secret=secret))
        _note(room, tx, actor, known, "secret renewed")
    return secret


def delete_subscription(room: AlertRoom, actor: Actor, subscription_id: str) -> None:
    """Delete a subscription; what is queued for it is given up. Raises `ChannelNotFound`, `AccessDenied`."""
    _require(actor)
    with room.store.transaction() as tx:
        known = _known(tx, actor, subscription_id)
        tx.event_subscriptions.delete(actor.tenant_id, known.id)
        _note(room, tx, actor, known, "deleted")


def try_subscription(room: AlertRoom, actor: Actor, subscription_id: str) -> Delivery:
    """Queue a test message and give back its delivery, which tells in a moment how it went.

    Works for one that is off, too. Raises `ChannelNotFound`, `AccessDenied`.
    """
    _require(actor)
    now, delivery_id = room.now(), new_id()
    with room.store.transaction() as tx:
        known = _known(tx, actor, subscription_id)
        message = test_webhook(delivery_id, actor.tenant_id, now, known.address)
        delivery = Delivery(delivery_id, actor.tenant_id, known.id, TEST_KIND, message, now, now)
        tx.deliveries.add(delivery)
        _note(room, tx, actor, known, "tested")
    return delivery


def _require(actor: Actor) -> None:
    for permission in (Permission.EVENTS_SUBSCRIBE, Permission.CALL_SEE, Permission.NUMBER_SEE):
        require(actor, permission, actor.tenant_id)


def _checked(tx: Transaction, actor: Actor, given: EventSubscription) -> EventSubscription:
    name = one_line(given.name, NAME_MAX + 1)
    if not 1 <= len(name) <= NAME_MAX:
        raise ChannelInvalid(f"A webhook's name has 1 to {NAME_MAX} characters.", field="name")
    if given.group_id and tx.groups.get(actor.tenant_id, given.group_id) is None:
        raise ChannelInvalid("There is no such group.", field="group_id")
    return replace(given, tenant_id=actor.tenant_id, name=name, address=clean_url(given.address))


def _known(tx: Transaction, actor: Actor, subscription_id: str) -> EventSubscription:
    known = tx.event_subscriptions.get(actor.tenant_id, subscription_id)
    if known is None:
        raise ChannelNotFound("There is no such webhook.")
    return known


def _note(room: AlertRoom, tx: Transaction, actor: Actor, one: EventSubscription, what: str) -> None:
    detail = f"webhook {one.name} {what}"
    tx.audit.append(actor, AuditAction.SUBSCRIPTIONS_CHANGED, one.id, detail, room.now())
