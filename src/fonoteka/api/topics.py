"""Topics: phrase dictionaries, tried on calls, and where they were heard."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from fonoteka import archive
from fonoteka.api import topic_models as models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import known_call_id
from fonoteka.api.services import GivenServices
from fonoteka.domain.access import Permission, may
from fonoteka.domain.query import CallQuery
from fonoteka.domain.topics import WORDED
from fonoteka.speech import topics

router = APIRouter(tags=["topics"], route_class=LimitedRoute)
TopicId = Annotated[str, Path(alias="id", description="A topic's `id`.", max_length=100)]
_CHANGE = problems(400, 401, 403, 404, 409, 422)


@readable(router, "/topics", operation_id="list_topics", responses=problems(401, 403, 422))
def list_topics(actor: SignedIn, services: GivenServices) -> models.Topics:
    """The topics, and how far the back archive is."""
    found = topics.list_topics(services.speech, actor)
    left = None
    if may(actor, Permission.SPEECH_CHANGE, actor.tenant_id):
        left = topics.calls_to_reread(services.speech, actor)
    return models.Topics(items=tuple(models.topic_of(one) for one in found), recordings_to_read=left)


@router.post("/topics", operation_id="create_topic", status_code=201, responses=problems(400, 401, 403, 422))
def create_topic(actor: SignedIn, services: GivenServices, given: models.TopicGiven) -> models.Topic:
    """Make a topic; all calls are read for it, new ones first."""
    return models.topic_of(topics.create_topic(services.speech, actor, given.value()))


@router.post("/topics/try", operation_id="try_topic", responses=problems(400, 401, 403, 422))
def try_topic(actor: SignedIn, services: GivenServices, given: models.TrialGiven) -> models.Trial:
    """What phrases would find among the newest calls with words. Written to the access log as a search is."""
    query = CallQuery(topic_ids=frozenset({WORDED}), include_unheard=True)
    calls = archive.find_calls(services.archive, actor, query, limit=given.calls).items
    return models.trial_of(topics.try_phrases(services.speech, actor, calls, given.phrases))


@router.post("/topics/reread", operation_id="reread_calls", responses=problems(400, 401, 403, 422))
def reread_calls(actor: SignedIn, services: GivenServices) -> models.Rereading:
    """Have all calls read anew, behind new ones. Changes do so by themselves."""
    return models.Rereading(recordings_to_read=topics.reread_calls(services.speech, actor))


@router.put("/topics/{id}", operation_id="save_topic", responses=_CHANGE)
def save_topic(
    actor: SignedIn, services: GivenServices, topic_id: TopicId, given: models.TopicChanged
) -> models.Topic:
    """Change a topic."""
    return models.topic_of(topics.save_topic(services.speech, actor, topic_id, given.value(), given.edits))


@router.delete("/topics/{id}", operation_id="delete_topic", status_code=204, responses=_CHANGE)
def delete_topic(actor: SignedIn, services: GivenServices, topic_id: TopicId) -> None:
    """Delete a topic; it can be restored for a month."""
    topics.delete_topic(services.speech, actor, topic_id)


@router.post("/topics/{id}/restore", operation_id="restore_topic", responses=_CHANGE)
def restore_topic(actor: SignedIn, services: GivenServices, topic_id: TopicId) -> models.Topic:
    """Bring a deleted topic back."""
    return models.topic_of(topics.restore_topic(services.speech, actor, topic_id))


@readable(
    router, "/calls/{call_id}/topics", operation_id="get_call_topics", responses=problems(401, 403, 404, 422)
)
def get_call_topics(
    actor: SignedIn, services: GivenServices, call_id: Annotated[str, Depends(known_call_id)]
) -> models.Places:
    """Where topics were heard in a call. Written to the access log as reading the words is."""
    call = archive.get_call(services.archive, actor, call_id)
    found = topics.topic_places(services.speech, actor, call)
    return models.Places(items=tuple(models.place_of(one) for one in found))
