"""Work on calls that somebody chose: a step a transaction, each of which may be repeated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from fonoteka.archive.archive import Archive
from fonoteka.archive.chosen import Chosen, next_chosen, operation_detail, told
from fonoteka.archive.clock import trusted_now
from fonoteka.archive.holds import check_text
from fonoteka.archive.selection import check_selection
from fonoteka.archive.terms import terms_in_force
from fonoteka.domain.access import Actor, Permission
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.bulk import BulkLook, BulkStep, LeftAlone
from fonoteka.domain.errors import HoldNotFound
from fonoteka.domain.legal_hold import LegalHold
from fonoteka.domain.query import CallSelection
from fonoteka.domain.recording import RecordingState, RemovalCause
from fonoteka.domain.retention import Obstacle, obstacle
from fonoteka.store import StoredRow

LOOKED_AT_MAX = 20_000
"""A look before a deletion goes no further than over so many calls."""
_WHY = {Obstacle.HELD: LeftAlone.HELD, Obstacle.TERM: LeftAlone.PROTECTED}


def look_at_selection(archive: Archive, actor: Actor, selection: CallSelection) -> BulkLook:
    """What `bin_selection` would do now. Raises `RequestInvalid`, `AccessDenied`."""
    check_selection(actor, selection, Permission.RECORDING_DELETE)
    left: Counter[LeftAlone] = Counter()
    calls = duration_ms = recordings = 0
    cursor: str | None = None
    with archive.store.reading() as tx:
        at = trusted_now(tx, actor.tenant_id, archive.now())
        while True:
            some = next_chosen(tx, actor, selection, Permission.RECORDING_DELETE, cursor)
            going, why = _sorted_out(some, tx.keeping.of_calls(actor.tenant_id, some.ids), at)
            calls, duration_ms = calls + len(some.ids), duration_ms + some.duration_ms
            recordings += len(going)
            left.update(why)
            cursor = some.next
            if cursor is None or calls >= LOOKED_AT_MAX:
                return BulkLook(calls, duration_ms, recordings, told(left), cursor is None)


def bin_selection(
    archive: Archive, actor: Actor, selection: CallSelection, operation: str, cursor: str | None = None
) -> BulkStep:
    """Put the recordings of the next calls into the bin; `operation` (an id) is what undoes it.

    What is held or inside its minimum term stays. Repeating a step tells the same. Raises `RequestInvalid`
    (fields `ids`, `without`, `operation`, `cursor` and as `find_calls`), `AccessDenied`.
    """
    check_selection(actor, selection, Permission.RECORDING_DELETE)
    detail = operation_detail(operation)
    with archive.store.transaction() as tx:
        some = next_chosen(tx, actor, selection, Permission.RECORDING_DELETE, cursor)
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
    return BulkStep(len(some.ids), len(going) + again, told(left), some.next)


def restore_selection(
    archive: Archive, actor: Actor, selection: CallSelection, operation: str, cursor: str | None = None
) -> BulkStep:
    """Take out of the bin what that operation put there. Raises as `bin_selection`."""
    check_selection(actor, selection, Permission.RECORDING_DELETE)
    detail = operation_detail(operation)
    with archive.store.transaction() as tx:
        some = next_chosen(tx, actor, selection, Permission.RECORDING_DELETE, cursor)
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
    operation_detail(operation)
    for field, text in (("case_name", case_name), ("reason", reason)):
        check_text(field, text)
    with archive.store.transaction() as tx:
        tx.identities.take_turns(actor.tenant_id)  # as who registers a call
        some = next_chosen(tx, actor, selection, Permission.HOLD_PLACE, cursor)
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
    return BulkStep(len(some.ids), held, told(left), some.next)


def _sorted_out(
    some: Chosen, known: Collection[StoredRow], at: datetime
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


def _without_any(some: Chosen, known: Collection[StoredRow]) -> int:
    return len(set(some.ids) - {one.call_id for one in known if one.state is not RecordingState.DELETED})
