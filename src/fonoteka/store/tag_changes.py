"""Rows of what tagging many calls at once changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from fonoteka.domain.annotations import CallTag, TagChange
from fonoteka.store.tables import tag_changes, tags
from fonoteka.store.tags import tag_of


class TagChanges:
    """By the operation that made them. Whoever writes some holds the tag's row."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, tenant_id: str, operation: str, changes: Sequence[TagChange]) -> None:
        """Note what an operation did to calls of which it has no change yet."""
        rows = [
            {
                "tenant_id": tenant_id,
                "operation": operation,
                "call_id": one.call_id,
                "tag_id": one.tag.tag.id,
                "is_put": one.is_put,
                "at": one.at,
                "actor_id": one.actor_id,
                "tagged_at": one.tag.at,
                "author_id": one.tag.author_id,
                "author_name": one.tag.author_name,
            }
            for one in changes
        ]
        if rows:
            self._connection.execute(insert(tag_changes), rows)

    def of_calls(self, tenant_id: str, operation: str, call_ids: Collection[str]) -> tuple[TagChange, ...]:
        """What the operation did to some calls."""
        c = tag_changes.c
        found = _whole(tenant_id, operation).where(c.call_id.in_(sorted(call_ids)))
        return tuple(_change(row) for row in self._connection.execute(found))

    def after(self, tenant_id: str, operation: str, call_id: str, limit: int) -> tuple[TagChange, ...]:
        """What the operation did to the next calls in the order of their ids."""
        c = tag_changes.c
        found = _whole(tenant_id, operation).where(c.call_id > call_id).order_by(c.call_id).limit(limit)
        return tuple(_change(row) for row in self._connection.execute(found))

    def drop(self, tenant_id: str, operation: str, call_ids: Collection[str]) -> None:
        """Remove what the operation did to some calls: it is undone."""
        c = tag_changes.c
        of_operation = (c.tenant_id == tenant_id, c.operation == operation)
        self._connection.execute(delete(tag_changes).where(*of_operation, c.call_id.in_(sorted(call_ids))))

    def forget(self, tenant_id: str, before: datetime) -> None:
        """Remove what was done before that instant."""
        c = tag_changes.c
        self._connection.execute(delete(tag_changes).where(c.tenant_id == tenant_id, c.at < before))


def _whole(tenant_id: str, operation: str) -> Any:
    c = tag_changes.c
    names = (c.call_id, c.is_put, c.at, c.actor_id, c.tagged_at, c.author_id, c.author_name)
    of_tag = (tags.c.id, tags.c.tenant_id, tags.c.name, tags.c.colour)
    found = select(*names, *of_tag).join_from(tag_changes, tags, tags.c.id == c.tag_id)
    return found.where(c.tenant_id == tenant_id, c.operation == operation)


def _change(row: Row[Any]) -> TagChange:
    tag = CallTag(tag_of(row), row.tagged_at, row.author_id, row.author_name)
    return TagChange(row.call_id, row.is_put, row.at, row.actor_id, tag)
