"""The access log."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import COUNTED, metadata, of_tenant

audit_events = Table(
    "audit_events",
    metadata,
    # The order of writing, which a hash chain can follow; triggers refuse UPDATE and DELETE.
    Column("position", COUNTED, primary_key=True),
    Column("id", PlainText, nullable=False),
    of_tenant(),
    Column("at", Instant, nullable=False),
    Column("action", PlainText, nullable=False),
    Column("actor_kind", PlainText, nullable=False),
    Column("actor_id", PlainText, nullable=False),
    Column("actor_name", PlainText, nullable=False),
    Column("remote_address", PlainText, nullable=False),
    Column("subject_id", PlainText, nullable=False),
    Column("detail", PlainText, nullable=False),
    # The tenant's own count from 1, and the hash over this event and the one before (`domain.audit`).
    Column("number", BigInteger, nullable=False, server_default="0"),
    Column("hash", PlainText, nullable=False, server_default=""),
    UniqueConstraint("id"),
    Index("uq_audit_events_number", "tenant_id", "number", unique=True),
    Index("ix_audit_events_subject", "tenant_id", "subject_id", "at"),
    Index("ix_audit_events_newest", "tenant_id", "at", "position"),
)

audit_heads = Table(
    "audit_heads",
    metadata,
    # Who appends holds this row until the commit, so that a tenant's events have one order.
    Column("tenant_id", PlainText, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", PlainText, nullable=False),
)
