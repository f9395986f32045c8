"""A tag put on many calls, or taken off: a step a transaction, each of which may be repeated; and undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import timedelta

from fonoteka.archive.archive import Archive
from fonoteka.archive.chosen import STEP_CALLS, next_chosen, operation_detail, told
from fonoteka.archive.selection import check_selection
from fonoteka.archive.tagging import Tagging
from fonoteka.archive.visibility import numbers_of
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.annotations import TAGGING_UNDO_DAYS, CallTag, Tag, TagChange
from fonoteka.domain.bulk import BulkStep, LeftAlone
from fonoteka.domain.errors import RequestInvalid, TagProtects
from fonoteka.domain.ids import is_id
from fonoteka.domain.query import CallSelection
from fonoteka.store import Transaction


def tag_selection(
    archive: Archive,
    actor: Actor,
    selection: CallSelection,
    operation: str,
    tag_id: str,
    cursor: str | None = None,
) -> BulkStep:
    """Put a tag on the next calls; `operation` (an id) is what undoes it, for `TAGGING_UNDO_DAYS`.

    Repeating a step tells the same. Raises as `bin_selection`, and as `tag_call` for the tag.
    """
    check_selection(actor, selection, Permission.CALL_ANNOTATE)
    detail = operation_detail(operation)
    with archive.store.transaction() as tx:
        work = Tagging.begin(tx, actor, tag_id, archive.now())
        if not work.may_put:
            raise TagProtects
        some = next_chosen(tx, actor, selection, Permission.CALL_ANNOTATE, cursor)
        again = _done_before(tx, actor, operation, work.tag, some.ids, is_put=True)
        left = Counter({LeftAlone.NOT_FOUND: some.not_found})
        mine = CallTag(work.tag, work.at, actor.id, actor.name)
        given = work.can_be_put({one: mine for one in some.ids if one not in again}, left)
        work.put(given, detail)
        _note(tx, work, operation, given, is_put=True)
    return BulkStep(len(some.ids), len(given) + len(again), told(left), some.next)


def untag_selection(
    archive: Archive,
    actor: Actor,
    selection: CallSelection,
    operation: str,
    tag_id: str,
    cursor: str | None = None,
) -> BulkStep:
    """Take a tag off the next calls, as `tag_selection` puts it there.

    Calls off which the actor may not take it (as in `untag_call`) are left alone. Where the selection asks
    for the tag itself, a step that is repeated finds calls further on.
    """
    check_selection(actor, selection, Permission.CALL_ANNOTATE)
    detail = operation_detail(operation)
    with archive.store.transaction() as tx:
        work = Tagging.begin(tx, actor, tag_id, archive.now())
        some = next_chosen(tx, actor, selection, Permission.CALL_ANNOTATE, cursor)
        again = _done_before(tx, actor, operation, work.tag, some.ids, is_put=False)
        left = Counter({LeftAlone.NOT_FOUND: some.not_found})
        gone = work.can_be_taken([one for one in some.ids if one not in again], left)
        work.take(gone, detail)
        _note(tx, work, operation, gone, is_put=False)
    return BulkStep(len(some.ids), len(gone) + len(again), told(left), some.next)


def undo_tagging(archive: Archive, actor: Actor, operation: str, cursor: str | None = None) -> BulkStep:
    """Undo what the actor's operation did to the next calls, so far as it is still so.

    Of another's operation, or one that is long ago, nothing is found. Raises `RequestInvalid` (fields
    `operation`, `cursor`), `TagNotFound`, `AccessDenied`.
    """
    require(actor, Permission.CALL_ANNOTATE, actor.tenant_id)
    detail = operation_detail(operation).replace("bulk", "undone")
    if cursor is not None and not is_id(cursor):
        raise RequestInvalid("cursor", "The cursor is not one that a step gave.", "body")
    with archive.store.transaction() as tx:
        found = tx.tag_changes.after(actor.tenant_id, operation, cursor or "", STEP_CALLS)
        changes = {one.call_id: one for one in found if one.actor_id == actor.id}
        if not changes:
            return BulkStep(0, 0)
        some = _within_reach(tx, actor, changes)
        left = Counter({LeftAlone.NOT_FOUND: len(changes) - len(some)})
        tags = {one: changes[one].tag for one in some}
        first = next(iter(changes.values()))
        work = Tagging.begin(tx, actor, first.tag.tag.id, archive.now())
        if first.is_put:
            back = work.can_be_taken(tags, left, only=tags)
            work.take(back, detail)
        else:
            back = work.can_be_put(tags, left)
            work.put(back, detail)
        tx.tag_changes.drop(actor.tenant_id, operation, back)
    more = found[-1].call_id if len(found) == STEP_CALLS else None
    return BulkStep(len(changes), len(back), told(left), more)


def _done_before(
    tx: Transaction, actor: Actor, operation: str, tag: Tag, ids: Collection[str], *, is_put: bool
) -> frozenset[str]:
    """The calls to which the operation did it already. Raises `RequestInvalid` when it did something else."""
    known = tx.tag_changes.of_calls(actor.tenant_id, operation, ids)
    if any((one.tag.tag.id, one.is_put, one.actor_id) != (tag.id, is_put, actor.id) for one in known):
        raise RequestInvalid("operation", "This id names other work already.", "body")
    return frozenset(one.call_id for one in known)


def _note(
    tx: Transaction, work: Tagging, operation: str, changed: Mapping[str, CallTag], *, is_put: bool
) -> None:
    tenant_id, at = work.actor.tenant_id, work.at
    tx.tag_changes.forget(tenant_id, at - timedelta(days=TAGGING_UNDO_DAYS))
    changes = [TagChange(one, is_put, at, work.actor.id, tag) for one, tag in changed.items()]
    tx.tag_changes.add(tenant_id, operation, changes)


def _within_reach(tx: Transaction, actor: Actor, ids: Collection[str]) -> tuple[str, ...]:
    return tuple(
        one.id
        for one in tx.calls.some(actor.tenant_id, ids)
        if may(actor, Permission.CALL_ANNOTATE, one.tenant_id, numbers_of(one))
    )
