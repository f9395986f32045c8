"""The tables that reports are read from: all of them can be made anew from the calls (`call_counting`).

A crew are the own numbers that took part in a call together. Few calls have another crew than one number, so
sums by crew are short; and because a call has one crew, the calls of any set of people are the sum over the
crews in which one of them is: none is counted twice, whoever asks.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import COUNTED, metadata, of_tenant


def _number_of(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


def _sums_of_calls(name: str, *keys: Column[int], index: Index | None = None) -> Table:
    """Calls and milliseconds by these keys, direction and outcome."""
    return Table(
        name,
        metadata,
        Column("tenant_id", PlainText, primary_key=True),
        *keys,
        Column("direction", PlainText, primary_key=True),
        Column("outcome", PlainText, primary_key=True),
        Column("calls", BigInteger, nullable=False),
        Column("duration_ms", BigInteger, nullable=False),
        *([] if index is None else [index]),
        sqlite_with_rowid=False,
    )


crews = Table(
    "crews",
    metadata,
    Column("id", COUNTED, primary_key=True),
    of_tenant(),
    # Sorted, a line each; empty: nobody of ours.
    Column("numbers", PlainText, nullable=False),
    UniqueConstraint("tenant_id", "numbers"),
)

crew_members = Table(
    "crew_members",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("number", PlainText, primary_key=True),
    _number_of("crew_id"),
    sqlite_with_rowid=False,
)

# Calls that began in a UTC hour, by the day and the hour of the tenant's time zone: of a zone that is half an
# hour off, a UTC hour has two.
call_hours = _sums_of_calls(
    "call_hours",
    _number_of("day"),
    _number_of("crew_id"),
    _number_of("utc_hour"),
    _number_of("hour"),
    index=Index("ix_call_hours_utc", "tenant_id", "utc_hour"),
)

# The same by whole days.
call_days = _sums_of_calls("call_days", _number_of("day"), _number_of("crew_id"))

# The same by whole months; read where `summed_months` says that they hold.
call_months = _sums_of_calls("call_months", _number_of("month"), _number_of("crew_id"))

# Of all calls of a tenant, whoever took part: few rows for who may see everything, which most heads may.
tenant_days = _sums_of_calls("tenant_days", _number_of("day"))

tenant_hours = Table(
    "tenant_hours",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    _number_of("day"),
    _number_of("hour"),
    Column("calls", BigInteger, nullable=False),
    # Incoming ones that nobody answered.
    Column("missed", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Incoming calls by the outside number, each with when that number called last before, and called first.
caller_calls = Table(
    "caller_calls",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("number_digits", PlainText, primary_key=True),
    Column("started_at", Instant, primary_key=True),
    Column("call_id", PlainText, primary_key=True),
    Column("crew_id", BigInteger, nullable=False),
    Column("previous_at", Instant),
    Column("first_at", Instant, nullable=False),
    Index("ix_caller_calls_started", "tenant_id", "started_at", "previous_at", "first_at", "crew_id"),
    sqlite_with_rowid=False,
)

# UTC hours in which something changed; None: every hour, the people or the time zone having changed.
call_marks = Table(
    "call_marks",
    metadata,
    Column("id", COUNTED, primary_key=True),
    of_tenant(),
    Column("utc_hour", BigInteger),
    Index("ix_call_marks_hour", "tenant_id", "utc_hour"),
)
