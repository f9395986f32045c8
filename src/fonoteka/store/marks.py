"""Rows of marks, and the mean of each call that lists show and search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from fonoteka.domain.annotations import CallMark, mean_tenths
from fonoteka.domain.call import Call
from fonoteka.store.tables import mark_means, marks


class CallMarks:
    """Marks of calls, one of each author. Whoever writes one holds the call's row."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_call(self, call_id: str) -> tuple[CallMark, ...]:
        """The marks of a call, the oldest first."""
        c = marks.c
        found = select(c.author_id, c.author_name, c.mark, c.comment, c.at).where(c.call_id == call_id)
        rows = self._connection.execute(found.order_by(c.at, c.author_id))
        return tuple(CallMark(*row) for row in rows)

    def put(self, call: Call, mark: CallMark) -> None:
        """Write the author's mark in the place of an earlier one."""
        self._remove(call.id, mark.author_id)
        self._connection.execute(
            insert(marks).values(
                call_id=call.id,
                author_id=mark.author_id,
                tenant_id=call.tenant_id,
                author_name=mark.author_name,
                mark=mark.mark,
                comment=mark.comment,
                at=mark.at,
            )
        )
        self._derive(call)

    def take(self, call: Call, author_id: str) -> None:
        """Take the author's mark away."""
        self._remove(call.id, author_id)
        self._derive(call)

    def means_of(self, call_ids: Sequence[str]) -> dict[str, float]:
        """The mean to a tenth of those calls that have marks."""
        if not call_ids:
            return {}
        c = mark_means.c
        found = select(c.call_id, c.tenths).where(c.call_id.in_(call_ids))
        return {call_id: tenths / 10 for call_id, tenths in self._connection.execute(found)}

    def low(
        self, tenant_id: str, tenths_max: int, since: datetime, until: datetime, limit: int
    ) -> tuple[tuple[str, int], ...]:
        """Calls that began between the instants and whose mean is so low, with it (tenths), lowest first."""
        c = mark_means.c
        found = select(c.call_id, c.tenths).where(
            c.tenant_id == tenant_id, c.tenths <= tenths_max, c.started_at >= since, c.started_at < until
        )
        rows = self._connection.execute(found.order_by(c.tenths, c.started_at.desc()).limit(limit))
        return tuple((call_id, tenths) for call_id, tenths in rows)

    def _remove(self, call_id: str, author_id: str) -> None:
        c = marks.c
        self._connection.execute(delete(marks).where(c.call_id == call_id, c.author_id == author_id))

    def _derive(self, call: Call) -> None:
        self._connection.execute(delete(mark_means).where(mark_means.c.call_id == call.id))
        tenths = mean_tenths(one.mark for one in self.of_call(call.id))
        if tenths is not None:
            self._connection.execute(
                insert(mark_means).values(
                    tenant_id=call.tenant_id, tenths=tenths, started_at=call.started_at, call_id=call.id
                )
            )
