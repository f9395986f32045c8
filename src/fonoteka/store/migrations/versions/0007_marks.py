"""Where a recording was paused or on hold."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of earlier recordings nothing is known."""
    op.add_column("recordings", sa.Column("marks", sa.Text, nullable=False, server_default="[]"))
