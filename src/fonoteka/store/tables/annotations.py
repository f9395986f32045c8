"""What people say of calls."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import BYTEWISE, COUNTED, metadata, of_tenant

tags = Table(
    "tags",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    Column("name", PlainText, nullable=False),
    Column("name_folded", PlainText, nullable=False),
    Column("colour", PlainText, nullable=False),
    UniqueConstraint("tenant_id", "name_folded"),
    UniqueConstraint("tenant_id", "id", name="uq_tags_tenant_id_id"),
)

# The instant of the call stands in the key, so that “newest first with this tag” is a range of it;
# `Calls.replace` moves it with the call's. So it is in the two tables below.
call_tags = Table(
    "call_tags",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("tag_id", PlainText, primary_key=True),
    Column("started_at", Instant, primary_key=True),
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    # The reference holds the tenant: the database itself lets no call have a tag of another tenant.
    ForeignKeyConstraint(
        ["tenant_id", "tag_id"], ["tags.tenant_id", "tags.id"], ondelete="CASCADE", name="fk_call_tags_tag"
    ),
    Index("uq_call_tags_call", "call_id", "tag_id", unique=True),
    sqlite_with_rowid=False,
)

# What work on many calls changed, for a day (`TAGGING_UNDO_DAYS`): undoing it needs to know which calls had
# the tag before, and since when and from whom those had it that it was taken off.
tag_changes = Table(
    "tag_changes",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("operation", PlainText, primary_key=True),
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", PlainText, nullable=False),
    Column("is_put", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor_id", PlainText, nullable=False),
    Column("tagged_at", Instant, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    ForeignKeyConstraint(
        ["tenant_id", "tag_id"], ["tags.tenant_id", "tags.id"], ondelete="CASCADE", name="fk_tag_changes_tag"
    ),
    Index("ix_tag_changes_at", "tenant_id", "at"),
    Index("ix_tag_changes_call", "call_id"),
    Index("ix_tag_changes_tag", "tenant_id", "tag_id"),
)

marks = Table(
    "marks",
    metadata,
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("author_id", PlainText, primary_key=True),
    of_tenant(),
    Column("author_name", PlainText, nullable=False),
    Column("mark", Integer, nullable=False),
    Column("comment", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
)

# The mean of a call's marks in tenths (25 is 2.5), derived by whoever writes a mark.
mark_means = Table(
    "mark_means",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("tenths", Integer, primary_key=True, autoincrement=False),
    Column("started_at", Instant, primary_key=True),
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Index("uq_mark_means_call", "call_id", unique=True),
    sqlite_with_rowid=False,
)

notes = Table(
    "notes",
    metadata,
    # Every version of the note of a call (kind `call`, its id) or of a customer (kind `customer`, the
    # digits of the number); the newest counts.
    Column("tenant_id", PlainText, primary_key=True),
    Column("kind", PlainText, primary_key=True),
    Column("subject_id", PlainText, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text", PlainText, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
)

call_comments = Table(
    "call_comments",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    of_tenant(),
    Column("recording_id", PlainText),
    Column("at_ms", BigInteger),
    Column("text", PlainText, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("edited_at", Instant),
    Column("deleted_at", Instant),
    Index("ix_call_comments_call", "call_id", "id"),
)

# The words of notes and comments of calls, each once, and in which calls they stand.
note_words = Table(
    "note_words",
    metadata,
    Column("id", COUNTED, primary_key=True),
    of_tenant(),
    Column("word", BYTEWISE, nullable=False),
    UniqueConstraint("tenant_id", "word"),
)

call_words = Table(
    "call_words",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("word_id", BigInteger, primary_key=True, autoincrement=False),
    Column("started_at", Instant, primary_key=True),
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Index("uq_call_words_call", "call_id", "word_id", unique=True),
    sqlite_with_rowid=False,
)
