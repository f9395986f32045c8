"""A whole database copied into another, whatever kind each is: all of it, verified, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, func, insert, select, text

from fonoteka.domain.errors import DatabaseNotEmpty, VerificationFailed
from fonoteka.store.tables import (
    audit_events,
    call_days,
    call_events,
    call_hours,
    call_marks,
    call_months,
    call_tallies,
    caller_calls,
    calls,
    crew_members,
    crews,
    event_subscriptions,
    metadata,
    recordings,
    schedules,
    sound_days,
    sound_marks,
    storage_audits,
    summed_months,
    talk_days,
    talk_facts,
    talk_months,
    tenant_days,
    tenant_hours,
    topic_days,
    users,
    workers,
)

_AT_ONCE = 1_000
_OF_THE_MOMENT = (workers, schedules, storage_audits)
"""Not copied: what running processes agree on, and what was seen beside the other database."""
_MADE_BY_TRIGGERS = (call_tallies, sound_marks, sound_days, call_marks)
"""Not copied: they come of themselves, of the rows that are, and copied beside would count twice."""
_COUNTED_ANEW = (
    *(crews, crew_members, call_hours, call_days, caller_calls),
    *(call_months, tenant_days, tenant_hours),
    *(talk_facts, talk_days, talk_months, summed_months, topic_days),
)
"""Not copied: counted from the calls, where marks say so."""
_LAST = (event_subscriptions, call_events)
"""Copied last: while nobody is subscribed, the copied calls are news to nobody."""
_OF_PEOPLE = (calls, recordings, users, audit_events)
"""A database with rows here is somebody's."""


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table as it is in both databases now. `checksum` is over every value of every row, in any order."""

    name: str
    rows: int
    checksum: str


def copied_tables() -> tuple[Table, ...]:
    """What is copied, each after what it refers to."""
    left_out = (*_OF_THE_MOMENT, *_MADE_BY_TRIGGERS, *_COUNTED_ANEW)
    known = [one for one in metadata.sorted_tables if one not in (*left_out, *_LAST)]
    return (*known, *_LAST)


def count_rows(connection: Connection) -> int:
    """Rows of all that is copied."""
    return sum(_count(connection, table) for table in copied_tables())


def copy_tables(
    source: Connection, target: Connection, progress: Callable[[str, int], None]
) -> tuple[CopiedTable, ...]:
    """Copy and read back; `target`'s transaction must be rolled back when this raises.

    `progress` is told the table and how many rows more. Both have the same revision. Raises
    `DatabaseNotEmpty`, `VerificationFailed`.
    """
    for table in _OF_PEOPLE:
        if _count(target, table):
            raise DatabaseNotEmpty(f"The database to copy to has rows in {table.name}: name an empty one.")
    for table in reversed(copied_tables()):
        if table is not audit_events:  # empty, and guarded against deletion
            target.execute(delete(table))
    return tuple(_copy(source, target, table, progress) for table in copied_tables())


def _copy(
    source: Connection, target: Connection, table: Table, progress: Callable[[str, int], None]
) -> CopiedTable:
    for rows in _batches(source, table):
        target.execute(insert(table), [row._asdict() for row in rows])
        progress(table.name, len(rows))
    for column in table.primary_key:
        _continue_counting(target, table, column)
    ours, theirs = _sum(source, table), _sum(target, table)
    if ours != theirs:
        raise VerificationFailed(f"{table.name} differs after copying: {ours} became {theirs}.")
    return ours


def _batches(connection: Connection, table: Table) -> Iterator[list[Any]]:
    found = connection.execute(select(table).execution_options(yield_per=_AT_ONCE))
    for some in found.partitions():
        yield list(some)


def _sum(connection: Connection, table: Table) -> CopiedTable:
    rows = total = 0
    for some in _batches(connection, table):
        for row in some:
            rows += 1
            total += int.from_bytes(hashlib.sha256(repr(tuple(row)).encode("utf-8")).digest()[:16])
    return CopiedTable(table.name, rows, f"{total % 2**128:032x}")


def _continue_counting(target: Connection, table: Table, column: Column[Any]) -> None:
    """PostgreSQL gives out numbers by a sequence, which copied rows do not move."""
    if target.dialect.name != "postgresql":
        return
    names = {"table": table.name, "column": column.name}
    sequence = target.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), names)
    last = None if sequence is None else target.scalar(select(func.max(column)))
    if last is not None:
        target.execute(
            text("SELECT setval(CAST(:sequence AS regclass), :last)"), {"sequence": sequence, "last": last}
        )


def _count(connection: Connection, table: Table) -> int:
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)
