"""A person who may sign in, as others see it: without the password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fonoteka.domain.access import Permission, Role
from fonoteka.domain.rights import Rights


@dataclass(frozen=True, slots=True)
class User:
    """`disabled_at` is since when signing in is refused, `seen_at` when a session last asked."""

    id: str
    tenant_id: str
    login: str
    name: str
    role: Role
    rights: Rights
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool
    seen_at: datetime | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """What this user may do."""
        return self.rights.permissions(self.role)
