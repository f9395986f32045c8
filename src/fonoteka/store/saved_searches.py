"""Rows of saved searches."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, true, update

from fonoteka.domain.saved_search import SavedSearch
from fonoteka.store.tables import saved_searches

_C = saved_searches.c


class SavedSearches:
    """Searches of a tenant's people."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def seen_by(self, tenant_id: str, owner_id: str) -> tuple[SavedSearch, ...]:
        """The own ones and those that are shared, by name."""
        theirs = or_(_C.owner_id == owner_id, _C.is_shared == true())
        found = select(saved_searches).where(_C.tenant_id == tenant_id, theirs, _C.deleted_at.is_(None))
        return tuple(
            SavedSearch(**row._mapping) for row in self._connection.execute(found.order_by(_C.name, _C.id))
        )

    def get_locked(self, tenant_id: str, owner_id: str, search_id: str) -> SavedSearch | None:
        """One of the own ones, deleted or not, kept from others."""
        found = select(saved_searches).where(
            _C.tenant_id == tenant_id, _C.owner_id == owner_id, _C.id == search_id
        )
        row = self._connection.execute(found.with_for_update()).one_or_none()
        return None if row is None else SavedSearch(**row._mapping)

    def count(self, tenant_id: str, owner_id: str | None = None) -> int:
        """How many there are of an owner, or (None) shared."""
        which = _C.is_shared == true() if owner_id is None else _C.owner_id == owner_id
        found = select(func.count()).where(_C.tenant_id == tenant_id, which, _C.deleted_at.is_(None))
        return int(self._connection.scalar(found) or 0)

    def add(self, search: SavedSearch) -> None:
        """Insert a search."""
        self._connection.execute(insert(saved_searches).values(asdict(search)))

    def replace(self, search: SavedSearch) -> None:
        """Write it anew."""
        self._connection.execute(update(saved_searches).where(_C.id == search.id).values(asdict(search)))

    def forget_deleted(self, tenant_id: str, before: datetime) -> None:
        """Remove for good what was deleted before that instant."""
        self._connection.execute(
            delete(saved_searches).where(_C.tenant_id == tenant_id, _C.deleted_at < before)
        )
