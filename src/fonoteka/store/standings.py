"""SQL that derives columns of recordings: their class in the quota, and what terms say of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    exists,
    func,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy import type_coerce as read_as

from fonoteka.domain.recording import RecordingState
from fonoteka.domain.retention import RetentionTerm, Standing, TermScope, TermSource, winning
from fonoteka.store.columns import Instant
from fonoteka.store.tables import call_tags, group_members, participants, recordings

_DAY_MICROSECONDS = 86_400_000_000


def settle(connection: Connection, where: ColumnElement[bool], now: datetime) -> int:
    """Write `standing` and `due_at` from the other columns, after any change of those: how many rows."""
    statement = update(recordings).where(where).values(_SETTLED)
    done = connection.execute(statement, {"settled_now": now}, execution_options={"preserve_rowcount": True})
    return done.rowcount


def _settled() -> dict[str, Any]:
    c = recordings.c
    is_protected = c.protected_until > bindparam("settled_now", type_=Instant)
    # What is in the bin stands there without audio too: it may still be on its way, or never come.
    is_none = or_(c.state == RecordingState.DELETED.value, and_(c.stored_bytes == 0, c.binned_at.is_(None)))
    return {
        "standing": case(
            (is_none, Standing.NONE.value),
            (c.is_held == true(), Standing.HELD.value),
            (is_protected, Standing.PROTECTED.value),
            (c.binned_at.is_not(None), Standing.BINNED.value),
            else_=Standing.FREE.value,
        ),
        "due_at": case(
            (is_none, null()),
            (c.is_held == true(), null()),
            (is_protected, c.protected_until),
            (c.binned_at.is_not(None), c.binned_at),
            else_=c.delete_at,
        ),
    }


_SETTLED = _settled()
"""Made once: every recording that is stored or goes is settled several times."""


def by_terms(terms: Sequence[RetentionTerm]) -> dict[str, Any]:
    """`protected_until`, `delete_at` and by which term, for the recordings of one tenant.

    Terms are tried from the longest on, so the first that applies wins.
    """
    protected, protected_by = _term_columns(terms, deletes=False)
    deleted, deleted_by = _term_columns(terms, deletes=True)
    return {
        "protected_until": protected,
        "protected_by": protected_by,
        "delete_at": deleted,
        "delete_by": deleted_by,
    }


def _term_columns(terms: Sequence[RetentionTerm], *, deletes: bool) -> tuple[Any, Any]:
    found = winning(terms, deletes=deletes)
    if not found:
        return null(), ""
    c = recordings.c
    # What was taken out of the bin again has its whole “delete after” before it.
    since = func.coalesce(c.restored_at, c.started_at) if deletes else c.started_at
    started = read_as(since, BigInteger)
    applying = [(applies(term), term, days) for term, days in found]
    return (
        case(*((when, started + days * _DAY_MICROSECONDS) for when, _, days in applying), else_=null()),
        case(
            *(
                (when, TermSource(term.scope, term.subject_id, days).encode())
                for when, term, days in applying
            ),
            else_="",
        ),
    )


def applies(term: RetentionTerm) -> ColumnElement[bool]:
    """Whether a row of `recordings` is in the term's scope."""
    if term.scope is TermScope.TENANT:
        return recordings.c.id != ""
    if term.scope is TermScope.RULE:
        return recordings.c.rule_id == term.subject_id
    if term.scope is TermScope.GROUP:
        return exists(
            select(1).where(
                and_(
                    participants.c.call_id == recordings.c.call_id,
                    group_members.c.tenant_id == participants.c.tenant_id,
                    group_members.c.group_id == term.subject_id,
                    group_members.c.number == participants.c.number,
                )
            )
        )
    c = call_tags.c
    return exists(
        select(1).where(
            c.call_id == recordings.c.call_id,
            c.tag_id == term.subject_id,
            c.tenant_id == recordings.c.tenant_id,
        )
    )
