"""Rows of queues of calls to mark, and of the calls in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from fonoteka.domain.direction import Direction
from fonoteka.domain.score_queue import DrawPlan, Progress, ScoreQueue, ScoreTask, TaskState
from fonoteka.domain.score_rules import Metric, MetricRule
from fonoteka.store.tables import score_queues, score_tasks


class ScoreQueues:
    """A tenant's queues. Whoever adds one holds the tenant's lock."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, tenant_id: str) -> tuple[ScoreQueue, ...]:
        """The tenant's queues, newest first."""
        c = score_queues.c
        found = select(score_queues).where(c.tenant_id == tenant_id).order_by(c.id.desc())
        return tuple(_queue(row) for row in self._connection.execute(found))

    def get(self, tenant_id: str, queue_id: str) -> ScoreQueue | None:
        """The queue, or None when this tenant has no such."""
        c = score_queues.c
        found = select(score_queues).where(c.tenant_id == tenant_id, c.id == queue_id)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _queue(row)

    def add(self, queue: ScoreQueue, tasks: Sequence[ScoreTask]) -> None:
        """Insert a queue with its calls."""
        self._connection.execute(
            insert(score_queues).values(
                id=queue.id,
                tenant_id=queue.tenant_id,
                name=queue.name,
                form_id=queue.form_id,
                document=json.dumps(_plan_value(queue.plan), ensure_ascii=False),
                author_id=queue.author_id,
                author_name=queue.author_name,
                at=queue.at,
                closed_at=queue.closed_at,
            )
        )
        if tasks:
            values = [{"tenant_id": queue.tenant_id, **_task_values(one)} for one in tasks]
            self._connection.execute(insert(score_tasks), values)

    def close(self, queue_id: str, at: datetime) -> None:
        """Nobody is to mark its calls any more."""
        self._connection.execute(
            update(score_queues).where(score_queues.c.id == queue_id).values(closed_at=at)
        )

    def tasks(self, tenant_id: str, queue_id: str) -> tuple[ScoreTask, ...]:
        """The calls of a queue in their order."""
        c = score_tasks.c
        found = select(score_tasks).where(c.tenant_id == tenant_id, c.queue_id == queue_id)
        return tuple(_task(row) for row in self._connection.execute(found.order_by(c.position)))

    def progress(self, tenant_id: str, agents: frozenset[str] | None) -> dict[str, Progress]:
        """How far each queue is; with `agents`, of the calls of these own numbers alone."""
        c = score_tasks.c
        found = select(c.queue_id, c.state, func.count()).where(c.tenant_id == tenant_id)
        if agents is not None:
            found = found.where(c.agent.in_(sorted(agents)))
        counts: dict[str, dict[str, int]] = {}
        for queue_id, state, number in self._connection.execute(found.group_by(c.queue_id, c.state)):
            counts.setdefault(queue_id, {})[state] = int(number)
        return {queue_id: Progress(**known) for queue_id, known in counts.items()}

    def write(self, task: ScoreTask) -> None:
        """Write who marks it, its state and why."""
        c = score_tasks.c
        self._connection.execute(
            update(score_tasks)
            .where(c.queue_id == task.queue_id, c.call_id == task.call_id, c.agent == task.agent)
            .values(
                evaluator_id=task.evaluator_id,
                evaluator_name=task.evaluator_name,
                state=task.state.value,
                reason=task.reason,
                changed_at=task.changed_at,
            )
        )

    def mark_done(
        self, tenant_id: str, call_id: str, agent: str, form_id: str, by: tuple[str, str], at: datetime
    ) -> None:
        """The agent's part of the call was marked by that form: by whom (id, name)."""
        c, queues = score_tasks.c, score_queues.c
        own = select(queues.id).where(queues.tenant_id == tenant_id, queues.form_id == form_id)
        self._connection.execute(
            update(score_tasks)
            .where(
                c.tenant_id == tenant_id,
                c.call_id == call_id,
                c.agent == agent,
                c.queue_id.in_(own),
                c.state == TaskState.WAITING.value,
                c.evaluator_id.in_(("", by[0])),
            )
            .values(state=TaskState.DONE.value, evaluator_id=by[0], evaluator_name=by[1], changed_at=at)
        )


_TASK = (
    *("queue_id", "call_id", "agent", "position", "started_at"),
    *("evaluator_id", "evaluator_name", "reason", "changed_at"),
)


def _task_values(task: ScoreTask) -> dict[str, Any]:
    return {**{name: getattr(task, name) for name in _TASK}, "state": task.state.value}


def _task(row: Row[Any]) -> ScoreTask:
    return ScoreTask(**{name: getattr(row, name) for name in _TASK}, state=TaskState(row.state))


def _plan_value(plan: DrawPlan) -> dict[str, Any]:
    figure = plan.figure
    return {
        "first": plan.first.isoformat(),
        "last": plan.last.isoformat(),
        "per_week": plan.per_week,
        "seed": plan.seed,
        "group_id": plan.group_id,
        "direction": plan.direction,
        "duration_from_s": plan.duration_from_s,
        "figure": None if figure is None else [figure.metric.value, figure.at_least, figure.at_most],
        "evaluator_ids": list(plan.evaluator_ids),
        "topic_id": plan.topic_id,
        "marks": [plan.mark_min, plan.mark_max],
    }


def _queue(row: Row[Any]) -> ScoreQueue:
    value = json.loads(row.document)
    figure, marks = value["figure"], value.get("marks", [None, None])
    plan = DrawPlan(
        first=date.fromisoformat(value["first"]),
        last=date.fromisoformat(value["last"]),
        per_week=value["per_week"],
        seed=value["seed"],
        group_id=value["group_id"],
        direction=None if value["direction"] is None else Direction(value["direction"]),
        duration_from_s=value["duration_from_s"],
        figure=None if figure is None else MetricRule(Metric(figure[0]), figure[1], figure[2]),
        evaluator_ids=tuple(value["evaluator_ids"]),
        topic_id=value.get("topic_id", ""),
        mark_min=marks[0],
        mark_max=marks[1],
    )
    return ScoreQueue(
        row.id,
        row.tenant_id,
        row.name,
        row.form_id,
        plan,
        row.author_id,
        row.author_name,
        row.at,
        row.closed_at,
    )
