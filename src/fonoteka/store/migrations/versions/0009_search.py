"""Search among the speakers; tallies of calls and days of sound, kept by triggers."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_BYTEWISE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SUFFIX_MAX = 32
_NAMED = "substr(participants.name_folded, 1, 400)"
_DAY_US = 86_400_000_000
_TALLY = "tenant_id, day, direction, outcome, is_unheard, calls, duration_ms"
_COUNTED_BY = "tenant_id, started_at, direction, outcome, is_unheard, duration_ms"


def upgrade() -> None:
    """Make the tables, index what is there, then let triggers keep count."""
    _make_speakers()
    _make_tallies()
    op.create_index("ix_calls_kind", "calls", ["tenant_id", "outcome", "direction", "started_at", "id"])
    _make_sound()
    _index_speakers()
    _count_calls()
    op.execute("INSERT INTO sound_marks (tenant_id, day) SELECT tenant_id, NULL FROM tenants")
    if op.get_bind().dialect.name == "sqlite":
        _count_on_sqlite()
        _mark_on_sqlite()
    else:
        _count_on_postgresql()
        _mark_on_postgresql()


def _make_speakers() -> None:
    op.create_table(
        "speakers",
        sa.Column("id", _COUNTED, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("number_digits", sa.Text, nullable=False),
        sa.Column("name_folded", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_speakers"),
        sa.UniqueConstraint("tenant_id", "number_digits", "name_folded", name="uq_speakers_tenant_id"),
    )
    op.create_table(
        "speaker_suffixes",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("suffix", _BYTEWISE, nullable=False),
        sa.Column("speaker_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "suffix", "speaker_id", name="pk_speaker_suffixes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "call_speakers",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("speaker_id", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "speaker_id", "started_at", "call_id", name="pk_call_speakers"),
        sqlite_with_rowid=False,
    )


def _make_tallies() -> None:
    op.create_table(
        "call_tallies",
        sa.Column("id", _COUNTED, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("is_unheard", sa.Boolean, nullable=False),
        sa.Column("calls", sa.BigInteger, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_call_tallies"),
    )
    op.create_index(
        "ix_call_tallies_day",
        "call_tallies",
        ["tenant_id", "day", "direction", "outcome", "is_unheard", "calls", "duration_ms"],
    )


def _make_sound() -> None:
    op.create_table(
        "sound_days",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("group_id", sa.Text, nullable=False),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.Column("added_bytes", sa.BigInteger, nullable=False),
        sa.Column("stored_recordings", sa.BigInteger, nullable=False),
        sa.Column("stored_ms", sa.BigInteger, nullable=False),
        sa.Column("stored_bytes", sa.BigInteger, nullable=False),
        sa.Column("removed_bytes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "group_id", "day", name="pk_sound_days"),
    )
    op.create_table(
        "sound_marks",
        sa.Column("id", _COUNTED, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("day", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_sound_marks"),
    )
    op.create_index("ix_sound_marks_day", "sound_marks", ["tenant_id", "day"])
    op.create_index("ix_recordings_started", "recordings", ["tenant_id", "started_at"])
    op.create_index(
        "ix_recordings_deleted",
        "recordings",
        ["tenant_id", "deleted_at"],
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )


def _index_speakers() -> None:
    """Each pair of number and name once, their endings, and who spoke in which call.

    One statement each: the databases sort on disk, so their memory does not grow with the number of calls,
    and rows that come in the order of the key are written once.
    """
    op.execute(
        "INSERT INTO speakers (tenant_id, number_digits, name_folded) "  # noqa: S608
        f"SELECT DISTINCT tenant_id, number_digits, {_NAMED} FROM participants "
        "WHERE number_digits <> '' OR name_folded <> ''"
    )
    op.execute(
        "INSERT INTO speaker_suffixes (tenant_id, kind, suffix, speaker_id) "  # noqa: S608
        "WITH RECURSIVE places(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM places WHERE n < 400), "
        "pieces(tenant_id, kind, piece, id) AS ("
        "SELECT tenant_id, 'name', name_folded, id FROM speakers UNION ALL "
        "SELECT tenant_id, 'number', number_digits, id FROM speakers WHERE number_digits NOT LIKE '% %' "
        "UNION ALL "
        "SELECT tenant_id, 'number', substr(number_digits, 1, 11), id FROM speakers "
        "WHERE number_digits LIKE '% %' UNION ALL "
        "SELECT tenant_id, 'number', substr(number_digits, 13), id FROM speakers "
        "WHERE number_digits LIKE '% %') "
        f"SELECT DISTINCT tenant_id, kind, substr(piece, n, {_SUFFIX_MAX}) AS suffix, id "
        "FROM pieces JOIN places ON n <= length(piece) ORDER BY 1, 2, 3, 4"
    )
    op.execute(
        "INSERT INTO call_speakers (tenant_id, speaker_id, started_at, call_id) "  # noqa: S608
        "SELECT DISTINCT calls.tenant_id, speakers.id, calls.started_at, calls.id FROM calls "
        "JOIN participants ON participants.call_id = calls.id "
        "JOIN speakers ON speakers.tenant_id = calls.tenant_id "
        "AND speakers.number_digits = participants.number_digits "
        f"AND speakers.name_folded = {_NAMED} ORDER BY 1, 2, 3, 4"
    )


def _count_calls() -> None:
    op.execute(
        f"INSERT INTO call_tallies ({_TALLY}) "  # noqa: S608
        f"SELECT tenant_id, {_day('started_at')}, direction, outcome, is_unheard, count(*), "
        "sum(duration_ms) FROM calls GROUP BY 1, 2, 3, 4, 5"
    )


def _count_on_sqlite() -> None:
    op.execute(f"CREATE TRIGGER calls_added AFTER INSERT ON calls BEGIN {_tally('NEW', 1)}; END")
    op.execute(f"CREATE TRIGGER calls_removed AFTER DELETE ON calls BEGIN {_tally('OLD', -1)}; END")
    op.execute(
        f"CREATE TRIGGER calls_changed AFTER UPDATE OF {_COUNTED_BY} ON calls WHEN {_differs('IS NOT')} "
        f"BEGIN {_tally('OLD', -1)}; {_tally('NEW', 1)}; END"
    )


def _count_on_postgresql() -> None:
    _function("calls_changed", f"{_tally('OLD', -1)}; {_tally('NEW', 1)}; RETURN NULL;")
    _function("calls_removed", f"{_tally('OLD', -1)}; RETURN NULL;")
    # Many rows at once are one change of each of their days.
    _function(
        "calls_added",
        f"INSERT INTO call_tallies ({_TALLY}) "  # noqa: S608
        f"SELECT tenant_id, {_day('started_at')}, direction, outcome, is_unheard, count(*), "
        "sum(duration_ms) FROM added GROUP BY 1, 2, 3, 4, 5; RETURN NULL;",
    )
    op.execute(
        "CREATE TRIGGER calls_added AFTER INSERT ON calls REFERENCING NEW TABLE AS added "
        "FOR EACH STATEMENT EXECUTE FUNCTION calls_added()"
    )
    op.execute(
        "CREATE TRIGGER calls_removed AFTER DELETE ON calls FOR EACH ROW EXECUTE FUNCTION calls_removed()"
    )
    op.execute(
        f"CREATE TRIGGER calls_changed AFTER UPDATE OF {_COUNTED_BY} ON calls FOR EACH ROW "
        f"WHEN ({_differs('IS DISTINCT FROM')}) EXECUTE FUNCTION calls_changed()"
    )


def _mark_on_sqlite() -> None:
    """One writes at a time: a mark that is there has not been taken yet."""
    for name, change, rows in (
        ("added", "INSERT", ("NEW",)),
        ("changed", "UPDATE", ("OLD", "NEW")),
        ("removed", "DELETE", ("OLD",)),
    ):
        days = " UNION ".join(
            f"SELECT {row}.tenant_id AS tenant_id, {_day(f'{row}.{at}')} AS day"
            for row in rows
            for at in ("started_at", "deleted_at")
        )
        op.execute(
            f"CREATE TRIGGER recordings_{name} AFTER {change} ON recordings BEGIN "  # noqa: S608
            f"INSERT INTO sound_marks (tenant_id, day) SELECT tenant_id, day FROM ({days}) AS days "
            "WHERE day IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sound_marks AS known "
            "WHERE known.tenant_id = days.tenant_id AND known.day = days.day); END"
        )
        op.execute(
            f"CREATE TRIGGER group_members_{name} AFTER {change} ON group_members BEGIN "  # noqa: S608
            f"INSERT INTO sound_marks (tenant_id, day) SELECT {rows[0]}.tenant_id, NULL "
            "WHERE NOT EXISTS (SELECT 1 FROM sound_marks AS known "
            f"WHERE known.tenant_id = {rows[0]}.tenant_id AND known.day IS NULL); END"
        )


def _mark_on_postgresql() -> None:
    """Marks are added whether there is one or not: who counts may just be taking that one."""
    for name, change, tables in (
        ("added", "INSERT", ("now_there",)),
        ("changed", "UPDATE", ("was_there", "now_there")),
        ("removed", "DELETE", ("was_there",)),
    ):
        days = " UNION ".join(
            f"SELECT tenant_id, {_day(at)} AS day FROM {table}"  # noqa: S608
            for table in tables
            for at in ("started_at", "deleted_at")
        )
        _function(
            f"recordings_{name}",
            "INSERT INTO sound_marks (tenant_id, day) "  # noqa: S608
            f"SELECT tenant_id, day FROM ({days}) AS days WHERE day IS NOT NULL; RETURN NULL;",
        )
        _function(
            f"group_members_{name}",
            "INSERT INTO sound_marks (tenant_id, day) "  # noqa: S608
            f"SELECT DISTINCT tenant_id, NULL::bigint FROM {tables[0]}; RETURN NULL;",
        )
        named = {"was_there": "OLD TABLE AS was_there", "now_there": "NEW TABLE AS now_there"}
        referencing = " ".join(named[one] for one in tables)
        for table in ("recordings", "group_members"):
            op.execute(
                f"CREATE TRIGGER {table}_{name} AFTER {change} ON {table} REFERENCING {referencing} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_{name}()"
            )


def _function(name: str, body: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {body} END$$")


def _tally(row: str, sign: int) -> str:
    return (
        f"INSERT INTO call_tallies ({_TALLY}) VALUES ({row}.tenant_id, {_day(f'{row}.started_at')}, "  # noqa: S608
        f"{row}.direction, {row}.outcome, {row}.is_unheard, {sign}, {sign} * {row}.duration_ms)"
    )


def _differs(sign: str) -> str:
    return " OR ".join(f"OLD.{name} {sign} NEW.{name}" for name in _COUNTED_BY.split(", "))


def _day(instant: str) -> str:
    """The UTC day as a number since 1970; a division alone would round times before 1970 up."""
    return f"({instant} - (({instant} % {_DAY_US}) + {_DAY_US}) % {_DAY_US}) / {_DAY_US}"
