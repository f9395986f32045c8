"""Rows of trunks."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from fonoteka.domain.people import Trunk
from fonoteka.store.tables import trunks


class Trunks:
    """Trunks of a tenant, and of all: what marks a tenant must mark no other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, tenant_id: str) -> tuple[Trunk, ...]:
        """The tenant's trunks by name."""
        found = select(trunks).where(trunks.c.tenant_id == tenant_id).order_by(trunks.c.name, trunks.c.id)
        return tuple(_trunk(row) for row in self._connection.execute(found))

    def of_all_tenants(self) -> tuple[Trunk, ...]:
        """Every trunk of the installation."""
        return tuple(_trunk(row) for row in self._connection.execute(select(trunks)))

    def get(self, tenant_id: str, trunk_id: str) -> Trunk | None:
        """The trunk, or None when this tenant has no such."""
        found = select(trunks).where(trunks.c.tenant_id == tenant_id, trunks.c.id == trunk_id)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _trunk(row)

    def add(self, trunk: Trunk) -> None:
        """Insert the trunk."""
        self._connection.execute(
            insert(trunks).values(id=trunk.id, tenant_id=trunk.tenant_id, **_values(trunk))
        )

    def replace(self, trunk: Trunk) -> None:
        """Write the trunk anew."""
        self._connection.execute(
            update(trunks)
            .where(trunks.c.tenant_id == trunk.tenant_id, trunks.c.id == trunk.id)
            .values(_values(trunk))
        )

    def delete(self, tenant_id: str, trunk_id: str) -> None:
        """Delete the trunk."""
        self._connection.execute(
            delete(trunks).where(trunks.c.tenant_id == tenant_id, trunks.c.id == trunk_id)
        )


def _trunk(row: Row[Any]) -> Trunk:
    return Trunk(
        id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        networks=tuple(json.loads(row.networks)),
        domains=tuple(json.loads(row.domains)),
        numbers=tuple(json.loads(row.numbers)),
    )


def _values(trunk: Trunk) -> dict[str, str]:
    lists = {"networks": trunk.networks, "domains": trunk.domains, "numbers": trunk.numbers}
    return {"name": trunk.name, **{name: json.dumps(some) for name, some in lists.items()}}
