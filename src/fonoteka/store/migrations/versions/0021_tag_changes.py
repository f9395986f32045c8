"""What tagging many calls at once changed, so that it can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tag_changes",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("tag_id", sa.Text, nullable=False),
        sa.Column("is_put", sa.Boolean, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column("tagged_at", sa.BigInteger, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "operation", "call_id", name="pk_tag_changes"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], ondelete="CASCADE", name="fk_tag_changes_call_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tag_id"],
            ["tags.tenant_id", "tags.id"],
            ondelete="CASCADE",
            name="fk_tag_changes_tag",
        ),
    )
    op.create_index("ix_tag_changes_at", "tag_changes", ["tenant_id", "at"])
    # What goes with a call or a tag is found by these.
    op.create_index("ix_tag_changes_call", "tag_changes", ["call_id"])
    op.create_index("ix_tag_changes_tag", "tag_changes", ["tenant_id", "tag_id"])
