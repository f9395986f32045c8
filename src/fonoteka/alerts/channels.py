"""Channels: where news go; saved, switched, deleted, tried."""

from __future__ import annotations

from dataclasses import replace

from fonoteka.alerts.alert_room import AlertRoom
from fonoteka.alerts.rendering import one_line, test_mail, test_webhook
from fonoteka.alerts.secrets import make_secret
from fonoteka.alerts.telling import can_deliver, dispatch, mail_context
from fonoteka.alerts.words import LANGUAGES
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.addresses import clean_email, clean_url
from fonoteka.domain.alerts import Channel, ChannelKind
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.delivery import Delivery
from fonoteka.domain.errors import ChannelInvalid, ChannelNotFound
from fonoteka.domain.ids import new_id
from fonoteka.store import Transaction

CHANNELS_MAX = 20
NAME_MAX = 100
TEST_KIND = "test"


def list_channels(room: AlertRoom, actor: Actor) -> tuple[Channel, ...]:
    """The channels of the actor's tenant, without their secrets. Raises `AccessDenied`."""
    require(actor, Permission.SYSTEM_WATCH, actor.tenant_id)
    with room.store.reading() as tx:
        return tuple(replace(one, secret="") for one in tx.alert_channels.all(actor.tenant_id))


def save_channel(room: AlertRoom, actor: Actor, given: Channel) -> Channel:
    """Make a channel (its id is empty then) or change one.

    Of a user's own can be changed whether it is on and how much it wants.

    A new webhook comes back with its secret, this once. Raises `ChannelInvalid`, `AddressInvalid`,
    `ChannelNotFound`, `AccessDenied`.
    """
    require(actor, Permission.ALERTS_CHANGE, actor.tenant_id)
    with room.store.transaction() as tx:
        tx.tenants.lock(actor.tenant_id)
        channel = _changed(tx, actor, given) if given.id else _made(room, tx, actor, given)
        verb = "changed" if given.id else "made"
        detail = f"{channel.kind} channel {channel.name} {verb}: {channel.address}"
        tx.audit.append(actor, AuditAction.ALERTS_CHANGED, channel.id, detail, room.now())
        dispatch(room, tx, actor.tenant_id)
    return replace(channel, secret="") if given.id else channel


def renew_secret(room: AlertRoom, actor: Actor, channel_id: str) -> str:
    """A new secret of a webhook, shown this once; the former one signs nothing from now on.

    Raises `ChannelNotFound`, `ChannelInvalid`, `AccessDenied`.
    """
    require(actor, Permission.ALERTS_CHANGE, actor.tenant_id)
    with room.store.transaction() as tx:
        channel = _known(tx, actor, channel_id)
        if channel.kind is not ChannelKind.WEBHOOK:
            raise ChannelInvalid("Only a webhook has a secret.", field="kind")
        secret = make_secret()
        tx.alert_channels.replace(replace(channel, secret=secret))
        detail = f"secret of webhook {channel.name} renewed"
        tx.audit.append(actor, AuditAction.ALERTS_CHANGED, channel.id, detail, room.now())
    return secret


def delete_channel(room: AlertRoom, actor: Actor, channel_id: str) -> None:
    """Delete a channel; what is queued for it is given up. A user's own can be switched off instead.

    Raises `ChannelNotFound`, `ChannelInvalid`, `AccessDenied`.
    """
    require(actor, Permission.ALERTS_CHANGE, actor.tenant_id)
    with room.store.transaction() as tx:
        channel = _known(tx, actor, channel_id)
        if channel.user_id:
            raise ChannelInvalid("A user's own channel can be switched off, not deleted.", field="id")
        tx.alert_channels.delete(actor.tenant_id, channel_id)
        detail = f"{channel.kind} channel {channel.name} deleted"
        tx.audit.append(actor, AuditAction.ALERTS_CHANGED, channel_id, detail, room.now())


def try_channel(room: AlertRoom, actor: Actor, channel_id: str) -> Delivery:
    """Queue a test message and give back its delivery, which tells in a moment how it went.

    Works for a channel that is off, too. Raises `ChannelNotFound`, `ChannelInvalid` when it has no address,
    `AccessDenied`.
    """
    require(actor, Permission.ALERTS_CHANGE, actor.tenant_id)
    now, delivery_id = room.now(), new_id()
    with room.store.transaction() as tx:
        channel = _known(tx, actor, channel_id)
        if not can_deliver(room, replace(channel, is_enabled=True)):
            what = "No mail server is set." if channel.address else "The channel has no address yet."
            raise ChannelInvalid(what, field="address")
        if channel.kind is ChannelKind.EMAIL:
            message = test_mail(mail_context(room, tx, channel))
        else:
            message = test_webhook(delivery_id, actor.tenant_id, now, channel.address)
        delivery = Delivery(delivery_id, actor.tenant_id, channel.id, TEST_KIND, message, now, now)
        tx.deliveries.add(delivery)
        detail = f"{channel.kind} channel {channel.name} tested"
        tx.audit.append(actor, AuditAction.ALERTS_CHANGED, channel.id, detail, now)
    return delivery


def ensure_own_channel(room: AlertRoom) -> None:
    """The first administrator has a channel from the first start; it works as soon as it has an address."""
    with room.store.reading() as tx:
        user = tx.users.first_administrator(DEFAULT_TENANT_ID)
        if user is None or any(one.user_id == user.id for one in tx.alert_channels.all(user.tenant_id)):
            return
    channel = Channel(new_id(), user.tenant_id, ChannelKind.EMAIL, "", "", "", room.now(), user_id=user.id)
    with room.store.transaction() as tx:
        tx.alert_channels.add_own(channel)


def _made(room: AlertRoom, tx: Transaction, actor: Actor, given: Channel) -> Channel:
    if len(tx.alert_channels.all(actor.tenant_id)) >= CHANNELS_MAX:
        raise ChannelInvalid(f"There are {CHANNELS_MAX} channels already.", field="name")
    channel = replace(
        _checked(given),
        id=new_id(),
        tenant_id=actor.tenant_id,
        user_id="",
        secret=make_secret() if given.kind is ChannelKind.WEBHOOK else "",
        created_at=room.now(),
        news_position=tx.alerts.last_position(actor.tenant_id),
    )
    tx.alert_channels.add(channel)
    return channel


def _changed(tx: Transaction, actor: Actor, given: Channel) -> Channel:
    known = _known(tx, actor, given.id)
    if known.user_id:
        channel = replace(known, minimum=given.minimum, is_enabled=given.is_enabled)
    else:
        if given.kind is not known.kind:
            raise ChannelInvalid("The kind of a channel does not change; make another.", field="kind")
        channel = replace(
            _checked(given),
            tenant_id=known.tenant_id,
            user_id="",
            secret=known.secret,
            created_at=known.created_at,
            news_position=known.news_position,
        )
    tx.alert_channels.replace(channel)
    return channel


def _checked(given: Channel) -> Channel:
    name = one_line(given.name, NAME_MAX + 1)
    if not 1 <= len(name) <= NAME_MAX:
        raise ChannelInvalid(f"A channel's name has 1 to {NAME_MAX} characters.", field="name")
    if given.language not in LANGUAGES:
        raise ChannelInvalid("The language is ru or en.", field="language")
    clean = clean_email if given.kind is ChannelKind.EMAIL else clean_url
    return replace(given, name=name, address=clean(given.address))


def _known(tx: Transaction, actor: Actor, channel_id: str) -> Channel:
    channel = tx.alert_channels.get(actor.tenant_id, channel_id)
    if channel is None:
        raise ChannelNotFound
    return channel
