"""Work on calls that somebody chose: a step a transaction, each of which may be repeated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from fonoteka.archive.archive import Archive
from fonoteka.archive.clock import trusted_now
from fonoteka.archive.holds import check_text
from fonoteka.archive.selection import check_selection
from fonoteka.archive.terms import terms_in_force
from fonoteka.archive.visibility import numbers_of, within_reach
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.bulk import BulkLook, BulkStep, LeftAlone
from fonoteka.domain.errors import HoldNotFound, RequestInvalid
from fonoteka.domain.ids import is_id
from fonoteka.domain.legal_hold import LegalHold
from fonoteka.domain.query import CallSelection
from fonoteka.domain.recording import RecordingState, RemovalCause
from fonoteka.domain.retention import Obstacle, obstacle
from fonoteka.store import Position, StoredRow, Transaction

STEP_CALLS = 200
LOOKED_AT_MAX = 20_000
"""A look before a deletion goes no further than over so many calls."""
_WHY = {Obstacle.HELD: LeftAlone.HELD, Obstacle.TERM: LeftAlone.PROTECTED}


@dataclass(frozen=True, slots=True)
class _Some:
    """The next calls of a selection to which the actor may do it."""

    ids: tuple[str, ...]
    duration_ms: int
    not_found: int
    next: str | None


def look_at_selection(archive: Archive, actor: Actor, selection: CallSelection) -> BulkLook:
    """What `bin_selection` would do now. Raises `RequestInvalid`, `AccessDenied`."""
    check_selection(actor, selection, Permission.RECORDING_DELETE)
    left: Counter[LeftAlone] = Counter()
    calls = duration_ms = recordings = 0
    cursor: str | None = None
    with archive.store.reading() as tx:
        at = trusted_now(tx, actor.tenant_id, archive.now())
        while True:
            some = _next(tx, actor, selection, Permission.RECORDING_DELETE, cursor)
            going, why = _sorted_out(some, tx.keeping.of_calls(actor.tenant_id, some.ids), at)
            calls, duration_ms = calls + len(some.ids), duration_ms + some.duration_ms
            recordings += len(going)
            left.update(why)
            cursor = some.next
            if cursor is None or calls >= LOOKED_AT_MAX:
                return BulkLook(calls, duration_ms, recordings, _told(left), cursor is None)


def bin_selection(
    archive: Archive, actor: Actor, selection: CallSelection, operation: str, cursor: str | None = None
) -> BulkStep:
    """Put the recordings of the next calls into the bin; `operation` (an id) is what undoes it.

    What is held or inside its minimum term stays. Repeating a step tells the same. Raises `RequestInvalid`
    (fields `ids`, `without`, `operation`, `cursor` and as `find_calls`), `AccessDenied`.
    """
    check_selection(actor, selection, Permission.RECORDING_DELETE)
    detail = _detail(operation)
    with archive.store.transaction() as tx:
        some = _next(tx, actor, selection, Permission.RECORDING_DELETE, cursor)
        at = archive.now()
        trusted = trusted_now(tx, actor.tenant_id, at)
        known = tx.keeping.of_calls(actor.tenant_id, some.ids, lock=True)
        tx.keeping.bring_terms([one.id for one in known], terms_in_force(tx, actor.tenant_id), trusted)
        known = tx.keeping.of_calls(actor.tenant_id, some.ids)
        again = sum(_is_binned_by(one, detail) for one in known)
        going, left = _sorted_out(some, known, trusted)
        left[LeftAlone.BINNED] -= again
        tx.keeping.bin([one.id for one in going], at, RemovalCause.HAND, detail)
        for one in going:
            tx.audit.append(actor, AuditAction.RECORDING_BINNED, one.id, detail, at)
    return BulkStep(len(some.ids), len(going) + again, _told(left), some.next)


def restore_selection(
    archive: Archive, actor: Actor, selection: CallSelection, operation: str, cursor: str | None = None
) -> BulkStep:
    """Take out of the bin what that operation put there. Raises as `bin_selection`."""
    check_selection(actor, selection, Permission.RECORDING_DELETE)
    detail = _detail(operation)
    with archive.store.transaction() as tx:
        some = _next(tx, actor, selection, Permission.RECORDING_DELETE, cursor)
        at = archive.now()
        known = tx.keeping.of_calls(actor.tenant_id, some.ids, lock=True)
        back = [one.id for one in known if _is_binned_by(one, detail)]
        for one in back:
            tx.keeping.restore(one, at)
            tx.audit.append(actor, AuditAction.RECORDING_RESTORED, one, detail, at)
        tx.keeping.bring_terms(back, terms_in_force(tx, actor.tenant_id), at)
    return BulkStep(len(some.ids), len(back), {}, some.next)


def hold_selection(
    archive: Archive,
    actor: Actor,
    selection: CallSelection,
    operation: str,
    case_name: str,
    reason: str,
    cursor: str | None = None,
) -> BulkStep:
    """Put the recordings of the next calls under a legal hold, whose id `operation` is.

    The first step places it, over what is chosen alone: no future call comes under it. Raises as
    `bin_selection`, `RequestInvalid` (fields `case_name`, `reason`), `HoldNotFound` when it was released
    meanwhile.
    """
    check_selection(actor, selection, Permission.HOLD_PLACE)
    _detail(operation)
    for field, text in (("case_name", case_name), ("reason", reason)):
        check_text(field, text)
    with archive.store.transaction() as tx:
        tx.identities.take_turns(actor.tenant_id)  # as who registers a call
        some = _next(tx, actor, selection, Permission.HOLD_PLACE, cursor)
        at = archive.now()
        hold = tx.holds.get_locked(actor.tenant_id, operation)
        if hold is None:
            hold = LegalHold(
                id=operation,
                tenant_id=actor.tenant_id,
                case_name=case_name.strip(),
                reason=reason.strip(),
                author_id=actor.id,
                author_name=actor.name,
                placed_at=at,
            )
            if not tx.holds.add_unless_there(hold):
                raise HoldNotFound
        elif hold.released_at is not None or hold.author_id != actor.id:
            raise HoldNotFound
        covered = tx.holds.cover(hold, some.ids, (), at)
        if covered:
            detail = f"case={hold.case_name} recordings={covered}"
            tx.audit.append(actor, AuditAction.HOLD_PLACED, hold.id, detail, at)
        known = tx.keeping.of_calls(actor.tenant_id, some.ids)
        held = tx.holds.covered(hold.id, [one.id for one in known])
        left = Counter({LeftAlone.NOTHING: _without_any(some, known), LeftAlone.NOT_FOUND: some.not_found})
    return BulkStep(len(some.ids), held, _told(left), some.next)


def _detail(operation: str) -> str:
    if not is_id(operation):
        raise RequestInvalid("operation", "An operation is named by a UUID of version 7.", "body")
    return f"bulk={operation}"


def _next(
    tx: Transaction, actor: Actor, selection: CallSelection, permission: Permission, cursor: str | None
) -> _Some:
    if selection.ids:
        return _next_named(tx, actor, selection.ids, permission, cursor)
    assert selection.query is not None
    after = None if cursor is None else Position.of_cursor(cursor)
    # Who reaches some calls alone may do to each of them what is allowed at all.
    found = tx.calls.places(actor.tenant_id, within_reach(actor, selection.query), after, STEP_CALLS)
    chosen = [one for one in found if one.id not in selection.without]
    more = Position(found[-1].started_at, found[-1].id).cursor() if len(found) == STEP_CALLS else None
    return _Some(tuple(one.id for one in chosen), sum(one.duration_ms for one in chosen), 0, more)


def _next_named(
    tx: Transaction, actor: Actor, ids: tuple[str, ...], permission: Permission, cursor: str | None
) -> _Some:
    try:
        start = int(cursor or "0")
    except ValueError as error:
        raise RequestInvalid("cursor", "The cursor is not one that a step gave.", "body") from error
    whole = tuple(dict.fromkeys(ids))
    if not 0 <= start <= len(whole):
        raise RequestInvalid("cursor", "The cursor is not one that a step gave.", "body")
    some = [one for one in whole[start : start + STEP_CALLS] if is_id(one)]
    known = [
        one
        for one in tx.calls.some(actor.tenant_id, some)
        if may(actor, permission, one.tenant_id, numbers_of(one))
    ]
    end = start + STEP_CALLS
    return _Some(
        tuple(one.id for one in known),
        sum(one.duration_ms for one in known),
        len(whole[start:end]) - len(known),
        str(end) if end < len(whole) else None,
    )


def _sorted_out(
    some: _Some, known: Collection[StoredRow], at: datetime
) -> tuple[list[StoredRow], Counter[LeftAlone]]:
    """What can go into the bin, and why not the others."""
    left: Counter[LeftAlone] = Counter({LeftAlone.NOT_FOUND: some.not_found})
    going = []
    for one in known:
        if one.state is RecordingState.DELETED:
            continue
        if one.keeping.binned_at is not None:
            left[LeftAlone.BINNED] += 1
        elif why := obstacle(one.keeping, at):
            left[_WHY[why]] += 1
        else:
            going.append(one)
    left[LeftAlone.NOTHING] = _without_any(some, known)
    return going, left


def _is_binned_by(one: StoredRow, detail: str) -> bool:
    return (
        one.removal_detail == detail
        and one.keeping.binned_at is not None
        and one.state is not RecordingState.DELETED
    )


def _without_any(some: _Some, known: Collection[StoredRow]) -> int:
    return len(set(some.ids) - {one.call_id for one in known if one.state is not RecordingState.DELETED})


def _told(left: Counter[LeftAlone]) -> dict[LeftAlone, int]:
    return {one: left[one] for one in LeftAlone if left[one]}
