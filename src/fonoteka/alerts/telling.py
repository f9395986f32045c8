"""Telling people: what is due of each alert becomes news, and news become deliveries to the channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from fonoteka.alerts.alert_room import AlertRoom
from fonoteka.alerts.metrics import NEWS
from fonoteka.alerts.rendering import MailContext, mail_of, webhook_of
from fonoteka.domain.alerts import Alert, Channel, ChannelKind, News, NewsKind, news_due, settled, told
from fonoteka.domain.delivery import Delivery, Message
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Tenant
from fonoteka.store import Transaction

ALERT_KIND = "alert"
_NEWS_AT_ONCE = 200
_STALE = timedelta(days=1)
_HOUR = timedelta(hours=1)


def tell_what_is_due(room: AlertRoom, tx: Transaction, alert: Alert) -> None:
    """Write down what is to be told of the alert now, and queue it; the tenant is locked by the caller."""
    now = room.now()
    kind = news_due(alert, now)
    if kind is None:
        return
    after = told(alert, kind, now)
    tx.alerts.replace(after)
    # The end of something is as bad as it was: who heard of it hears that it is over.
    tx.alerts.tell(alert if kind is not NewsKind.CLEARED else _at_worst(alert), kind, now)
    NEWS.labels(alert.condition.value, kind.value).inc()
    dispatch(room, tx, alert.tenant_id)


def look_after_alerts(room: AlertRoom) -> None:
    """End what is over, remind of what goes on, queue what had to wait. To be called every few seconds.

    Several processes may: each alert is looked at under a lock.
    """
    with room.store.reading() as tx:
        due = [one for one in map(tx.alerts.get, tx.alerts.open_ids()) if one and _is_due(room, one)]
        waiting = [one.id for one in tx.tenants.all() if _has_news(room, tx, one.id)]
    for one in due:
        with room.store.transaction() as tx:
            tx.tenants.lock(one.tenant_id)
            if alert := tx.alerts.get(one.id, lock=True):
                _settle(room, tx, alert)
    for tenant_id in waiting:
        with room.store.transaction() as tx:
            tx.tenants.lock(tenant_id)
            dispatch(room, tx, tenant_id)


def dispatch(room: AlertRoom, tx: Transaction, tenant_id: str) -> None:
    """Queue for each channel of the tenant what it has not been given yet, as far as its limit allows.

    News and deliveries are of one transaction, and the channel's row is locked: nothing is queued twice.
    """
    for channel in tx.alert_channels.all(tenant_id):
        if not can_deliver(room, channel):
            continue
        position = tx.alert_channels.lock(channel.id)
        if position is None or _is_at_limit(room, tx, channel):
            continue
        news = tx.alerts.news_after(tenant_id, position, _NEWS_AT_ONCE)
        if not news:
            continue
        for message_id, message in _messages(room, tx, channel, _worth_telling(room, channel, news)):
            now = room.now()
            tx.deliveries.add(Delivery(message_id, tenant_id, channel.id, ALERT_KIND, message, now, now))
        tx.alert_channels.advance(channel.id, news[-1].position)


def can_deliver(room: AlertRoom, channel: Channel) -> bool:
    """Whether the channel is on and has all it needs; until then its news wait."""
    has_server = channel.kind is not ChannelKind.EMAIL or room.mail is not None
    return channel.is_enabled and channel.address != "" and has_server


def mail_context(room: AlertRoom, tx: Transaction, channel: Channel) -> MailContext:
    """What a mail to the channel is written for."""
    tenant = tx.tenants.get(channel.tenant_id) or Tenant(channel.tenant_id, channel.tenant_id)
    name = "" if tenant.name == tenant.id else tenant.name  # nobody gave it a name
    return MailContext(channel, name, ZoneInfo(tenant.time_zone), room.public_url)


def _at_worst(alert: Alert) -> Alert:
    return replace(alert, level=max(alert.level, alert.told_level))


def _is_due(room: AlertRoom, alert: Alert) -> bool:
    now = room.now()
    after = settled(alert, now)
    return after is not alert or news_due(alert, now) is not None


def _settle(room: AlertRoom, tx: Transaction, alert: Alert) -> None:
    after = settled(alert, room.now())
    if after is not alert:
        tx.alerts.replace(after)
    tell_what_is_due(room, tx, after)


def _has_news(room: AlertRoom, tx: Transaction, tenant_id: str) -> bool:
    last = tx.alerts.last_position(tenant_id)
    return any(
        one.news_position < last and can_deliver(room, one) and not _is_at_limit(room, tx, one)
        for one in tx.alert_channels.all(tenant_id)
    )


def _is_at_limit(room: AlertRoom, tx: Transaction, channel: Channel) -> bool:
    if channel.kind is not ChannelKind.EMAIL:
        return False
    return tx.deliveries.count_since(channel.id, ALERT_KIND, room.now() - _HOUR) >= room.mails_per_hour


def _worth_telling(room: AlertRoom, channel: Channel, news: Sequence[News]) -> list[News]:
    """What the channel wants, without what has been over for long: it had to wait for an address, say."""
    stale = room.now() - _STALE
    wanted = [one for one in news if channel.wants(one.alert.severity)]
    over = {one.alert.id for one in wanted if one.kind is NewsKind.CLEARED and one.at < stale}
    return [one for one in wanted if one.alert.id not in over]


def _messages(
    room: AlertRoom, tx: Transaction, channel: Channel, news: Sequence[News]
) -> list[tuple[str, Message]]:
    if not news:
        return []
    if channel.kind is ChannelKind.EMAIL:
        latest = {one.alert.id: one for one in news}
        return [(new_id(), mail_of(list(latest.values()), mail_context(room, tx, channel)))]
    ids = [new_id() for _ in news]
    return [(id_, webhook_of(one, id_, channel.address)) for id_, one in zip(ids, news, strict=True)]
