"""Sums over submitted evaluations."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, case, func, select

from fonoteka.domain.score_results import EvaluationQuery, Scores
from fonoteka.store.evaluations import conditions
from fonoteka.store.tables import answer_shares, evaluations


class ScoreSums:
    """Sums of one tenant's scores."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_agent_and_form(self, tenant_id: str, query: EvaluationQuery) -> dict[tuple[str, str], Scores]:
        """By own number and form."""
        c = evaluations.c
        found = (
            select(c.agent, c.form_id, *_sums(c.score_tenths), _failed())
            .where(*conditions(tenant_id, query), c.score_tenths.is_not(None))
            .group_by(c.agent, c.form_id)
        )
        return {(row.agent, row.form_id): _scores(row) for row in self._connection.execute(found)}

    def by_question(self, tenant_id: str, query: EvaluationQuery) -> dict[tuple[str, str], Scores]:
        """What answers earned, by form and question."""
        c, shares = evaluations.c, answer_shares.c
        found = (
            select(c.form_id, shares.question_id, *_sums(shares.tenths), _failed())
            .select_from(evaluations.join(answer_shares, shares.evaluation_id == c.id))
            .where(*conditions(tenant_id, query))
            .group_by(c.form_id, shares.question_id)
        )
        return {(row.form_id, row.question_id): _scores(row) for row in self._connection.execute(found)}


def _sums(tenths: Any) -> list[Any]:
    return [
        func.count().label("number"),
        func.sum(tenths).label("total"),
        func.sum(tenths * tenths).label("squares"),
        func.min(tenths).label("lowest"),
        func.max(tenths).label("highest"),
    ]


def _failed() -> Any:
    return func.sum(case((evaluations.c.failed, 1), else_=0)).label("failures")


def _scores(row: Any) -> Scores:
    return Scores(
        int(row.number), int(row.total), int(row.squares), row.lowest, row.highest, int(row.failures)
    )
