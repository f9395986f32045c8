"""Topics: phrase dictionaries, where they were heard, and how many calls a day that makes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import COUNTED, metadata, of_tenant

topics = Table(
    "topics",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    Column("name", PlainText, nullable=False),
    Column("description", PlainText, nullable=False),
    # In the notation of `domain.topic_notation`, a line each.
    Column("phrases", PlainText, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("alerts", Boolean, nullable=False),
    # Grows with each change of the phrases; `edits` with any change.
    Column("version", Integer, nullable=False),
    Column("edits", Integer, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    Index("ix_topics_tenant", "tenant_id", "id"),
)

# Grows whenever any of a tenant's topics would be heard elsewhere than before.
topic_revisions = Table(
    "topic_revisions",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("revision", Integer, nullable=False),
)

# With which revision each transcript was read. Those of an earlier one are the back-log: nothing else has to
# be kept to read the whole archive anew, and nothing can be forgotten.
topic_readings = Table(
    "topic_readings",
    metadata,
    Column("recording_id", PlainText, ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    of_tenant(),
    Column("revision", Integer, nullable=False),
    Index("ix_topic_readings_revision", "tenant_id", "revision", "recording_id"),
)

# The places, in the order of time; `party` is “agent”, “customer” or empty where nobody can tell.
topic_hits = Table(
    "topic_hits",
    metadata,
    Column("recording_id", PlainText, ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    Column("topic_id", PlainText, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    of_tenant(),
    Column("call_id", PlainText, nullable=False),
    Column("version", Integer, nullable=False),
    Column("channel", Integer, nullable=False),
    Column("party", PlainText, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("words", PlainText, nullable=False),
    Index("ix_topic_hits_call", "call_id"),
)

# The same by call, to be looked for and counted: a row for each recording and topic that it hits, and one of
# the empty topic for each recording that has words at all. `day` (of the tenant's zone) and `crew_id` (as in
# `call_days`) are written when the call's hour is counted, which is marked with each change.
topic_calls = Table(
    "topic_calls",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("topic_id", PlainText, primary_key=True),
    Column("started_at", Instant, primary_key=True),
    Column("call_id", PlainText, primary_key=True),
    Column("recording_id", PlainText, ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    Column("hits", Integer, nullable=False),
    Column("day", BigInteger),
    Column("crew_id", BigInteger),
    Index("ix_topic_calls_call", "call_id", "topic_id"),
    Index("ix_topic_calls_recording", "recording_id"),
    Index("ix_topic_calls_day", "tenant_id", "day", "topic_id", "crew_id"),
)

# Calls with a topic by day and crew; of the empty topic, calls that have words. Counted with `call_days`.
topic_days = Table(
    "topic_days",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("topic_id", PlainText, primary_key=True),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("crew_id", BigInteger, primary_key=True, autoincrement=False),
    Column("calls", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# New calls with a topic that alerts, until the alerts have taken them.
topic_news = Table(
    "topic_news",
    metadata,
    Column("id", COUNTED, primary_key=True),
    of_tenant(),
    Column("topic_id", PlainText, nullable=False),
    Column("call_id", PlainText, nullable=False),
    Column("recording_id", PlainText, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_topic_news_tenant", "tenant_id", "id"),
)
