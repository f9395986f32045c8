"""Rows of extensions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from fonoteka.domain.people import Extension
from fonoteka.store.tables import extensions

_TOGETHER = 500


class Extensions:
    """A tenant's extensions. Uniqueness of numbers is checked before, under the tenant's lock."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, tenant_id: str) -> tuple[Extension, ...]:
        """The tenant's extensions by number."""
        found = select(extensions).where(extensions.c.tenant_id == tenant_id).order_by(extensions.c.number)
        return tuple(_extension(row) for row in self._connection.execute(found))

    def count(self, tenant_id: str) -> int:
        """How many the tenant has."""
        found = select(func.count()).where(extensions.c.tenant_id == tenant_id)
        return int(self._connection.scalar(found) or 0)

    def get(self, tenant_id: str, extension_id: str) -> Extension | None:
        """The extension, or None when this tenant has no such."""
        found = select(extensions).where(extensions.c.tenant_id == tenant_id, extensions.c.id == extension_id)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _extension(row)

    def of_number(self, tenant_id: str, number: str) -> Extension | None:
        """The tenant's extension of that number."""
        found = select(extensions).where(extensions.c.tenant_id == tenant_id, extensions.c.number == number)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _extension(row)

    def add(self, some: Sequence[Extension]) -> None:
        """Insert extensions."""
        if some:
            self._connection.execute(insert(extensions), [_values(one) for one in some])

    def replace(self, some: Sequence[Extension]) -> None:
        """Write extensions anew; their groups follow a change of the number."""
        if not some:
            return
        c = extensions.c
        self._connection.execute(
            update(extensions)
            .where(c.tenant_id == bindparam("of_tenant"), c.id == bindparam("of_id"))
            .values(
                number=bindparam("number"),
                name=bindparam("name"),
                person=bindparam("person"),
                newcomer_until=bindparam("newcomer_until"),
            ),
            [{"of_tenant": one.tenant_id, "of_id": one.id, **_fields(one)} for one in some],
        )

    def delete(self, tenant_id: str, ids: Collection[str]) -> None:
        """Delete extensions; they leave their groups."""
        whole = list(ids)
        for start in range(0, len(whole), _TOGETHER):
            self._connection.execute(
                delete(extensions).where(
                    extensions.c.tenant_id == tenant_id, extensions.c.id.in_(whole[start : start + _TOGETHER])
                )
            )


def _extension(row: Row[Any]) -> Extension:
    return Extension(row.id, row.tenant_id, row.number, row.name, row.person, row.newcomer_until)


def _values(one: Extension) -> dict[str, Any]:
    return {"id": one.id, "tenant_id": one.tenant_id, **_fields(one)}


def _fields(one: Extension) -> dict[str, Any]:
    return {
        "number": one.number,
        "name": one.name,
        "person": one.person,
        "newcomer_until": one.newcomer_until,
    }
