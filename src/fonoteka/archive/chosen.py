"""The calls that somebody chose, some hundred at a time: what each step of work on them is about."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from fonoteka.archive.visibility import numbers_of, within_reach
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.bulk import LeftAlone
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.ids import is_id
from fonoteka.domain.query import CallSelection
from fonoteka.store import Position, Transaction

STEP_CALLS = 200


@dataclass(frozen=True, slots=True)
class Chosen:
    """The next calls of a selection to which the actor may do it."""

    ids: tuple[str, ...]
    duration_ms: int
    not_found: int
    next: str | None


def operation_detail(operation: str) -> str:
    """How events name an operation. Raises `RequestInvalid` unless it has the form of an id."""
    if not is_id(operation):
        raise RequestInvalid("operation", "An operation is named by a UUID of version 7.", "body")
    return f"bulk={operation}"


def told(left: Counter[LeftAlone]) -> dict[LeftAlone, int]:
    """What was left alone, without what there was none of."""
    return {one: left[one] for one in LeftAlone if left[one]}


def next_chosen(
    tx: Transaction, actor: Actor, selection: CallSelection, permission: Permission, cursor: str | None
) -> Chosen:
    """The calls after the cursor. Raises `RequestInvalid` (field `cursor`)."""
    if selection.ids:
        return _next_named(tx, actor, selection.ids, permission, cursor)
    assert selection.query is not None
    after = None if cursor is None else Position.of_cursor(cursor)
    # Who reaches some calls alone may do to each of them what is allowed at all.
    found = tx.calls.places(actor.tenant_id, within_reach(actor, selection.query), after, STEP_CALLS)
    chosen = [one for one in found if one.id not in selection.without]
    more = Position(found[-1].started_at, found[-1].id).cursor() if len(found) == STEP_CALLS else None
    return Chosen(tuple(one.id for one in chosen), sum(one.duration_ms for one in chosen), 0, more)


def _next_named(
    tx: Transaction, actor: Actor, ids: tuple[str, ...], permission: Permission, cursor: str | None
) -> Chosen:
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
    return Chosen(
        tuple(one.id for one in known),
        sum(one.duration_ms for one in known),
        len(whole[start:end]) - len(known),
        str(end) if end < len(whole) else None,
    )
