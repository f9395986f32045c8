"""Searches that people keep under a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SEARCHES_MAX = 50
"""So many has one person."""
SHARED_MAX = 200
"""So many a tenant's people share."""
NAME_CHARACTERS_MAX = 60
QUERY_CHARACTERS_MAX = 1_000
UNDO_DAYS = 30
"""So long a deleted one can be brought back."""


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search of its owner, seen by all of the tenant if shared. `query` is that of the list's address."""

    id: str
    tenant_id: str
    owner_id: str
    owner_name: str
    name: str
    query: str
    is_shared: bool
    created_at: datetime
    deleted_at: datetime | None = None
