"""The newest audit of rows, sums and objects."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make its table."""
    op.create_table(
        "storage_audits",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("finished_at", sa.BigInteger, nullable=False),
        sa.Column("objects", sa.BigInteger, nullable=False),
        sa.Column("object_bytes", sa.BigInteger, nullable=False),
        sa.Column("recordings", sa.BigInteger, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("repaired", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_storage_audits"),
    )
