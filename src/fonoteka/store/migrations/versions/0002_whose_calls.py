"""Tenants with their people, trunks and rules; what became of each call."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; calls that are known already get their outcome from their recordings."""
    _make_tenants()
    _make_people()
    _make_rule_sets()
    _widen_calls()
    _judge_calls()
    _index_calls()


def _make_tenants() -> None:
    op.create_table(
        "tenants",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("time_zone", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("changes", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_tenants"),
    )
    op.get_bind().execute(
        sa.text(
            "INSERT INTO tenants (tenant_id, name, time_zone, region, created_at) "
            "SELECT tenant_id, tenant_id, 'Europe/Moscow', 'RU', :now FROM "
            "(SELECT 'default' AS tenant_id UNION SELECT tenant_id FROM users "
            "UNION SELECT tenant_id FROM calls UNION SELECT tenant_id FROM tokens) AS known"
        ),
        {"now": time.time_ns() // 1000},
    )


def _make_people() -> None:
    op.create_table(
        "extensions",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("newcomer_until", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_extensions"),
        sa.UniqueConstraint("tenant_id", "number", name="uq_extensions_tenant_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name="fk_extensions_tenant_id"),
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_folded", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
        sa.UniqueConstraint("tenant_id", "name_folded", name="uq_groups_tenant_id"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_groups_tenant_id_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name="fk_groups_tenant_id"),
    )
    op.create_table(
        "group_members",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("group_id", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("group_id", "number", name="pk_group_members"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"],
            ["groups.tenant_id", "groups.id"],
            ondelete="CASCADE",
            name="fk_group_members_group",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "number"],
            ["extensions.tenant_id", "extensions.number"],
            ondelete="CASCADE",
            onupdate="CASCADE",
            name="fk_group_members_extension",
        ),
    )
    op.create_index("ix_group_members_number", "group_members", ["tenant_id", "number"])
    op.create_table(
        "trunks",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("networks", sa.Text, nullable=False),
        sa.Column("domains", sa.Text, nullable=False),
        sa.Column("numbers", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trunks"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name="fk_trunks_tenant_id"),
    )
    op.create_index("ix_trunks_tenant", "trunks", ["tenant_id"])


def _make_rule_sets() -> None:
    op.create_table(
        "rule_sets",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "version", name="pk_rule_sets"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name="fk_rule_sets_tenant_id"),
    )


def _widen_calls() -> None:
    for column in (
        sa.Column("outcome", sa.Text, nullable=False, server_default="recorded"),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("decision", sa.Text),
        sa.Column("segments", sa.Text, nullable=False, server_default="[]"),
        sa.Column("forwarded_outside", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("external_id", sa.Text, nullable=False, server_default=""),
        sa.Column("is_unheard", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("is_listed", sa.Boolean, nullable=False, server_default=sa.true()),
    ):
        op.add_column("calls", column)


def _judge_calls() -> None:
    """Calls whose only recordings failed, or hold no packet, are told from the others."""
    recorded = "EXISTS (SELECT 1 FROM recordings WHERE recordings.call_id = calls.id)"
    other = "NOT EXISTS (SELECT 1 FROM recordings WHERE recordings.call_id = calls.id AND state <> '{}')"
    op.execute(f"UPDATE calls SET outcome = 'failed' WHERE {recorded} AND {other.format('failed')}")  # noqa: S608
    op.execute(
        f"UPDATE calls SET is_unheard = true, is_listed = false "  # noqa: S608
        f"WHERE {recorded} AND {other.format('silent')}"
    )


def _index_calls() -> None:
    op.create_index("ix_calls_listed", "calls", ["tenant_id", "is_listed", "started_at", "id", "duration_ms"])
    op.drop_index("ix_calls_newest_of_direction", "calls")
    op.create_index(
        "ix_calls_listed_of_direction",
        "calls",
        ["tenant_id", "is_listed", "direction", "started_at", "id", "duration_ms"],
    )
    op.create_index("ix_calls_outcome", "calls", ["outcome", "created_at"])
    op.create_index(
        "uq_calls_external",
        "calls",
        ["tenant_id", "source", "external_id"],
        unique=True,
        sqlite_where=sa.text("external_id <> ''"),
        postgresql_where=sa.text("external_id <> ''"),
    )
