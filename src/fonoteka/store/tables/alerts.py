"""Alerts, where they are told, and what is being told."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint, text

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import COUNTED, metadata, of_tenant

alerts = Table(
    "alerts",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    Column("condition", PlainText, nullable=False),
    Column("key", PlainText, nullable=False),
    Column("level", Integer, nullable=False),
    Column("facts", PlainText, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("clear_since", Instant),
    Column("cleared_at", Instant),
    Column("flaps", Integer, nullable=False),
    Column("acknowledged_by", PlainText, nullable=False),
    Column("acknowledged_level", Integer, nullable=False),
    # What people heard last, and when.
    Column("told", PlainText),
    Column("told_at", Instant),
    Column("told_level", Integer, nullable=False),
    # Two processes that see the same at once make one alert.
    Index(
        "uq_alerts_open",
        "tenant_id",
        "condition",
        "key",
        unique=True,
        sqlite_where=text("cleared_at IS NULL"),
        postgresql_where=text("cleared_at IS NULL"),
    ),
    Index("ix_alerts_newest", "tenant_id", "id"),
)

alert_news = Table(
    "alert_news",
    metadata,
    Column("position", COUNTED, primary_key=True),
    of_tenant(),
    Column("alert_id", PlainText, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("level", Integer, nullable=False),
    Column("facts", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_alert_news_tenant", "tenant_id", "position"),
    Index("ix_alert_news_alert", "alert_id"),
    sqlite_autoincrement=True,
)

alert_channels = Table(
    "alert_channels",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    Column("kind", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("address", PlainText, nullable=False),
    Column("language", PlainText, nullable=False),
    Column("secret", PlainText, nullable=False),
    Column("user_id", PlainText, ForeignKey("users.id", ondelete="CASCADE")),
    Column("minimum", PlainText, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    # The last news that were queued for it; whoever queues holds this row's lock.
    Column("news_position", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("user_id"),
    Index("ix_alert_channels_tenant", "tenant_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    Column("channel_id", PlainText, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("transport", PlainText, nullable=False),
    Column("target", PlainText, nullable=False),
    Column("subject", PlainText, nullable=False),
    Column("text", PlainText, nullable=False),
    Column("html", PlainText, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    # Until then somebody is sending it; afterwards it counts as never answered, and is sent again.
    Column("leased_until", Instant),
    Column("done_at", Instant),
    Column("outcome", PlainText),
    Column("detail", PlainText, nullable=False),
    Index("ix_deliveries_due", "state", "next_at"),
    Index("ix_deliveries_newest", "tenant_id", "id"),
    Index("ix_deliveries_channel", "channel_id", "created_at"),
)
