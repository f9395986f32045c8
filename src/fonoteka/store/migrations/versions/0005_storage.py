"""Storage plans, retention terms, bin, legal holds; what counts against a quota."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns and tables; what is stored already is summed up (peaks follow with the next audit)."""
    _widen_recordings()
    _make_versions()
    _make_sums()
    _make_holds()
    _fill()


def _widen_recordings() -> None:
    for column in (
        sa.Column("stored_bytes", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("rule_id", sa.Text),
        sa.Column("is_held", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("protected_until", sa.BigInteger),
        sa.Column("protected_by", sa.Text, nullable=False, server_default=""),
        sa.Column("delete_at", sa.BigInteger),
        sa.Column("delete_by", sa.Text, nullable=False, server_default=""),
        sa.Column("binned_at", sa.BigInteger),
        sa.Column("restored_at", sa.BigInteger),
        sa.Column("removal_cause", sa.Text),
        sa.Column("removal_detail", sa.Text, nullable=False, server_default=""),
        sa.Column("standing", sa.Text, nullable=False, server_default=""),
        sa.Column("due_at", sa.BigInteger),
    ):
        op.add_column("recordings", column)


def _make_versions() -> None:
    op.create_table(
        "keeping_versions",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "version", name="pk_keeping_versions"),
    )


def _make_sums() -> None:
    op.create_table(
        "storage_usage",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("used_bytes", sa.BigInteger, nullable=False),
        sa.Column("recordings", sa.BigInteger, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_storage_usage"),
    )
    op.create_table(
        "storage_sweeps",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("stamp", sa.Text, nullable=False),
        sa.Column("cursor", sa.Text, nullable=False),
        sa.Column("is_done", sa.Boolean, nullable=False),
        sa.Column("swept_at", sa.BigInteger),
        sa.Column("halted_since", sa.BigInteger),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_storage_sweeps"),
    )


def _make_holds() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("case_name", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("placed_at", sa.BigInteger, nullable=False),
        sa.Column("has_filter", sa.Boolean, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger),
        sa.Column("until", sa.BigInteger),
        sa.Column("released_at", sa.BigInteger),
        sa.Column("released_by", sa.Text, nullable=False),
        sa.Column("release_reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_legal_holds"),
    )
    op.create_index("ix_legal_holds_tenant", "legal_holds", ["tenant_id", "placed_at", "id"])
    op.create_table(
        "held_recordings",
        sa.Column("hold_id", sa.Text, nullable=False),
        sa.Column("recording_id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("hold_id", "recording_id", name="pk_held_recordings"),
        sa.ForeignKeyConstraint(["hold_id"], ["legal_holds.id"], name="fk_held_recordings_hold_id"),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name="fk_held_recordings_recording_id"),
    )
    op.create_index("ix_held_recordings_recording", "held_recordings", ["recording_id"])


def _fill() -> None:
    # Both databases read JSON text by ->> (SQLite from 3.38 on); only PostgreSQL needs the cast.
    rule_id = (
        "UPDATE recordings SET rule_id = (SELECT CASE WHEN decision IS NULL THEN NULL "
        "ELSE COALESCE(decision ->> 'rule_id', '') END FROM calls WHERE calls.id = recordings.call_id)"
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(rule_id if is_sqlite else rule_id.replace("decision ->>", "decision::json ->>"))
    op.execute(
        "UPDATE recordings SET stored_bytes = size_bytes, standing = 'free' "
        "WHERE state = 'ready' AND object_key IS NOT NULL AND size_bytes > 0"
    )
    op.execute("UPDATE recordings SET removal_cause = 'hand' WHERE state = 'deleted'")
    op.execute(
        "INSERT INTO storage_usage (tenant_id, used_bytes, recordings, duration_ms) "
        "SELECT tenant_id, SUM(stored_bytes), COUNT(*), SUM(duration_ms) FROM recordings "
        "WHERE stored_bytes > 0 GROUP BY tenant_id"
    )
    # Made last: filling an index row by row costs more than sorting once.
    op.create_index(
        "ix_recordings_standing",
        "recordings",
        ["tenant_id", "standing", "started_at", "id", "stored_bytes", "duration_ms"],
    )
    op.create_index("ix_recordings_due", "recordings", ["tenant_id", "standing", "due_at", "id"])
    op.create_index("ix_recordings_tenant", "recordings", ["tenant_id", "id"])
