"""The tables of call events: what triggers wrote down and nobody has queued yet, and who is told."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Table

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import COUNTED, metadata, of_tenant

# Triggers on calls and recordings add a row in the transaction of the change, where a tenant has subscribed.
call_events = Table(
    "call_events",
    metadata,
    Column("position", COUNTED, primary_key=True),
    of_tenant(),
    Column("kind", PlainText, nullable=False),
    Column("call_id", PlainText, nullable=False),
    Column("recording_id", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
)

event_subscriptions = Table(
    "event_subscriptions",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    Column("name", PlainText, nullable=False),
    Column("address", PlainText, nullable=False),
    Column("secret", PlainText, nullable=False),
    # Names with spaces between; empty: all.
    Column("kinds", PlainText, nullable=False),
    Column("group_id", PlainText, nullable=False),
    Column("direction", PlainText),
    Column("is_enabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_event_subscriptions_tenant", "tenant_id"),
)
