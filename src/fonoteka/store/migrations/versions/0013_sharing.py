"""What was shared with people outside; whoever had less than a role has none of the new permission."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; keep restricted rights as restricted as they were."""
    _make_shares()
    _make_parts()
    op.create_table(
        "sharing_terms",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("own_domains", sa.Text, nullable=False),
        sa.Column("allowed_domains", sa.Text, nullable=False),
        sa.Column("days_max", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_sharing_terms"),
    )
    for name in ("users", "tokens"):
        _keep_restricted(sa.table(name, sa.column("id", sa.Text), sa.column("rights", sa.Text)))


def _make_shares() -> None:
    op.create_table(
        "shares",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("author_kind", sa.Text, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("may_download", sa.Boolean, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("opens_max", sa.Integer),
        sa.Column("opens", sa.Integer, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.Column("revoked_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shares"),
    )
    op.create_index("ix_shares_newest", "shares", ["tenant_id", "id"])
    op.create_index("ix_shares_author", "shares", ["author_id", "id"])
    op.create_index("ix_shares_expiry", "shares", ["expires_at"])


def _make_parts() -> None:
    op.create_table(
        "shared_calls",
        sa.Column("share_id", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("share_id", "position", name="pk_shared_calls"),
        _of_share("shared_calls"),
    )
    op.create_index("ix_shared_calls_call", "shared_calls", ["tenant_id", "call_id"])
    op.create_table(
        "share_secrets",
        sa.Column("secret_sha256", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("share_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("secret_sha256", name="pk_share_secrets"),
        _of_share("share_secrets"),
    )
    op.create_index("ix_share_secrets_share", "share_secrets", ["share_id"])
    op.create_table(
        "share_visits",
        sa.Column("secret_sha256", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("share_id", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("secret_sha256", name="pk_share_visits"),
        _of_share("share_visits"),
    )
    op.create_index("ix_share_visits_share", "share_visits", ["share_id"])
    op.create_index("ix_share_visits_expiry", "share_visits", ["expires_at"])


def _of_share(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["share_id"], ["shares.id"], ondelete="CASCADE", name=f"fk_{table}_share_id"
    )


def _keep_restricted(table: sa.TableClause) -> None:
    connection = op.get_bind()
    for id_, text in connection.execute(sa.select(table.c.id, table.c.rights)).all():
        rights = json.loads(text)
        if rights["removed"]:
            rights["removed"] = sorted({*rights["removed"], "recording.share"})
            change = sa.update(table).where(table.c.id == id_).values(rights=json.dumps(rights))
            connection.execute(change)
