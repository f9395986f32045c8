"""Rows of evaluations: what is being worked on, and every submission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update
from sqlalchemy import tuple_ as row_value

from fonoteka.domain.score_json import decode_answers, encode_answers
from fonoteka.domain.score_results import EvaluationQuery
from fonoteka.domain.scorecards import Evaluation, EvaluationState, Submission
from fonoteka.store.paging import Position
from fonoteka.store.tables import answer_shares, evaluations, score_appeals, submissions


class Evaluations:
    """Evaluations of calls. Whoever writes one holds the call's row."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, tenant_id: str, evaluation_id: str) -> Evaluation | None:
        """The evaluation, or None when this tenant has no such."""
        c = evaluations.c
        found = select(evaluations).where(c.id == evaluation_id, c.tenant_id == tenant_id)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _evaluation(row)

    def of_call(self, call_id: str) -> tuple[Evaluation, ...]:
        """All of a call, in the order in which they were begun."""
        c = evaluations.c
        found = select(evaluations).where(c.call_id == call_id).order_by(c.id)
        return tuple(_evaluation(row) for row in self._connection.execute(found))

    def page(
        self, tenant_id: str, query: EvaluationQuery, after: Position | None, limit: int
    ) -> tuple[Evaluation, ...]:
        """Submitted evaluations, those of the newest calls first."""
        c = evaluations.c
        found = select(evaluations).where(*conditions(tenant_id, query))
        if after is not None:
            types = (c.started_at.type, c.id.type)
            found = found.where(
                row_value(c.started_at, c.id) < row_value(after.started_at, after.id, types=types)
            )
        found = found.order_by(c.started_at.desc(), c.id.desc()).limit(limit)
        return tuple(_evaluation(row) for row in self._connection.execute(found))

    def lowest(
        self, tenant_id: str, query: EvaluationQuery, tenths_max: int, limit: int
    ) -> tuple[Evaluation, ...]:
        """Submitted evaluations with so low a score (tenths of a percent), the lowest first."""
        c = evaluations.c
        found = select(evaluations).where(*conditions(tenant_id, query), c.score_tenths <= tenths_max)
        found = found.order_by(c.score_tenths, c.started_at.desc()).limit(limit)
        return tuple(_evaluation(row) for row in self._connection.execute(found))

    def add(self, evaluation: Evaluation) -> None:
        """Insert an evaluation."""
        self._connection.execute(insert(evaluations).values(_values(evaluation)))

    def write(self, evaluation: Evaluation) -> None:
        """Write it anew."""
        self._connection.execute(
            update(evaluations).where(evaluations.c.id == evaluation.id).values(_values(evaluation))
        )

    def drop(self, evaluation_id: str) -> None:
        """Delete an evaluation that was never submitted."""
        c = evaluations.c
        self._connection.execute(delete(evaluations).where(c.id == evaluation_id, c.version == 0))

    def submit(self, tenant_id: str, submission: Submission, shares: Mapping[str, int]) -> None:
        """Keep a submission, and what each of its answers earned (question id → tenths of a percent)."""
        self._connection.execute(
            insert(submissions).values(
                tenant_id=tenant_id,
                evaluation_id=submission.evaluation_id,
                version=submission.version,
                answers=encode_answers(submission.answers),
                summary=submission.summary,
                score_tenths=submission.score_tenths,
                failed=submission.failed,
                author_id=submission.author_id,
                author_name=submission.author_name,
                at=submission.at,
            )
        )
        self._connection.execute(
            delete(answer_shares).where(answer_shares.c.evaluation_id == submission.evaluation_id)
        )
        if shares:
            self._connection.execute(
                insert(answer_shares),
                [
                    {
                        "evaluation_id": submission.evaluation_id,
                        "question_id": question_id,
                        "tenant_id": tenant_id,
                        "tenths": tenths,
                    }
                    for question_id, tenths in shares.items()
                ],
            )

    def submissions(self, evaluation_id: str) -> tuple[Submission, ...]:
        """All submissions, newest first."""
        c = submissions.c
        found = select(submissions).where(c.evaluation_id == evaluation_id).order_by(c.version.desc())
        return tuple(
            Submission(
                row.evaluation_id,
                row.version,
                decode_answers(row.answers),
                row.summary,
                row.score_tenths,
                row.failed,
                row.author_id,
                row.author_name,
                row.at,
            )
            for row in self._connection.execute(found)
        )


def conditions(tenant_id: str, query: EvaluationQuery) -> list[ColumnElement[bool]]:
    """What the query asks of rows of `evaluations`; those never submitted are none of it."""
    c = evaluations.c
    found: list[ColumnElement[bool]] = [c.tenant_id == tenant_id, c.version > 0]
    if query.since is not None:
        found.append(c.started_at >= query.since)
    if query.until is not None:
        found.append(c.started_at < query.until)
    if query.agents is not None:
        found.append(c.agent.in_(sorted(query.agents)))
    if query.form_id:
        found.append(c.form_id == query.form_id)
    if query.evaluator_id:
        found.append(c.evaluator_id == query.evaluator_id)
    if query.appeal is not None:
        appealed = select(score_appeals.c.evaluation_id).where(
            score_appeals.c.tenant_id == tenant_id, score_appeals.c.state == query.appeal.value
        )
        found.append(c.id.in_(appealed))
    return found


_PLAIN = (
    *("id", "tenant_id", "call_id", "started_at", "form_id", "form_version"),
    *("evaluator_id", "evaluator_name", "agent", "created_at", "changed_at"),
    *("summary", "version", "edits", "score_tenths", "failed", "submitted_at"),
)


def _values(one: Evaluation) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in _PLAIN}
    return {**plain, "state": one.state.value, "answers": encode_answers(one.answers)}


def _evaluation(row: Row[Any]) -> Evaluation:
    plain = {name: getattr(row, name) for name in _PLAIN}
    return Evaluation(**plain, state=EvaluationState(row.state), answers=decode_answers(row.answers))
