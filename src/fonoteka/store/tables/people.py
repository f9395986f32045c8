"""Tenants, their extensions, groups and trunks, and the rules over them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import metadata

tenants = Table(
    "tenants",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("name", PlainText, nullable=False),
    Column("time_zone", PlainText, nullable=False),
    Column("region", PlainText, nullable=False),
    # Grows with each change of the tenant's people or rules; whoever changes them holds this row's lock.
    Column("changes", BigInteger, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
)

extensions = Table(
    "extensions",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("tenant_id", PlainText, ForeignKey("tenants.tenant_id"), nullable=False),
    Column("number", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("person", PlainText, nullable=False),
    Column("newcomer_until", Date),
    UniqueConstraint("tenant_id", "number"),
)

groups = Table(
    "groups",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("tenant_id", PlainText, ForeignKey("tenants.tenant_id"), nullable=False),
    Column("name", PlainText, nullable=False),
    Column("name_folded", PlainText, nullable=False),
    UniqueConstraint("tenant_id", "name_folded"),
    UniqueConstraint("tenant_id", "id", name="uq_groups_tenant_id_id"),
)

group_members = Table(
    "group_members",
    metadata,
    # Both references hold the tenant: the database itself lets no group have a member of another tenant.
    Column("tenant_id", PlainText, nullable=False),
    Column("group_id", PlainText, primary_key=True),
    Column("number", PlainText, primary_key=True),
    ForeignKeyConstraint(
        ["tenant_id", "group_id"],
        ["groups.tenant_id", "groups.id"],
        ondelete="CASCADE",
        name="fk_group_members_group",
    ),
    ForeignKeyConstraint(
        ["tenant_id", "number"],
        ["extensions.tenant_id", "extensions.number"],
        ondelete="CASCADE",
        onupdate="CASCADE",
        name="fk_group_members_extension",
    ),
    Index("ix_group_members_number", "tenant_id", "number"),
)

trunks = Table(
    "trunks",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("tenant_id", PlainText, ForeignKey("tenants.tenant_id"), nullable=False),
    Column("name", PlainText, nullable=False),
    # Lists of texts as JSON: a trunk is read and written whole.
    Column("networks", PlainText, nullable=False),
    Column("domains", PlainText, nullable=False),
    Column("numbers", PlainText, nullable=False),
    Index("ix_trunks_tenant", "tenant_id"),
)

rule_sets = Table(
    "rule_sets",
    metadata,
    Column("tenant_id", PlainText, ForeignKey("tenants.tenant_id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", PlainText, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", PlainText, nullable=False),
)
