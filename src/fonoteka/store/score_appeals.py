"""Rows of appeals against evaluations."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from fonoteka.domain.scorecards import Appeal, AppealState
from fonoteka.store.tables import evaluations, score_appeals

_NAMES = (
    *("id", "evaluation_id", "version", "text", "author_id", "author_name", "at"),
    *("answer", "answered_by_id", "answered_by_name", "answered_at"),
)


class ScoreAppeals:
    """Appeals, one of each submission. Whoever writes one holds the call's row."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_evaluation(self, evaluation_id: str) -> tuple[Appeal, ...]:
        """All of an evaluation, newest first."""
        c = score_appeals.c
        found = select(score_appeals).where(c.evaluation_id == evaluation_id).order_by(c.version.desc())
        return tuple(_appeal(row) for row in self._connection.execute(found))

    def count_open(self, tenant_id: str, agents: frozenset[str] | None) -> int:
        """How many wait for an answer; with `agents`, those of these own numbers."""
        c = score_appeals.c
        found = select(func.count()).select_from(
            score_appeals.join(evaluations, evaluations.c.id == c.evaluation_id)
        )
        found = found.where(c.tenant_id == tenant_id, c.state == AppealState.OPEN.value)
        if agents is not None:
            found = found.where(evaluations.c.agent.in_(sorted(agents)))
        return int(self._connection.scalar(found) or 0)

    def add(self, tenant_id: str, appeal: Appeal) -> None:
        """Insert an appeal."""
        self._connection.execute(insert(score_appeals).values(tenant_id=tenant_id, **_values(appeal)))

    def write(self, appeal: Appeal) -> None:
        """Write an answered appeal anew."""
        self._connection.execute(
            update(score_appeals).where(score_appeals.c.id == appeal.id).values(_values(appeal))
        )


def _values(appeal: Appeal) -> dict[str, Any]:
    return {**{name: getattr(appeal, name) for name in _NAMES}, "state": appeal.state.value}


def _appeal(row: Row[Any]) -> Appeal:
    return Appeal(**{name: getattr(row, name) for name in _NAMES}, state=AppealState(row.state))
