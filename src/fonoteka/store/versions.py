"""Rows of what is kept in versions: storage plans and retention terms."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection, Row, func, insert, select

from fonoteka.domain.retention import RetentionTerms, terms_of_value, terms_to_value
from fonoteka.domain.storage_plan import StoragePlan, plan_of_value, plan_to_value
from fonoteka.store.tables import keeping_versions


class Versioned(Protocol):
    """What has a tenant and a version."""

    @property
    def tenant_id(self) -> str: ...
    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=Versioned)


@dataclass(frozen=True, slots=True)
class Version(Generic[V]):
    """A version, who saved it, when (aware UTC) and with which note."""

    value: V
    author_id: str
    author_name: str
    at: datetime
    note: str


class Kind(Protocol[V]):
    """How one kind of thing is kept."""

    name: str

    def read(self, tenant_id: str, version: int, value: dict[str, Any]) -> V: ...
    def write(self, value: V) -> dict[str, Any]: ...
    def unsaved(self, tenant_id: str) -> V: ...


class Versions(Generic[V]):
    """Versions are only ever added, under the tenant's lock; the newest is in force."""

    def __init__(self, connection: Connection, kind: Kind[V]) -> None:
        self._connection = connection
        self._kind = kind

    def newest(self, tenant_id: str) -> V:
        """What is in force; version 0 where none was ever saved."""
        found = self.history(tenant_id, 1)
        return found[0].value if found else self._kind.unsaved(tenant_id)

    def history(self, tenant_id: str, limit: int) -> tuple[Version[V], ...]:
        """The newest versions, newest first."""
        c = keeping_versions.c
        found = select(keeping_versions).where(c.tenant_id == tenant_id, c.kind == self._kind.name)
        found = found.order_by(c.version.desc()).limit(limit)
        return tuple(self._version(row) for row in self._connection.execute(found))

    def all_newest(self) -> dict[str, V]:
        """What is in force at each tenant that saved any."""
        c = keeping_versions.c
        last = (
            select(c.tenant_id, func.max(c.version).label("version"))
            .where(c.kind == self._kind.name)
            .group_by(c.tenant_id)
            .subquery()
        )
        found = select(keeping_versions).join(
            last,
            (c.tenant_id == last.c.tenant_id) & (c.version == last.c.version) & (c.kind == self._kind.name),
        )
        return {row.tenant_id: self._version(row).value for row in self._connection.execute(found)}

    def add(self, version: Version[V]) -> None:
        """Insert a version."""
        self._connection.execute(
            insert(keeping_versions).values(
                tenant_id=version.value.tenant_id,
                kind=self._kind.name,
                version=version.value.version,
                document=json.dumps(self._kind.write(version.value), ensure_ascii=False),
                author_id=version.author_id,
                author_name=version.author_name,
                at=version.at,
                note=version.note,
            )
        )

    def _version(self, row: Row[Any]) -> Version[V]:
        value = self._kind.read(row.tenant_id, row.version, json.loads(row.document))
        return Version(value, row.author_id, row.author_name, row.at, row.note)


class _Plans:
    name = "plan"

    def read(self, tenant_id: str, version: int, value: dict[str, Any]) -> StoragePlan:
        return plan_of_value(tenant_id, version, value)

    def write(self, value: StoragePlan) -> dict[str, Any]:
        return plan_to_value(value)

    def unsaved(self, tenant_id: str) -> StoragePlan:
        return StoragePlan(tenant_id)


class _Terms:
    name = "retention"

    def read(self, tenant_id: str, version: int, value: dict[str, Any]) -> RetentionTerms:
        return terms_of_value(tenant_id, version, value)

    def write(self, value: RetentionTerms) -> dict[str, Any]:
        return terms_to_value(value)

    def unsaved(self, tenant_id: str) -> RetentionTerms:
        return RetentionTerms(tenant_id)


PLANS = _Plans()
TERMS = _Terms()
