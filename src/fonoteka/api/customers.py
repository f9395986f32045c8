"""The customer of a call, the calls with it, the note about it; who listened to a call."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from fonoteka import archive
from fonoteka.api import annotation_models as models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.models import CallPage
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import PlainText, known_call_id
from fonoteka.api.services import GivenServices

router = APIRouter(tags=["annotations"], route_class=LimitedRoute)

CallId = Annotated[str, Depends(known_call_id)]
_READ = problems(401, 403, 404, 422)


@readable(router, "/calls/{call_id}/customer", operation_id="get_customer", responses=_READ)
def get_customer(actor: SignedIn, services: GivenServices, call_id: CallId) -> models.Customer:
    """Who stands behind the call's outside number. 404 when it has none."""
    return models.Customer.model_validate(archive.get_customer(services.archive, actor, call_id))


@readable(router, "/calls/{call_id}/customer/calls", operation_id="find_customer_calls", responses=_READ)
def find_customer_calls(
    actor: SignedIn,
    services: GivenServices,
    call_id: CallId,
    cursor: Annotated[
        PlainText | None, Query(max_length=200, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many calls a page holds at most.")] = 50,
) -> CallPage:
    """The calls with this customer that you may see, newest first."""
    page = archive.customer_calls(services.archive, actor, call_id, cursor, limit)
    return CallPage.model_validate(page)


@router.put(
    "/calls/{call_id}/customer/note",
    operation_id="write_customer_note",
    responses=problems(400, 401, 403, 404, 409, 422),
)
def write_customer_note(
    actor: SignedIn, services: GivenServices, call_id: CallId, given: models.NoteText
) -> models.Note:
    """Write the note about the customer. 409 when somebody else wrote meanwhile."""
    note = archive.write_customer_note(services.archive, actor, call_id, given.text, given.based_on_version)
    return models.Note.model_validate(note)


@readable(
    router,
    "/calls/{call_id}/customer/note/history",
    operation_id="get_customer_note_history",
    responses=_READ,
)
def get_customer_note_history(
    actor: SignedIn, services: GivenServices, call_id: CallId
) -> models.NoteHistory:
    """The versions of the note about the customer."""
    found = archive.customer_note_history(services.archive, actor, call_id)
    return models.NoteHistory(items=tuple(models.Note.model_validate(one) for one in found))


@readable(router, "/calls/{call_id}/listeners", operation_id="list_listeners", responses=_READ)
def list_listeners(actor: SignedIn, services: GivenServices, call_id: CallId) -> models.Listenings:
    """Who heard the call or took it as a file."""
    found = archive.listeners(services.archive, actor, call_id)
    return models.Listenings(items=tuple(models.Listening.model_validate(one) for one in found))
