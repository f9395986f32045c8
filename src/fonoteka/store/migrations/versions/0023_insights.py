"""What each of ours did in each conversation, by day and by month; marks of what is to be counted anew."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_HOUR_US = 3_600_000_000
_FACTS = (
    *("conversation_ms", "hold_ms", "silence_ms", "pair_ms", "spoken_ms", "others_ms", "crosstalk_ms"),
    *("switches", "interruptions", "monologue_ms", "longest_silence_ms", "response_ms", "responses"),
)
_MOMENTS = ("interruption_at_ms", "monologue_at_ms", "silence_at_ms")
_SUMS = (
    *("talks", "pairs", "conversation_ms", "hold_ms", "silence_ms", "pair_ms", "spoken_ms"),
    *("others_ms", "crosstalk_ms", "switches", "interruptions", "response_ms", "responses"),
)


def upgrade() -> None:
    """Make the tables, let triggers mark what changes, and mark all where there are analyses already."""
    _make_facts()
    for name, period in (("talk_days", "day"), ("talk_months", "month")):
        op.create_table(
            name,
            sa.Column("tenant_id", sa.Text, nullable=False),
            sa.Column(period, sa.BigInteger, nullable=False),
            sa.Column("number", sa.Text, nullable=False),
            *(sa.Column(one, sa.BigInteger, nullable=False) for one in _SUMS),
            sa.Column("spread", sa.LargeBinary, nullable=False),
            sa.PrimaryKeyConstraint("tenant_id", period, "number", name=f"pk_{name}"),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "summed_months",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("month", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "month", name="pk_summed_months"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        _mark_on_sqlite()
    else:
        _mark_on_postgresql()
    op.execute(
        "INSERT INTO call_marks (tenant_id, utc_hour) "
        "SELECT tenant_id, NULL FROM tenants WHERE EXISTS (SELECT 1 FROM talk_analyses)"
    )


def _make_facts() -> None:
    op.create_table(
        "talk_facts",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("utc_hour", sa.BigInteger, nullable=False),
        sa.Column("recording_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Integer, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("day", sa.BigInteger, nullable=False),
        *(sa.Column(one, sa.BigInteger, nullable=False) for one in _FACTS),
        *(sa.Column(one, sa.BigInteger) for one in _MOMENTS),
        sa.Column("worth", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "utc_hour", "recording_id", "channel", name="pk_talk_facts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_talk_facts_recording", "talk_facts", ["recording_id"])
    op.create_index("ix_talk_facts_day", "talk_facts", ["tenant_id", "day"])
    op.create_index(
        "ix_talk_facts_worth",
        "talk_facts",
        ["tenant_id", "day", "worth", "number"],
        sqlite_where=sa.text("worth > 0"),
        postgresql_where=sa.text("worth > 0"),
    )


def _mark_on_sqlite() -> None:
    """One writes at a time: a mark that is there has not been taken yet."""
    for name, change, row in (
        ("talks_added", "INSERT ON talk_analyses", "NEW"),
        ("talks_changed", "UPDATE ON talk_analyses", "NEW"),
        ("talks_removed", "DELETE ON talk_analyses", "OLD"),
    ):
        calls = f"({row}.call_id, (SELECT call_id FROM recordings WHERE id = {row}.recording_id))"  # noqa: S608
        _sqlite_trigger(name, f"{change} BEGIN", calls)
    _sqlite_trigger(
        "talks_moved",
        "UPDATE OF state, call_id, binned_at ON recordings WHEN OLD.state IS NOT NEW.state "
        "OR OLD.call_id IS NOT NEW.call_id OR OLD.binned_at IS NOT NEW.binned_at BEGIN",
        "(OLD.call_id, NEW.call_id)",
    )


def _sqlite_trigger(name: str, when: str, calls: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} AFTER {when} "  # noqa: S608
        "INSERT INTO call_marks (tenant_id, utc_hour) SELECT hours.* FROM "
        f"(SELECT tenant_id, {_hour('started_at')} AS utc_hour FROM calls WHERE id IN {calls}) AS hours "
        "WHERE NOT EXISTS (SELECT 1 FROM call_marks AS known "
        "WHERE known.tenant_id = hours.tenant_id AND known.utc_hour = hours.utc_hour); END"
    )


def _mark_on_postgresql() -> None:
    """Marks are added whether there is one or not: who counts may just be taking that one."""
    for name, change, table in (
        ("talks_added", "INSERT", "now_there"),
        ("talks_changed", "UPDATE", "now_there"),
        ("talks_removed", "DELETE", "was_there"),
    ):
        kind = "OLD" if table == "was_there" else "NEW"
        _postgresql_trigger(
            name,
            f"{change} ON talk_analyses REFERENCING {kind} TABLE AS {table}",
            f"SELECT call_id AS id FROM {table} UNION "  # noqa: S608
            f"SELECT recordings.call_id FROM {table} JOIN recordings ON recordings.id = recording_id",
        )
    _postgresql_trigger(
        "talks_moved",
        "UPDATE ON recordings REFERENCING OLD TABLE AS was_there NEW TABLE AS now_there",
        "SELECT unnest(ARRAY[was_there.call_id, now_there.call_id]) AS id FROM now_there "
        "JOIN was_there USING (id) WHERE (was_there.state, was_there.call_id, was_there.binned_at) "
        "IS DISTINCT FROM (now_there.state, now_there.call_id, now_there.binned_at)",
    )


def _postgresql_trigger(name: str, when: str, calls: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "  # noqa: S608
        "INSERT INTO call_marks (tenant_id, utc_hour) "
        f"SELECT DISTINCT calls.tenant_id, {_hour('calls.started_at')} "
        f"FROM ({calls}) AS touched JOIN calls ON calls.id = touched.id; RETURN NULL; END$$"
    )
    op.execute(f"CREATE TRIGGER {name} AFTER {when} FOR EACH STATEMENT EXECUTE FUNCTION {name}()")


def _hour(instant: str) -> str:
    """The UTC hour as a number since 1970; a division alone would round times before 1970 up."""
    return f"({instant} - (({instant} % {_HOUR_US}) + {_HOUR_US}) % {_HOUR_US}) / {_HOUR_US}"
