"""Rows of tenants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from fonoteka.domain.people import Tenant
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import tenants


class Tenants:
    """Tenants, and the counter that grows with each change of a tenant's people or rules."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, tenant_id: str) -> Tenant | None:
        """The tenant with this id."""
        found = select(tenants).where(tenants.c.tenant_id == tenant_id)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _tenant(row)

    def all(self) -> tuple[Tenant, ...]:
        """Every tenant, by id."""
        found = select(tenants).order_by(tenants.c.tenant_id)
        return tuple(_tenant(row) for row in self._connection.execute(found))

    def add(self, tenant: Tenant, created_at: datetime) -> bool:
        """Insert the tenant unless the id is taken."""
        values = {
            "tenant_id": tenant.id,
            "name": tenant.name,
            "time_zone": tenant.time_zone,
            "region": tenant.region,
            "changes": 1,
            "created_at": created_at,
        }
        return insert_missing(self._connection, tenants, values)

    def replace(self, tenant: Tenant) -> None:
        """Write the tenant's own fields anew."""
        self._connection.execute(
            update(tenants)
            .where(tenants.c.tenant_id == tenant.id)
            .values(name=tenant.name, time_zone=tenant.time_zone, region=tenant.region)
        )

    def note_change(self, tenant_id: str) -> bool:
        """Count a change of the tenant's people or rules; others who change them wait until we commit.

        False when there is no such tenant.
        """
        done = self._connection.execute(
            update(tenants)
            .where(tenants.c.tenant_id == tenant_id)
            .values(changes=tenants.c.changes + 1)
            .execution_options(preserve_rowcount=True)
        )
        return done.rowcount == 1

    def lock(self, tenant_id: str) -> None:
        """Let nobody else lock or change this tenant until we commit."""
        self._connection.execute(
            select(tenants.c.tenant_id).where(tenants.c.tenant_id == tenant_id).with_for_update()
        )

    def lock_all(self) -> None:
        """Let nobody change people or rules of any tenant until we commit."""
        self._connection.execute(select(tenants.c.tenant_id).order_by(tenants.c.tenant_id).with_for_update())

    def changes(self, tenant_id: str) -> int:
        """How often the tenant's people or rules changed."""
        found = select(tenants.c.changes).where(tenants.c.tenant_id == tenant_id)
        return int(self._connection.scalar(found) or 0)

    def all_changes(self) -> int:
        """How often people or rules of any tenant changed."""
        return int(self._connection.scalar(select(func.coalesce(func.sum(tenants.c.changes), 0))) or 0)

    def by_id(self) -> Mapping[str, Tenant]:
        """Every tenant by its id."""
        return {one.id: one for one in self.all()}


def _tenant(row: Row[Any]) -> Tenant:
    return Tenant(row.tenant_id, row.name, row.time_zone, row.region)
