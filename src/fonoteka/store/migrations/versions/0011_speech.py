"""Talk analyses, and orders of what is still to be analysed."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; what is stored already is analysed when somebody asks for it (`speech rerun`)."""
    op.create_table(
        "talk_analyses",
        sa.Column("recording_id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("analyser", sa.Text, nullable=False),
        sa.Column("analysed_at", sa.BigInteger, nullable=False),
        sa.Column("error_code", sa.Text, nullable=False),
        sa.Column("figures", sa.Text),
        sa.Column("speech", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name="pk_talk_analyses"),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            ondelete="CASCADE",
            name="fk_talk_analyses_recording_id",
        ),
    )
    op.create_index("ix_talk_analyses_call", "talk_analyses", ["call_id"])
    op.create_table(
        "speech_orders",
        sa.Column("recording_id", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("is_backlog", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("leased_until", sa.BigInteger),
        sa.PrimaryKeyConstraint("recording_id", "task", name="pk_speech_orders"),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            ondelete="CASCADE",
            name="fk_speech_orders_recording_id",
        ),
    )
    op.create_index("ix_speech_orders_next", "speech_orders", ["task", "is_backlog", "recording_id"])
