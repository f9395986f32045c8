"""Queues of calls to mark: what waits for the visitor, how far they are, and a new draw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from fonoteka import policy
from fonoteka.archive import scores
from fonoteka.domain.access import Permission, may
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import FonotekaError, RequestInvalid, ScoreFormNotFound
from fonoteka.domain.score_forms import FormState
from fonoteka.domain.score_queue import DrawPlan, ScoreTask, TaskState
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text
from fonoteka.web.report_pages import today_of
from fonoteka.web.score_panel import Fields, whole_number
from fonoteka.web.topic_choices import topics_to_choose

Text = Annotated[str, Form(max_length=1_000)]
_DIRECTIONS = (Direction.INCOMING, Direction.OUTGOING, Direction.INTERNAL)


def add_score_queue_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/scores/queues")
    def list_queues(request: Request) -> Response:
        return _page(desk, request)

    @router.post("/scores/queues")
    def create(
        request: Request, fields: Fields, evaluator: Annotated[tuple[str, ...], Form()] = ()
    ) -> Response:
        actor = desk.actor(request)
        try:
            plan = _plan(fields, evaluator)
            made = scores.create_score_queue(
                desk.archive, actor, fields.get("name", ""), fields.get("form", ""), plan
            )
        except (RequestInvalid, ScoreFormNotFound) as error:
            return _page(desk, request, error)
        return RedirectResponse(f"/scores/queues/{made.id}", 303)

    @router.get("/scores/queues/{queue_id}")
    def show_queue(request: Request, queue_id: str) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        tasks = scores.score_queue_tasks(desk.archive, actor, queue_id)
        queue = next(
            one.queue for one in scores.list_score_queues(desk.archive, actor) if one.queue.id == queue_id
        )
        return desk.page(
            request,
            visitor,
            "score_queue.html",
            queue=queue,
            tasks=sorted(tasks, key=lambda one: _order(one, actor.id)),
            me=actor.id,
            may_close=may(actor, Permission.SCORE_ASSIGN, actor.tenant_id),
            appeals=scores.count_appeals(desk.archive, actor),
        )

    @router.post("/scores/queues/{queue_id}/skip")
    def skip(request: Request, queue_id: str, call: Text, agent: Text, reason: Text = "") -> Response:
        scores.skip_score_task(desk.archive, desk.actor(request), queue_id, call, agent, reason)
        return RedirectResponse(f"/scores/queues/{queue_id}", 303)

    @router.post("/scores/queues/{queue_id}/close")
    def close(request: Request, queue_id: str) -> Response:
        scores.close_score_queue(desk.archive, desk.actor(request), queue_id)
        return RedirectResponse("/scores/queues", 303)


def _order(task: ScoreTask, me: str) -> tuple[bool, bool, int]:
    """What waits for the visitor first."""
    return task.state is not TaskState.WAITING, task.evaluator_id not in ("", me), task.position


def _plan(given: Mapping[str, str], evaluators: tuple[str, ...]) -> DrawPlan:
    direction = given.get("direction", "")
    lowest, _, highest = given.get("marks", "").partition("-")
    return DrawPlan(
        first=_day("first", given.get("first", "")),
        last=_day("last", given.get("last", "")),
        per_week=whole_number(given.get("per_week", "")) or 0,
        seed=given.get("seed", "").strip(),
        group_id=given.get("group", ""),
        direction=next((one for one in _DIRECTIONS if one == direction), None),
        duration_from_s=whole_number(given.get("duration", "")) or 0,
        evaluator_ids=evaluators,
        topic_id=given.get("topic", ""),
        mark_min=whole_number(lowest),
        mark_max=whole_number(highest),
    )


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RequestInvalid(field, "The day is missing.", "body") from error


def _page(desk: Desk, request: Request, error: FonotekaError | None = None) -> Response:
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    assigns = may(actor, Permission.SCORE_ASSIGN, actor.tenant_id)
    today = today_of(desk, actor, visitor)
    known = scores.list_score_queues(desk.archive, actor)
    forms = scores.list_score_forms(desk.archive, actor)
    sees_people = may(actor, Permission.PEOPLE_SEE, actor.tenant_id)
    return desk.page(
        request,
        visitor,
        "score_queues.html",
        status_code=422 if error else 200,
        known=known,
        forms=[one for one in forms if one.state is FormState.ACTIVE],
        assigns=assigns,
        topics=topics_to_choose(desk, actor),
        groups=policy.directory(desk.policy, actor).groups if sees_people else (),
        evaluators=scores.evaluators_to_choose(desk.archive, actor) if assigns else (),
        first=today - timedelta(days=7),
        last=today,
        directions=_DIRECTIONS,
        appeals=scores.count_appeals(desk.archive, actor),
        told=problem_text(visitor.language, error) if error else "",
    )
