"""Queues of calls to mark."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from fonoteka.api import score_queue_models as queue_models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.services import GivenServices
from fonoteka.archive import scores

router = APIRouter(tags=["scorecards"], route_class=LimitedRoute)

QueueId = Annotated[str, Path(alias="id", description="A queue's `id`.", max_length=100)]
_CHANGE = problems(400, 401, 403, 404, 409, 422)


@readable(router, "/score-queues", operation_id="list_score_queues", responses=problems(401, 403, 422))
def list_score_queues(actor: SignedIn, services: GivenServices) -> queue_models.ScoreQueues:
    """The own queues, and those with calls that you could mark."""
    found = scores.list_score_queues(services.archive, actor)
    return queue_models.ScoreQueues(items=tuple(queue_models.KnownQueue.model_validate(one) for one in found))


@router.post("/score-queues", operation_id="create_score_queue", status_code=201, responses=_CHANGE)
def create_score_queue(
    actor: SignedIn, services: GivenServices, given: queue_models.NewScoreQueue
) -> queue_models.ScoreQueue:
    """Draw calls to be marked by a form, and deal them to evaluators."""
    made = scores.create_score_queue(services.archive, actor, given.name, given.form_id, given.plan.value())
    return queue_models.ScoreQueue.model_validate(made)


@readable(
    router, "/score-queues/{id}", operation_id="list_score_tasks", responses=problems(401, 403, 404, 422)
)
def list_score_tasks(actor: SignedIn, services: GivenServices, queue_id: QueueId) -> queue_models.ScoreTasks:
    """The calls of a queue that you could mark."""
    found = scores.score_queue_tasks(services.archive, actor, queue_id)
    return queue_models.ScoreTasks(items=tuple(queue_models.ScoreTask.model_validate(one) for one in found))


@router.post("/score-queues/{id}/skip", operation_id="skip_score_task", status_code=204, responses=_CHANGE)
def skip_score_task(
    actor: SignedIn, services: GivenServices, queue_id: QueueId, given: queue_models.SkippedTask
) -> None:
    """Leave out a call that waits, for a reason."""
    scores.skip_score_task(services.archive, actor, queue_id, given.call_id, given.agent, given.reason)


@router.post("/score-queues/{id}/close", operation_id="close_score_queue", status_code=204, responses=_CHANGE)
def close_score_queue(actor: SignedIn, services: GivenServices, queue_id: QueueId) -> None:
    """End a queue."""
    scores.close_score_queue(services.archive, actor, queue_id)
