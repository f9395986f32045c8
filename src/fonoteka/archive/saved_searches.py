"""Searches kept under a name: opened by their owner, or by all of the tenant if shared."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from fonoteka.archive.archive import Archive
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import RequestInvalid, SearchNotFound
from fonoteka.domain.ids import is_id, new_id
from fonoteka.domain.saved_search import (
    NAME_CHARACTERS_MAX,
    QUERY_CHARACTERS_MAX,
    SEARCHES_MAX,
    SHARED_MAX,
    UNDO_DAYS,
    SavedSearch,
)
from fonoteka.store import Transaction


def list_searches(archive: Archive, actor: Actor) -> tuple[SavedSearch, ...]:
    """The actor's own searches and those that are shared, by name. Raises `AccessDenied`."""
    require(actor, Permission.CALL_SEE, actor.tenant_id)
    with archive.store.reading() as tx:
        return tx.searches.seen_by(actor.tenant_id, actor.id)


def create_search(
    archive: Archive, actor: Actor, name: str, query: str, *, is_shared: bool = False
) -> SavedSearch:
    """Keep a search. Raises `RequestInvalid` (fields `name`, `query`), `AccessDenied`."""
    require(actor, Permission.CALL_SEE, actor.tenant_id)
    _check_name(name)
    if len(query) > QUERY_CHARACTERS_MAX or not query.isprintable():
        raise RequestInvalid("query", f"A search has at most {QUERY_CHARACTERS_MAX} characters.", "body")
    at = archive.now()
    search = SavedSearch(new_id(), actor.tenant_id, actor.id, actor.name, name.strip(), query, is_shared, at)
    with archive.store.transaction() as tx:
        tx.searches.forget_deleted(actor.tenant_id, at - timedelta(days=UNDO_DAYS))
        _check_room(tx, search, is_new=True)
        tx.searches.add(search)
    return search


def change_search(
    archive: Archive, actor: Actor, search_id: str, name: str, *, is_shared: bool
) -> SavedSearch:
    """Rename the own search, share it or share it no more.

    Raises `SearchNotFound`, `RequestInvalid` (field `name`), `AccessDenied`.
    """
    _check_name(name)
    with archive.store.transaction() as tx:
        search = _own(tx, actor, search_id)
        if search.deleted_at is not None:
            raise SearchNotFound
        changed = replace(search, name=name.strip(), is_shared=is_shared)
        if is_shared and not search.is_shared:
            _check_room(tx, changed, is_new=False)
        tx.searches.replace(changed)
    return changed


def delete_search(archive: Archive, actor: Actor, search_id: str) -> None:
    """Delete the own search; for a month it can be restored. Raises `SearchNotFound`, `AccessDenied`."""
    with archive.store.transaction() as tx:
        search = _own(tx, actor, search_id)
        if search.deleted_at is None:
            at = archive.now()
            tx.searches.replace(replace(search, deleted_at=at))
            _tell(tx, actor, "deleted", search, at)


def restore_search(archive: Archive, actor: Actor, search_id: str) -> SavedSearch:
    """Bring the own deleted search back. Raises as `change_search`."""
    with archive.store.transaction() as tx:
        search = _own(tx, actor, search_id)
        if search.deleted_at is not None:
            search = replace(search, deleted_at=None)
            _check_room(tx, search, is_new=True)
            tx.searches.replace(search)
            _tell(tx, actor, "restored", search, archive.now())
    return search


def _tell(tx: Transaction, actor: Actor, what: str, search: SavedSearch, at: datetime) -> None:
    detail = f"{what}={search.name} shared={'yes' if search.is_shared else 'no'}"
    tx.audit.append(actor, AuditAction.SEARCHES_CHANGED, search.id, detail, at)


def _own(tx: Transaction, actor: Actor, search_id: str) -> SavedSearch:
    require(actor, Permission.CALL_SEE, actor.tenant_id)
    found = tx.searches.get_locked(actor.tenant_id, actor.id, search_id) if is_id(search_id) else None
    if found is None:
        raise SearchNotFound
    return found


def _check_name(name: str) -> None:
    if not name.strip() or len(name.strip()) > NAME_CHARACTERS_MAX or not name.isprintable():
        raise RequestInvalid("name", f"A name has 1 to {NAME_CHARACTERS_MAX} printable characters.", "body")


def _check_room(tx: Transaction, search: SavedSearch, *, is_new: bool) -> None:
    if is_new and tx.searches.count(search.tenant_id, search.owner_id) >= SEARCHES_MAX:
        raise RequestInvalid("name", f"There are {SEARCHES_MAX} searches already; delete one first.", "body")
    if search.is_shared and tx.searches.count(search.tenant_id) >= SHARED_MAX:
        raise RequestInvalid("name", f"{SHARED_MAX} searches are shared already.", "body")
