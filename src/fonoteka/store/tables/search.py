"""What makes calls quick to find and to count; all of it follows from the calls."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, UniqueConstraint

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import BYTEWISE, COUNTED, metadata, of_tenant

# Who ever took part in a tenant's calls: each pair of number and name once, so that a search looks through
# these and not through the calls. `speakers.py` writes the three tables beside the participants.
speakers = Table(
    "speakers",
    metadata,
    Column("id", COUNTED, primary_key=True),
    of_tenant(),
    Column("number_digits", PlainText, nullable=False),
    Column("name_folded", PlainText, nullable=False),
    UniqueConstraint("tenant_id", "number_digits", "name_folded"),
)

# Every ending of the numbers and names: “contains” is “an ending begins with”, a range of the key.
speaker_suffixes = Table(
    "speaker_suffixes",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("kind", PlainText, primary_key=True),
    Column("suffix", BYTEWISE, primary_key=True),
    Column("speaker_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

call_speakers = Table(
    "call_speakers",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("speaker_id", BigInteger, primary_key=True, autoincrement=False),
    Column("started_at", Instant, primary_key=True),
    Column("call_id", PlainText, primary_key=True),
    sqlite_with_rowid=False,
)

# How many calls of each kind began on each UTC day. Triggers on `calls` add a row for every change in the
# same transaction; `CallTallies.fold` joins rows of a kind. What counts is their sum.
call_tallies = Table(
    "call_tallies",
    metadata,
    Column("id", COUNTED, primary_key=True),
    of_tenant(),
    Column("day", BigInteger, nullable=False),
    Column("direction", PlainText, nullable=False),
    Column("outcome", PlainText, nullable=False),
    Column("is_unheard", Boolean, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Index(
        "ix_call_tallies_day",
        "tenant_id",
        "day",
        "direction",
        "outcome",
        "is_unheard",
        "calls",
        "duration_ms",
    ),
)
