"""Rows of channels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from fonoteka.domain.alerts import Channel, ChannelKind, Severity
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import alert_channels, users

_ALL = select(
    alert_channels, users.c.email, users.c.language.label("user_language"), users.c.name.label("user_name")
).join(users, users.c.id == alert_channels.c.user_id, isouter=True)


class AlertChannels:
    """Channels of a tenant; one that is a user's own shows the user's address, language and name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, tenant_id: str) -> tuple[Channel, ...]:
        """The tenant's channels, oldest first."""
        found = _ALL.where(alert_channels.c.tenant_id == tenant_id).order_by(alert_channels.c.id)
        return tuple(_channel(row) for row in self._connection.execute(found))

    def get(self, tenant_id: str, channel_id: str) -> Channel | None:
        """The channel, or None when this tenant has no such."""
        c = alert_channels.c
        found = _ALL.where(c.tenant_id == tenant_id, c.id == channel_id)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _channel(row)

    def lock(self, channel_id: str) -> int | None:
        """The last news it was given; nobody else gives it any until we commit. None: it is gone."""
        found = select(alert_channels.c.news_position).where(alert_channels.c.id == channel_id)
        return self._connection.scalar(found.with_for_update())

    def add(self, channel: Channel) -> None:
        """Insert the channel."""
        self._connection.execute(insert(alert_channels).values(_values(channel)))

    def add_own(self, channel: Channel) -> bool:
        """Insert a user's own channel unless the user has one."""
        return insert_missing(self._connection, alert_channels, _values(channel))

    def replace(self, channel: Channel) -> None:
        """Write the channel anew, but for the news it was given."""
        values = _values(channel)
        for name in ("id", "tenant_id", "news_position", "created_at"):
            del values[name]
        self._connection.execute(
            update(alert_channels)
            .where(alert_channels.c.tenant_id == channel.tenant_id, alert_channels.c.id == channel.id)
            .values(values)
        )

    def advance(self, channel_id: str, position: int) -> None:
        """The news up to that position were given to it."""
        self._connection.execute(
            update(alert_channels).where(alert_channels.c.id == channel_id).values(news_position=position)
        )

    def delete(self, tenant_id: str, channel_id: str) -> None:
        """Delete the channel."""
        c = alert_channels.c
        self._connection.execute(delete(alert_channels).where(c.tenant_id == tenant_id, c.id == channel_id))


def _channel(row: Row[Any]) -> Channel:
    channel = Channel(
        id=row.id,
        tenant_id=row.tenant_id,
        kind=ChannelKind(row.kind),
        name=row.name,
        address=row.address,
        language=row.language,
        created_at=row.created_at,
        secret=row.secret,
        user_id=row.user_id or "",
        minimum=Severity(row.minimum),
        is_enabled=row.is_enabled,
        news_position=row.news_position,
    )
    if not channel.user_id:
        return channel
    return replace(channel, name=row.user_name, address=row.email, language=row.user_language)


def _values(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "tenant_id": channel.tenant_id,
        "kind": channel.kind.value,
        "name": "" if channel.user_id else channel.name,
        "address": "" if channel.user_id else channel.address,
        "language": "" if channel.user_id else channel.language,
        "secret": channel.secret,
        "user_id": channel.user_id or None,
        "minimum": channel.minimum.value,
        "is_enabled": channel.is_enabled,
        "news_position": channel.news_position,
        "created_at": channel.created_at,
    }
