"""Calls, who took part in them, and what they are known by."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, false, text, true

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import metadata, of_tenant

calls = Table(
    "calls",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    Column("source", PlainText, nullable=False),
    Column("direction", PlainText, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("outcome", PlainText, nullable=False, server_default="recorded"),
    Column("reason", PlainText, nullable=False, server_default=""),
    Column("decision", PlainText),
    Column("segments", PlainText, nullable=False, server_default="[]"),
    Column("forwarded_outside", Boolean, nullable=False, server_default=false()),
    Column("external_id", PlainText, nullable=False, server_default=""),
    # Of the decision: "" the default decided, NULL no rule was asked.
    Column("rule_id", PlainText),
    # Every recording of it is silent or one-sided; `is_listed` is what the ordinary list shows, kept beside
    # the outcome because one equality can be the prefix of an index.
    Column("is_unheard", Boolean, nullable=False, server_default=false()),
    Column("is_listed", Boolean, nullable=False, server_default=true()),
    # Newest first is a backward scan of these, and totals need nothing else (3 times faster than the rows);
    # the third keeps a rare direction from scanning a tenant.
    Index("ix_calls_newest", "tenant_id", "started_at", "id", "duration_ms"),
    Index("ix_calls_listed", "tenant_id", "is_listed", "started_at", "id", "duration_ms"),
    Index(
        "ix_calls_listed_of_direction",
        "tenant_id",
        "is_listed",
        "direction",
        "started_at",
        "id",
        "duration_ms",
    ),
    # For lists of one outcome or direction, however rare; of several each is read apart (`call_search`).
    Index("ix_calls_kind", "tenant_id", "outcome", "direction", "started_at", "id"),
    # For what may be rare, and for the longest (`call_candidates`).
    Index("ix_calls_source", "tenant_id", "source", "started_at", "id"),
    Index("ix_calls_rule", "tenant_id", "rule_id", "started_at", "id"),
    Index("ix_calls_longest", "tenant_id", "duration_ms", "started_at", "id"),
    Index("ix_calls_outcome", "outcome", "created_at"),
    Index(
        "ix_calls_announced",
        "tenant_id",
        "started_at",
        sqlite_where=text("source IN ('announced', 'cdr')"),
        postgresql_where=text("source IN ('announced', 'cdr')"),
    ),
    Index(
        "uq_calls_external",
        "tenant_id",
        "source",
        "external_id",
        unique=True,
        sqlite_where=text("external_id <> ''"),
        postgresql_where=text("external_id <> ''"),
    ),
)

call_aliases = Table(
    "call_aliases",
    metadata,
    # Another source's own id of a call, or (source `call`) the id that a recording's call had before it
    # turned out to be one that is known.
    Column("tenant_id", PlainText, primary_key=True),
    Column("source", PlainText, primary_key=True),
    Column("external_id", PlainText, primary_key=True),
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    Index("ix_call_aliases_call", "call_id"),
)

participants = Table(
    "participants",
    metadata,
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    of_tenant(),
    Column("participant_id", PlainText, nullable=False),
    Column("party", PlainText),
    Column("number", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("aor", PlainText, nullable=False),
    # What a search looks into, made by `matching`: SQLite's LIKE folds the case of ASCII letters alone.
    Column("number_digits", PlainText, nullable=False),
    Column("name_folded", PlainText, nullable=False),
)
