"""Which rule decided a call, beside its decision; indexes for filters that find few calls."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, fill it from the decisions, then the indexes."""
    op.add_column("calls", sa.Column("rule_id", sa.Text))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    rule = "json_extract(decision, '$.rule_id')" if is_sqlite else "(decision::json ->> 'rule_id')"
    op.execute(f"UPDATE calls SET rule_id = coalesce({rule}, '') WHERE decision IS NOT NULL")  # noqa: S608
    for name, column in (
        ("ix_calls_source", "source"),
        ("ix_calls_rule", "rule_id"),
        ("ix_calls_longest", "duration_ms"),
    ):
        op.create_index(name, "calls", ["tenant_id", column, "started_at", "id"])
    op.create_index(
        "ix_recordings_held",
        "recordings",
        ["tenant_id", "call_id"],
        sqlite_where=sa.text("is_held = 1"),
        postgresql_where=sa.text("is_held"),
    )
    op.create_index(
        "ix_recordings_binned",
        "recordings",
        ["tenant_id", "call_id"],
        sqlite_where=sa.text("binned_at IS NOT NULL"),
        postgresql_where=sa.text("binned_at IS NOT NULL"),
    )
