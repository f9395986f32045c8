"""Walking over calls that somebody chose, a page at a time, each checked against what the actor may do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from fonoteka.archive.archive import Archive
from fonoteka.archive.finding import check_query
from fonoteka.archive.visibility import as_seen, call_by_id, numbers_of, within_reach
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.call import Call
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.query import CallQuery, CallSelection
from fonoteka.store import Position

NAMED_MAX = 1_000
"""So many calls can be named by their ids, and so many left out of a query."""
_PAGE_CALLS = 200


@dataclass(frozen=True, slots=True)
class SelectedCalls:
    """Some calls of a selection as the actor sees them.

    Of the ids that were named, `not_found` are those of no call to which the actor may do that.
    """

    calls: tuple[Call, ...]
    not_found: tuple[str, ...] = ()


def walk_selection(
    archive: Archive,
    actor: Actor,
    selection: CallSelection,
    permission: Permission,
    still: Callable[[], Actor] | None = None,
) -> Iterator[SelectedCalls]:
    """The calls of a selection for which the actor has that permission, in pages; of any number of calls.

    Named ones come in the order of their ids, those of a query newest first. Each page is read when it is
    asked for and no transaction lasts longer, so that calls may be changed meanwhile: one that comes while
    it goes on is not found, one that went is left out. With `still` each page is for the rights that the
    actor has by then; it raises what ends the walk.
    Raises `AccessDenied`, `RequestInvalid` (fields `ids`, `without`, and as `find_calls`) before the first.
    """
    check_selection(actor, selection, permission)

    def who() -> Actor:
        now = actor if still is None else still()
        require(now, Permission.CALL_SEE, now.tenant_id)
        require(now, permission, now.tenant_id)
        return now

    if selection.ids:
        return _named(archive, who, tuple(dict.fromkeys(selection.ids)), permission)
    assert selection.query is not None
    return _found(archive, who, selection.query, selection.without, permission)


def check_selection(actor: Actor, selection: CallSelection, permission: Permission) -> None:
    """Raise as `walk_selection` for a selection that cannot be walked over."""
    require(actor, Permission.CALL_SEE, actor.tenant_id)
    require(actor, permission, actor.tenant_id)
    for field, names in (("ids", selection.ids), ("without", selection.without)):
        if len(names) > NAMED_MAX:
            raise RequestInvalid(field, f"At most {NAMED_MAX} calls can be named.", "body")
    if selection.ids:
        return
    if selection.query is None:
        raise RequestInvalid("ids", "Calls are chosen by their ids or by a query.", "body")
    check_query(selection.query)


def _named(
    archive: Archive, who: Callable[[], Actor], ids: tuple[str, ...], permission: Permission
) -> Iterator[SelectedCalls]:
    left = iter(ids)
    while some := tuple(islice(left, _PAGE_CALLS)):
        actor = who()
        with archive.store.reading() as tx:
            known = {one: call_by_id(tx, actor.tenant_id, one) for one in some}
        allowed = {one: call for one, call in known.items() if call and _is_for(actor, call, permission)}
        # Two ids may have become those of one call.
        calls = {call.id: as_seen(actor, call) for call in allowed.values()}
        yield SelectedCalls(tuple(calls.values()), tuple(one for one in some if one not in allowed))


def _found(
    archive: Archive,
    who: Callable[[], Actor],
    query: CallQuery,
    without: frozenset[str],
    permission: Permission,
) -> Iterator[SelectedCalls]:
    place: Position | None = None
    while True:
        actor = who()
        with archive.store.reading() as tx:
            some = tx.calls.page(actor.tenant_id, within_reach(actor, query), place, _PAGE_CALLS)
        chosen = (one for one in some if one.id not in without and _is_for(actor, one, permission))
        if calls := tuple(as_seen(actor, one) for one in chosen):
            yield SelectedCalls(calls)
        if len(some) < _PAGE_CALLS:
            return
        place = Position(some[-1].started_at, some[-1].id)


def _is_for(actor: Actor, call: Call, permission: Permission) -> bool:
    numbers = numbers_of(call)
    return all(may(actor, one, call.tenant_id, numbers) for one in (Permission.CALL_SEE, permission))
