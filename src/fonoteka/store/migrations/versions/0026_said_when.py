"""Which transcripts are of a span of time, told without reading them."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index them by the begin of their calls."""
    op.create_index("ix_transcript_texts_started", "transcript_texts", ["tenant_id", "started_at", "id"])
