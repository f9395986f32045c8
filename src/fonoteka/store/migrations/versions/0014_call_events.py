"""Call events: written down by triggers in the transaction of the change, for whoever subscribed."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_BECAME = {"recorded": "call.recorded", "missed": "call.missed", "missing": "call.missing"}
_IS_DELETED = "NEW.state = 'deleted' AND {was} <> 'deleted'"
_MADE_ROOM = "NEW.removal_cause IN ('plan', 'disk')"


def upgrade() -> None:
    """Make the tables, then let triggers write down what happens."""
    op.create_table(
        "call_events",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("recording_id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_call_events"),
    )
    op.create_table(
        "event_subscriptions",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("group_id", sa.Text, nullable=False),
        sa.Column("direction", sa.Text),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event_subscriptions"),
    )
    op.create_index("ix_event_subscriptions_tenant", "event_subscriptions", ["tenant_id"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, change in (
        ("calls", "INSERT"),
        ("calls", "UPDATE"),
        ("recordings", "INSERT"),
        ("recordings", "UPDATE"),
    ):
        kind = (_kind_of_call if table == "calls" else _kind_of_recording)(change == "INSERT")
        call, recording = ("NEW.id", "''") if table == "calls" else ("NEW.call_id", "NEW.id")
        (_on_sqlite if is_sqlite else _on_postgresql)(table, change, kind, call, recording)


def _kind_of_call(is_new: bool) -> str:
    """What became of the call, if that has just changed; else NULL."""
    told = " ".join(f"WHEN '{outcome}' THEN '{kind}'" for outcome, kind in _BECAME.items())
    became = f"CASE NEW.outcome {told} END"
    return became if is_new else f"CASE WHEN OLD.outcome <> NEW.outcome THEN {became} END"


def _kind_of_recording(is_new: bool) -> str:
    """What happened to the recording; NULL: nothing that is told."""
    was, bin_was = ("''", "NULL") if is_new else ("OLD.state", "OLD.binned_at")
    gone = _IS_DELETED.format(was=was)
    return (
        f"CASE WHEN {gone} AND {_MADE_ROOM} THEN 'recording.overwritten' "
        f"WHEN {gone} THEN 'recording.deleted' "
        f"WHEN NEW.state = 'ready' AND {was} <> 'ready' THEN 'recording.ready' "
        f"WHEN NEW.state = 'failed' AND {was} <> 'failed' THEN 'recording.failed' "
        f"WHEN NEW.binned_at IS NOT NULL AND {bin_was} IS NULL THEN 'recording.binned' "
        f"WHEN NEW.binned_at IS NULL AND {bin_was} IS NOT NULL AND NEW.state <> 'deleted' "
        "THEN 'recording.restored' END"
    )


def _insertion(kind: str, call: str, recording: str, now: str) -> str:
    return (
        "INSERT INTO call_events (tenant_id, kind, call_id, recording_id, at) "  # noqa: S608
        f"SELECT NEW.tenant_id, happened.kind, {call}, {recording}, {now} FROM (SELECT {kind} AS kind) AS "
        "happened WHERE happened.kind IS NOT NULL AND EXISTS (SELECT 1 FROM event_subscriptions AS told "
        "WHERE told.tenant_id = NEW.tenant_id AND told.is_enabled)"
    )


def _on_sqlite(table: str, change: str, kind: str, call: str, recording: str) -> None:
    now = "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
    op.execute(
        f"CREATE TRIGGER {table}_told_{change.lower()} AFTER {change} ON {table} BEGIN "
        f"{_insertion(kind, call, recording, now)}; END"
    )


def _on_postgresql(table: str, change: str, kind: str, call: str, recording: str) -> None:
    name = f"{table}_told_{change.lower()}"
    now = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN {_insertion(kind, call, recording, now)}; RETURN NULL; END$$"
    )
    op.execute(f"CREATE TRIGGER {name} AFTER {change} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
