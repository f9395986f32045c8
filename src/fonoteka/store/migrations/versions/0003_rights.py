"""Rights of users and tokens, sessions that can be told apart, and the chained access log."""

from __future__ import annotations

import hashlib
import json
import uuid

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_EVERYTHING = '{"reach": "tenant", "group_ids": [], "extensions": [], "added": [], "removed": []}'
_TOGETHER = 1_000
_TEXTS = (
    "id",
    "tenant_id",
    "action",
    "actor_kind",
    "actor_id",
    "actor_name",
    "remote_address",
    "subject_id",
    "detail",
)


def upgrade() -> None:
    """Whoever was there before has what the role gives, over the whole tenant; a tenant's first owns it."""
    for table in ("users", "tokens"):
        op.add_column(table, sa.Column("rights", sa.Text, nullable=False, server_default=_EVERYTHING))
    op.execute(
        "UPDATE users SET role = 'owner' WHERE id IN (SELECT min(id) FROM users AS one WHERE created_at = "
        "(SELECT min(created_at) FROM users WHERE tenant_id = one.tenant_id) GROUP BY tenant_id)"
    )
    for name in ("expires_at", "seen_at"):
        op.add_column("tokens", sa.Column(name, sa.BigInteger))
    _name_sessions()
    _chain_events()


def _name_sessions() -> None:
    op.add_column("sessions", sa.Column("id", sa.Text, nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("seen_at", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("sessions", sa.Column("user_agent", sa.Text, nullable=False, server_default=""))
    connection = op.get_bind()
    connection.execute(sa.text("UPDATE sessions SET seen_at = created_at"))
    for (secret,) in connection.execute(sa.text("SELECT secret_sha256 FROM sessions")).all():
        connection.execute(
            sa.text("UPDATE sessions SET id = :id WHERE secret_sha256 = :secret"),
            {"id": str(uuid.uuid4()), "secret": secret},
        )
    op.create_index("uq_sessions_id", "sessions", ["id"], unique=True)


def _chain_events() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_audit_heads"),
    )
    op.add_column("audit_events", sa.Column("number", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("audit_events", sa.Column("hash", sa.Text, nullable=False, server_default=""))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    # This once the log may be written into: what stands in it gets its place in the chain.
    if is_sqlite:
        op.execute("DROP TRIGGER audit_events_no_update")
    else:
        op.execute("ALTER TABLE audit_events DISABLE TRIGGER audit_events_append_only")
    _bind_what_is_there()
    if is_sqlite:
        op.execute(
            "CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events "
            "BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END"
        )
    else:
        op.execute("ALTER TABLE audit_events ENABLE TRIGGER audit_events_append_only")
    op.create_index("uq_audit_events_number", "audit_events", ["tenant_id", "number"], unique=True)


def _bind_what_is_there() -> None:
    connection = op.get_bind()
    heads: dict[str, tuple[int, str]] = {}
    last = 0
    some = sa.text("SELECT * FROM audit_events WHERE position > :last ORDER BY position LIMIT :limit")
    while rows := connection.execute(some, {"last": last, "limit": _TOGETHER}).all():
        values = []
        for row in rows:
            number, previous = heads.get(row.tenant_id, (0, ""))
            number += 1
            texts = [getattr(row, name) for name in _TEXTS]
            told = json.dumps([previous, number, row.at, *texts], separators=(",", ":"))
            hash_ = hashlib.sha256(told.encode("ascii")).hexdigest()
            heads[row.tenant_id] = (number, hash_)
            values.append({"position": row.position, "number": number, "hash": hash_})
            last = row.position
        connection.execute(
            sa.text("UPDATE audit_events SET number = :number, hash = :hash WHERE position = :position"),
            values,
        )
    for tenant_id, (number, hash_) in heads.items():
        connection.execute(
            sa.text("INSERT INTO audit_heads VALUES (:tenant, :number, :hash)"),
            {"tenant": tenant_id, "number": number, "hash": hash_},
        )
