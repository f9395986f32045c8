"""Searches that people keep under a name."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Table

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import metadata, of_tenant

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    Column("owner_id", PlainText, nullable=False),
    Column("owner_name", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("query", PlainText, nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    Index("ix_saved_searches_tenant", "tenant_id", "owner_id"),
)
