"""Rows of rule sets: every version that was ever in force, the newest in force now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from fonoteka.domain.rule_json import rule_set_of_value, rule_set_to_value
from fonoteka.domain.rules import RuleSet
from fonoteka.store.tables import rule_sets


@dataclass(frozen=True, slots=True)
class RuleVersionRow:
    """A version of a tenant's rules: who saved it, when (aware UTC) and with which note."""

    rule_set: RuleSet
    author_id: str
    author_name: str
    at: datetime
    note: str


class RuleSets:
    """Versions are only ever added, under the tenant's lock."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, tenant_id: str) -> RuleSet:
        """The rules in force; version 0 where none was ever saved."""
        found = select(rule_sets).where(rule_sets.c.tenant_id == tenant_id)
        row = self._connection.execute(found.order_by(rule_sets.c.version.desc()).limit(1)).one_or_none()
        return RuleSet(tenant_id) if row is None else _version(row).rule_set

    def newest_of_all(self) -> dict[str, RuleSet]:
        """The rules in force of each tenant that saved any."""
        last = (
            select(rule_sets.c.tenant_id, func.max(rule_sets.c.version).label("version"))
            .group_by(rule_sets.c.tenant_id)
            .subquery()
        )
        found = select(rule_sets).join(
            last,
            (rule_sets.c.tenant_id == last.c.tenant_id) & (rule_sets.c.version == last.c.version),
        )
        return {row.tenant_id: _version(row).rule_set for row in self._connection.execute(found)}

    def get(self, tenant_id: str, version: int) -> RuleVersionRow | None:
        """One version, or None when this tenant has no such."""
        found = select(rule_sets).where(rule_sets.c.tenant_id == tenant_id, rule_sets.c.version == version)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _version(row)

    def history(self, tenant_id: str, limit: int) -> tuple[RuleVersionRow, ...]:
        """The newest versions, newest first."""
        found = select(rule_sets).where(rule_sets.c.tenant_id == tenant_id)
        found = found.order_by(rule_sets.c.version.desc()).limit(limit)
        return tuple(_version(row) for row in self._connection.execute(found))

    def add(self, version: RuleVersionRow) -> None:
        """Insert a version."""
        document = json.dumps(rule_set_to_value(version.rule_set), ensure_ascii=False)
        self._connection.execute(
            insert(rule_sets).values(
                tenant_id=version.rule_set.tenant_id,
                version=version.rule_set.version,
                document=document,
                author_id=version.author_id,
                author_name=version.author_name,
                at=version.at,
                note=version.note,
            )
        )


def _version(row: Row[Any]) -> RuleVersionRow:
    rule_set = rule_set_of_value(json.loads(row.document))
    return RuleVersionRow(rule_set, row.author_id, row.author_name, row.at, row.note)
