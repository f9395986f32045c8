"""What was shared with people outside of the pages."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import metadata, of_tenant

shares = Table(
    "shares",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    Column("kind", PlainText, nullable=False),
    Column("author_kind", PlainText, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("recipient", PlainText, nullable=False),
    Column("reason", PlainText, nullable=False),
    Column("note", PlainText, nullable=False),
    Column("language", PlainText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("may_download", Boolean, nullable=False),
    Column("password_hash", PlainText),
    Column("opens_max", Integer),
    Column("opens", Integer, nullable=False),
    Column("revoked_at", Instant),
    Column("revoked_by", PlainText, nullable=False),
    Index("ix_shares_newest", "tenant_id", "id"),
    Index("ix_shares_author", "author_id", "id"),
    Index("ix_shares_expiry", "expires_at"),
)

shared_calls = Table(
    "shared_calls",
    metadata,
    Column("share_id", PlainText, ForeignKey("shares.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    of_tenant(),
    Column("call_id", PlainText, nullable=False),
    Index("ix_shared_calls_call", "tenant_id", "call_id"),
)

# A link has a secret for each time that it was told: a mail that is sent again carries a new one.
share_secrets = Table(
    "share_secrets",
    metadata,
    Column("secret_sha256", PlainText, primary_key=True),
    of_tenant(),
    Column("share_id", PlainText, ForeignKey("shares.id", ondelete="CASCADE"), nullable=False),
    Index("ix_share_secrets_share", "share_id"),
)

# Browsers in which a link was opened.
share_visits = Table(
    "share_visits",
    metadata,
    Column("secret_sha256", PlainText, primary_key=True),
    of_tenant(),
    Column("share_id", PlainText, ForeignKey("shares.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_share_visits_share", "share_id"),
    Index("ix_share_visits_expiry", "expires_at"),
)

sharing_terms = Table(
    "sharing_terms",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    # JSON lists of domains in the form of the wire.
    Column("own_domains", PlainText, nullable=False),
    Column("allowed_domains", PlainText, nullable=False),
    Column("days_max", Integer, nullable=False),
)
