"""Transcripts, and the languages of tenants and groups."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and a column."""
    op.add_column("speech_orders", sa.Column("postponed", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "transcripts",
        sa.Column("recording_id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("engine", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("error_code", sa.Text, nullable=False),
        sa.Column("is_approximate", sa.Boolean, nullable=False),
        sa.Column("utterances", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name="pk_transcripts"),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], ondelete="CASCADE", name="fk_transcripts_recording_id"
        ),
    )
    op.create_index("ix_transcripts_call", "transcripts", ["call_id"])
    op.create_table(
        "speech_languages",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("group_id", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "group_id", name="pk_speech_languages"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name="fk_speech_languages_tenant_id"),
    )
