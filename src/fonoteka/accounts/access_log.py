"""The access log: who did what, and whether it is still what was written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from fonoteka.accounts.accounts import Accounts
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction, AuditEvent, AuditQuery
from fonoteka.domain.errors import RequestInvalid
from fonoteka.store import AuditPosition, hash_of

PAGE_MAX = 200
_COLUMNS = tuple(one.name for one in fields(AuditEvent))
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Events, the newest first; `next` is the cursor of the page after it, None at the end."""

    items: tuple[AuditEvent, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class ChainReport:
    """`events` were looked at, `hash` is that of the last; `broken_at` is the first number that does not fit.

    `reason`: `missing` (an event was taken out), `changed`, `rewritten` (the expected hash is nowhere).
    """

    events: int
    hash: str
    broken_at: int | None
    reason: str = ""


def find_events(
    accounts: Accounts, actor: Actor, query: AuditQuery, cursor: str | None = None, limit: int = 50
) -> AuditPage:
    """A page of the access log. Raises `RequestInvalid` (fields `cursor`, `limit`), `AccessDenied`."""
    require(actor, Permission.AUDIT_SEE, actor.tenant_id)
    if not 1 <= limit <= PAGE_MAX:
        raise RequestInvalid("limit", f"The limit must be between 1 and {PAGE_MAX}.")
    before = None if cursor is None else AuditPosition.of_cursor(cursor)
    with accounts.store.reading() as tx:
        found = tx.audit.find(actor.tenant_id, query, before, limit + 1)
    items = found[:limit]
    last = items[-1] if len(found) > limit else None
    return AuditPage(items, AuditPosition(last.at, last.number).cursor() if last else None)


def verify_chain(accounts: Accounts, actor: Actor, expected: str = "") -> ChainReport:
    """Compute every hash anew: an event that was changed, taken out or put in is found.

    `expected` is a hash that was noted down elsewhere: it must be that of one of the events, else whoever
    could write into the database wrote the whole chain anew. Raises `AccessDenied`.
    """
    require(actor, Permission.AUDIT_SEE, actor.tenant_id)
    with accounts.store.reading() as tx:
        previous, number, is_expected = "", 0, not expected
        for event in tx.audit.in_order(actor.tenant_id):
            if event.number != number + 1:
                return ChainReport(number, previous, number + 1, "missing")
            if hash_of(event, event.number, previous) != event.hash:
                return ChainReport(number, previous, event.number, "changed")
            number, previous = event.number, event.hash
            is_expected = is_expected or previous == expected
        if tx.audit.head(actor.tenant_id) != (number, previous):
            return ChainReport(number, previous, number + 1, "missing")
    if not is_expected:
        return ChainReport(number, previous, 1, "rewritten")
    return ChainReport(number, previous, None)


def export_events(accounts: Accounts, actor: Actor, at: datetime | None = None) -> Iterator[str]:
    """The whole access log as CSV, oldest first, a piece at a time; that it was exported is written down.

    Raises `AccessDenied` before the first piece.
    """
    require(actor, Permission.AUDIT_SEE, actor.tenant_id)
    with accounts.store.transaction() as tx:
        tx.audit.append(actor, AuditAction.AUDIT_EXPORTED, actor.tenant_id, "", at or accounts.now())

    def pieces() -> Iterator[str]:
        yield _lines([_COLUMNS])
        with accounts.store.reading() as tx:
            some: list[tuple[str, ...]] = []
            for event in tx.audit.in_order(actor.tenant_id):
                some.append(tuple(_cell(getattr(event, name)) for name in _COLUMNS))
                if len(some) == PAGE_MAX:
                    yield _lines(some)
                    some = []
            yield _lines(some)

    return pieces()


def _cell(value: object) -> str:
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
