"""What machines find out of recordings, and what they are still to."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import metadata, of_tenant

# What is found out of recordings without a word: JSON of `domain.analysis`.
talk_analyses = Table(
    "talk_analyses",
    metadata,
    Column("recording_id", PlainText, ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    of_tenant(),
    Column("call_id", PlainText, nullable=False),
    Column("analyser", PlainText, nullable=False),
    Column("analysed_at", Instant, nullable=False),
    Column("error_code", PlainText, nullable=False),
    Column("figures", PlainText),
    Column("speech", PlainText, nullable=False),
    Index("ix_talk_analyses_call", "call_id"),
)

# What is still to be found out of recordings, in the order in which it is: new ones before the back-log,
# each newest first. A row goes when its result is written, in the same transaction.
speech_orders = Table(
    "speech_orders",
    metadata,
    Column("recording_id", PlainText, ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    Column("task", PlainText, primary_key=True),
    of_tenant(),
    Column("is_backlog", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    # Until then somebody is at it; afterwards it counts as never begun.
    Column("leased_until", Instant),
    Column("postponed", Integer, nullable=False, server_default="0"),
    Index("ix_speech_orders_next", "task", "is_backlog", "recording_id"),
)

transcripts = Table(
    "transcripts",
    metadata,
    Column("recording_id", PlainText, ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    of_tenant(),
    Column("call_id", PlainText, nullable=False),
    Column("language", PlainText, nullable=False),
    Column("engine", PlainText, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("error_code", PlainText, nullable=False),
    Column("is_approximate", Boolean, nullable=False),
    Column("utterances", PlainText, nullable=False),
    Index("ix_transcripts_call", "call_id"),
)

# The language that a tenant's calls are in (`group_id` empty), and those of some groups.
speech_languages = Table(
    "speech_languages",
    metadata,
    Column("tenant_id", PlainText, ForeignKey("tenants.tenant_id"), primary_key=True),
    Column("group_id", PlainText, primary_key=True),
    Column("language", PlainText, nullable=False),
)

# The words of transcripts in dictionary forms. The id grows with the instant at which the call began: newest
# first is the order of the index. SQLite has an FTS5 table over it (`transcript_fts`, kept by triggers),
# PostgreSQL a column `lemma_vector` with a GIN index; migrations make both, this metadata does not know them.
transcript_texts = Table(
    "transcript_texts",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("recording_id", PlainText, ForeignKey("recordings.id", ondelete="CASCADE"), nullable=False),
    of_tenant(),
    Column("call_id", PlainText, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("lemmas", PlainText, nullable=False),
    UniqueConstraint("recording_id"),
)
