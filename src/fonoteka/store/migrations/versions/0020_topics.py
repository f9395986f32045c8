"""Topics, where they were heard, and how many calls a day that makes."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables; all transcripts that are there have been read with no topic."""
    _make_topics()
    _make_places()
    _make_counts()
    op.execute(
        "INSERT INTO topic_readings (recording_id, tenant_id, revision)"
        " SELECT recording_id, tenant_id, 0 FROM transcripts WHERE error_code = ''"
    )
    op.execute(
        "INSERT INTO topic_calls (tenant_id, topic_id, started_at, call_id, recording_id, hits)"
        " SELECT calls.tenant_id, '', calls.started_at, calls.id, transcripts.recording_id, 0"
        " FROM transcripts JOIN calls ON calls.id = transcripts.call_id WHERE transcripts.error_code = ''"
    )
    op.execute(
        "INSERT INTO call_marks (tenant_id, utc_hour)"
        " SELECT DISTINCT tenant_id, CAST(NULL AS BIGINT) FROM topic_readings"
    )


def _make_topics() -> None:
    op.create_table(
        "topics",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("phrases", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("alerts", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("edits", sa.Integer, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("deleted_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_topics"),
    )
    op.create_index("ix_topics_tenant", "topics", ["tenant_id", "id"])
    op.create_table(
        "topic_revisions",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_topic_revisions"),
    )
    op.create_table(
        "topic_readings",
        sa.Column("recording_id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name="pk_topic_readings"),
        _of_recording("topic_readings"),
    )
    op.create_index("ix_topic_readings_revision", "topic_readings", ["tenant_id", "revision", "recording_id"])


def _make_places() -> None:
    op.create_table(
        "topic_hits",
        sa.Column("recording_id", sa.Text, nullable=False),
        sa.Column("topic_id", sa.Text, nullable=False),
        sa.Column("place", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("channel", sa.Integer, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", "topic_id", "place", name="pk_topic_hits"),
        _of_recording("topic_hits"),
    )
    op.create_index("ix_topic_hits_call", "topic_hits", ["call_id"])
    op.create_table(
        "topic_news",
        sa.Column("id", _COUNTED, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("topic_id", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("recording_id", sa.Text, nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_topic_news"),
    )
    op.create_index("ix_topic_news_tenant", "topic_news", ["tenant_id", "id"])


def _make_counts() -> None:
    op.create_table(
        "topic_calls",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("topic_id", sa.Text, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("recording_id", sa.Text, nullable=False),
        sa.Column("hits", sa.Integer, nullable=False),
        sa.Column("day", sa.BigInteger),
        sa.Column("crew_id", sa.BigInteger),
        sa.PrimaryKeyConstraint(
            *("tenant_id", "topic_id", "started_at", "call_id", "recording_id"), name="pk_topic_calls"
        ),
        _of_recording("topic_calls"),
    )
    op.create_index("ix_topic_calls_call", "topic_calls", ["call_id", "topic_id"])
    op.create_index("ix_topic_calls_recording", "topic_calls", ["recording_id"])
    op.create_index("ix_topic_calls_day", "topic_calls", ["tenant_id", "day", "topic_id", "crew_id"])
    op.create_table(
        "topic_days",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("topic_id", sa.Text, nullable=False),
        sa.Column("day", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("crew_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("calls", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "topic_id", "day", "crew_id", name="pk_topic_days"),
        sqlite_with_rowid=False,
    )


def _of_recording(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["recording_id"], ["recordings.id"], ondelete="CASCADE", name=f"fk_{table}_recording_id"
    )
