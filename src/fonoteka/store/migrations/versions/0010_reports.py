"""Sums of calls by the hour and by who took part; who called before; marks of what is to be counted anew."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_HOUR_US = 3_600_000_000


def upgrade() -> None:
    """Make the tables, mark everything, then let triggers mark what changes."""
    _make_crews()
    _make_sums()
    _make_callers()
    op.create_table(
        "call_marks",
        sa.Column("id", _COUNTED, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("utc_hour", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_call_marks"),
    )
    op.create_index("ix_call_marks_hour", "call_marks", ["tenant_id", "utc_hour"])
    op.execute("INSERT INTO call_marks (tenant_id, utc_hour) SELECT tenant_id, NULL FROM tenants")
    if op.get_bind().dialect.name == "sqlite":
        _mark_on_sqlite()
    else:
        _mark_on_postgresql()


def _make_crews() -> None:
    op.create_table(
        "crews",
        sa.Column("id", _COUNTED, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("numbers", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_crews"),
        sa.UniqueConstraint("tenant_id", "numbers", name="uq_crews_tenant_id"),
    )
    op.create_table(
        "crew_members",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("crew_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "number", "crew_id", name="pk_crew_members"),
        sqlite_with_rowid=False,
    )


def _make_sums() -> None:
    kinds = ("direction", "outcome")
    for name, numbers in (
        ("call_hours", ("day", "crew_id", "utc_hour", "hour")),
        ("call_days", ("day", "crew_id")),
    ):
        op.create_table(
            name,
            sa.Column("tenant_id", sa.Text, nullable=False),
            *(sa.Column(one, sa.BigInteger, nullable=False) for one in numbers),
            *(sa.Column(one, sa.Text, nullable=False) for one in kinds),
            sa.Column("calls", sa.BigInteger, nullable=False),
            sa.Column("duration_ms", sa.BigInteger, nullable=False),
            sa.PrimaryKeyConstraint("tenant_id", *numbers, *kinds, name=f"pk_{name}"),
            sqlite_with_rowid=False,
        )
    op.create_index("ix_call_hours_utc", "call_hours", ["tenant_id", "utc_hour"])


def _make_callers() -> None:
    op.create_table(
        "caller_calls",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("number_digits", sa.Text, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("crew_id", sa.BigInteger, nullable=False),
        sa.Column("previous_at", sa.BigInteger),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "number_digits", "started_at", "call_id", name="pk_caller_calls"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_caller_calls_started",
        "caller_calls",
        ["tenant_id", "started_at", "previous_at", "first_at", "crew_id"],
    )


def _mark_on_sqlite() -> None:
    """One writes at a time: a mark that is there has not been taken yet."""
    for name, change, rows in (
        ("added", "INSERT", ("NEW",)),
        ("changed", "UPDATE", ("OLD", "NEW")),
        ("removed", "DELETE", ("OLD",)),
    ):
        hours = " UNION ".join(
            f"SELECT {row}.tenant_id AS tenant_id, {_hour(f'{row}.started_at')} AS utc_hour" for row in rows
        )
        op.execute(
            f"CREATE TRIGGER call_hours_{name} AFTER {change} ON calls BEGIN "  # noqa: S608
            f"INSERT INTO call_marks (tenant_id, utc_hour) SELECT hours.* FROM ({hours}) AS hours "
            "WHERE NOT EXISTS (SELECT 1 FROM call_marks AS known "
            "WHERE known.tenant_id = hours.tenant_id AND known.utc_hour = hours.utc_hour); END"
        )
    for name, change, table, row in (
        ("added", "INSERT ON extensions", "extensions", "NEW"),
        ("changed", f"UPDATE ON extensions WHEN {_differs('number')}", "extensions", "NEW"),
        ("removed", "DELETE ON extensions", "extensions", "OLD"),
        ("moved", f"UPDATE ON tenants WHEN {_differs('time_zone')}", "tenants", "NEW"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_{name} AFTER {change} BEGIN "  # noqa: S608
            f"INSERT INTO call_marks (tenant_id, utc_hour) SELECT {row}.tenant_id, NULL "
            "WHERE NOT EXISTS (SELECT 1 FROM call_marks AS known "
            f"WHERE known.tenant_id = {row}.tenant_id AND known.utc_hour IS NULL); END"
        )


def _mark_on_postgresql() -> None:
    """Marks are added whether there is one or not: who counts may just be taking that one."""
    for name, change, tables in (
        ("added", "INSERT", ("now_there",)),
        ("changed", "UPDATE", ("was_there", "now_there")),
        ("removed", "DELETE", ("was_there",)),
    ):
        hours = " UNION ".join(
            f"SELECT tenant_id, {_hour('started_at')} AS utc_hour FROM {table}"  # noqa: S608
            for table in tables
        )
        _function(
            f"call_hours_{name}",
            f"INSERT INTO call_marks (tenant_id, utc_hour) {hours}; RETURN NULL;",
        )
        _trigger(f"call_hours_{name}", change, "calls", tables)
        changed = "now_there JOIN was_there USING (id, tenant_id) WHERE now_there.number <> was_there.number"
        _function(
            f"extensions_{name}",
            "INSERT INTO call_marks (tenant_id, utc_hour) SELECT DISTINCT tenant_id, NULL::bigint "  # noqa: S608
            f"FROM {changed if len(tables) > 1 else tables[0]}; RETURN NULL;",
        )
        _trigger(f"extensions_{name}", change, "extensions", tables)
    _function(
        "tenants_moved",
        "INSERT INTO call_marks (tenant_id, utc_hour) VALUES (NEW.tenant_id, NULL); RETURN NULL;",
    )
    op.execute(
        "CREATE TRIGGER tenants_moved AFTER UPDATE OF time_zone ON tenants FOR EACH ROW "
        "WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone) EXECUTE FUNCTION tenants_moved()"
    )


def _trigger(name: str, change: str, table: str, tables: tuple[str, ...]) -> None:
    named = {"was_there": "OLD TABLE AS was_there", "now_there": "NEW TABLE AS now_there"}
    referencing = " ".join(named[one] for one in tables)
    op.execute(
        f"CREATE TRIGGER {name} AFTER {change} ON {table} REFERENCING {referencing} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


def _function(name: str, body: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {body} END$$")


def _differs(column: str) -> str:
    return f"OLD.{column} IS NOT NEW.{column}"


def _hour(instant: str) -> str:
    """The UTC hour as a number since 1970; a division alone would round times before 1970 up."""
    return f"({instant} - (({instant} % {_HOUR_US}) + {_HOUR_US}) % {_HOUR_US}) / {_HOUR_US}"
