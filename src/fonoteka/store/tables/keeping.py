"""Storage plans and terms, what is used, sweeps and legal holds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import metadata, of_tenant

keeping_versions = Table(
    "keeping_versions",
    metadata,
    # Storage plans and retention terms: every version that was ever in force.
    Column("tenant_id", PlainText, primary_key=True),
    Column("kind", PlainText, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", PlainText, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", PlainText, nullable=False),
)

storage_usage = Table(
    "storage_usage",
    metadata,
    # The sums over the tenant's recordings, changed in the transactions that change those; its lock is what
    # everybody holds who makes room.
    Column("tenant_id", PlainText, primary_key=True),
    Column("used_bytes", BigInteger, nullable=False),
    Column("recordings", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
)

storage_sweeps = Table(
    "storage_sweeps",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    # How far terms were brought to the recordings: of which state of terms, rules and people, up to which id.
    Column("stamp", PlainText, nullable=False),
    Column("cursor", PlainText, nullable=False),
    Column("is_done", Boolean, nullable=False),
    Column("swept_at", Instant),
    Column("halted_since", Instant),
)

storage_audits = Table(
    "storage_audits",
    metadata,
    # The newest audit over all tenants, in one row.
    Column("id", PlainText, primary_key=True),
    Column("finished_at", Instant, nullable=False),
    Column("objects", BigInteger, nullable=False),
    Column("object_bytes", BigInteger, nullable=False),
    Column("recordings", BigInteger, nullable=False),
    Column("counts", PlainText, nullable=False),
    Column("repaired", BigInteger, nullable=False),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    Column("case_name", PlainText, nullable=False),
    Column("reason", PlainText, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("has_filter", Boolean, nullable=False),
    Column("number", PlainText, nullable=False),
    Column("since", Instant),
    Column("until", Instant),
    Column("released_at", Instant),
    Column("released_by", PlainText, nullable=False),
    Column("release_reason", PlainText, nullable=False),
    Index("ix_legal_holds_tenant", "tenant_id", "placed_at", "id"),
)

held_recordings = Table(
    "held_recordings",
    metadata,
    Column("hold_id", PlainText, ForeignKey("legal_holds.id"), primary_key=True),
    Column("recording_id", PlainText, ForeignKey("recordings.id"), primary_key=True),
    of_tenant(),
    Index("ix_held_recordings_recording", "recording_id"),
)
