"""Rows of comments of calls. A deleted one stays for a while, so that it can come back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from fonoteka.domain.annotations import Comment
from fonoteka.store.tables import call_comments


class Comments:
    """Comments of calls. Whoever writes one holds the call's row."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_call(self, call_id: str) -> tuple[Comment, ...]:
        """The comments that are not deleted, in the order in which they came."""
        c = call_comments.c
        found = select(call_comments).where(c.call_id == call_id, c.deleted_at.is_(None)).order_by(c.id)
        return tuple(_comment(row) for row in self._connection.execute(found))

    def get(self, tenant_id: str, comment_id: str) -> Comment | None:
        """The comment, deleted or not; None when this tenant has no such."""
        c = call_comments.c
        found = select(call_comments).where(c.id == comment_id, c.tenant_id == tenant_id)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _comment(row)

    def add(self, tenant_id: str, comment: Comment) -> None:
        """Insert a comment."""
        values = {name: getattr(comment, name) for name in _NAMES}
        self._connection.execute(insert(call_comments).values(tenant_id=tenant_id, **values))

    def change(self, comment: Comment) -> None:
        """Write text, version and the instants of editing and deletion."""
        self._connection.execute(
            update(call_comments)
            .where(call_comments.c.id == comment.id)
            .values(
                text=comment.text,
                version=comment.version,
                edited_at=comment.edited_at,
                deleted_at=comment.deleted_at,
            )
        )

    def forget_deleted(self, call_id: str, before: datetime) -> None:
        """Remove the call's comments that were deleted before that instant."""
        c = call_comments.c
        self._connection.execute(delete(call_comments).where(c.call_id == call_id, c.deleted_at < before))

    def count(self, call_id: str) -> int:
        """How many the call has, deleted ones included."""
        found = select(func.count()).where(call_comments.c.call_id == call_id)
        return int(self._connection.scalar(found) or 0)

    def counts_of(self, call_ids: Sequence[str]) -> dict[str, int]:
        """How many comments those calls have that have any."""
        if not call_ids:
            return {}
        c = call_comments.c
        found = select(c.call_id, func.count()).where(c.call_id.in_(call_ids), c.deleted_at.is_(None))
        rows = self._connection.execute(found.group_by(c.call_id))
        return {call_id: int(number) for call_id, number in rows}


_NAMES = (
    *("id", "call_id", "recording_id", "at_ms", "text", "author_id", "author_name"),
    *("created_at", "version", "edited_at", "deleted_at"),
)


def _comment(row: Row[Any]) -> Comment:
    return Comment(**{name: getattr(row, name) for name in _NAMES})
