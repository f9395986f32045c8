"""Users and how they sign in, tokens."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import EVERYTHING, metadata, of_tenant

users = Table(
    "users",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    # Logins are unique over the installation: one signs in before one's tenant is known.
    Column("login", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("role", PlainText, nullable=False),
    Column("password_hash", PlainText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    # Read and written whole, as JSON: how far the role reaches, what it has more or less.
    Column("rights", PlainText, nullable=False, server_default=EVERYTHING),
    Column("email", PlainText, nullable=False, server_default=""),
    Column("language", PlainText, nullable=False, server_default=""),
    UniqueConstraint("login"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("secret_sha256", PlainText, primary_key=True),
    of_tenant(),
    Column("user_id", PlainText, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("remote_address", PlainText, nullable=False),
    Column("id", PlainText, nullable=False, server_default=""),
    Column("seen_at", Instant, nullable=False, server_default="0"),
    Column("user_agent", PlainText, nullable=False, server_default=""),
    Index("uq_sessions_id", "id", unique=True),
    Index("ix_sessions_user", "user_id", "created_at"),
    Index("ix_sessions_expiry", "expires_at"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    Column("secret_sha256", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("role", PlainText, nullable=False),
    Column("created_by", PlainText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("expires_at", Instant),
    Column("seen_at", Instant),
    Column("rights", PlainText, nullable=False, server_default=EVERYTHING),
    UniqueConstraint("secret_sha256"),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("secret_sha256", PlainText, primary_key=True),
    of_tenant(),
    Column("user_id", PlainText, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_sign_in_links_expiry", "expires_at"),
    Index("ix_sign_in_links_user", "user_id"),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    # SHA-256 of login and address: logins that do not exist may be slips of the tongue, even passwords.
    Column("key_sha256", PlainText, primary_key=True),
    of_tenant(),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("blocked_until", Instant, nullable=False),
    Index("ix_sign_in_attempts_last", "last_at"),
)
