"""Further names under which sources know a call; what was only announced is found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the index."""
    op.create_table(
        "call_aliases",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "source", "external_id", name="pk_call_aliases"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], ondelete="CASCADE", name="fk_call_aliases_call_id"
        ),
    )
    op.create_index("ix_call_aliases_call", "call_aliases", ["call_id"])
    announced = sa.text("source IN ('announced', 'cdr')")
    op.create_index(
        "ix_calls_announced",
        "calls",
        ["tenant_id", "started_at"],
        sqlite_where=announced,
        postgresql_where=announced,
    )
