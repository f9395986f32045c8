"""Work on many calls at once, a step a request."""

from __future__ import annotations

from fastapi import APIRouter

from fonoteka import archive
from fonoteka.api import selection_models as models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.openapi import problems
from fonoteka.api.searches import selection_of
from fonoteka.api.services import GivenServices

router = APIRouter(prefix="/calls/selection", tags=["calls"], route_class=LimitedRoute)
_ERRORS = problems(400, 401, 403, 422)
_TAG_ERRORS = problems(400, 401, 403, 404, 409, 422)


@router.post("/look", operation_id="look_at_selection", responses=_ERRORS)
def look_at_selection(
    actor: SignedIn, services: GivenServices, wanted: models.Selected
) -> models.SelectionLook:
    """What deleting these calls would do: how many, how long, and what is protected. It changes nothing."""
    chosen = selection_of(services, actor, wanted.selection)
    found = archive.look_at_selection(services.archive, actor, chosen)
    return models.SelectionLook.model_validate(found)


@router.post("/bin", operation_id="bin_selection", responses=_ERRORS)
def bin_selection(actor: SignedIn, services: GivenServices, step: models.Step) -> models.StepDone:
    """Put the recordings of chosen calls into the bin, some hundred calls a step.

    Repeat it with `cursor` set to `next` until that is null. A step may be repeated.
    """
    chosen = selection_of(services, actor, step.selection)
    done = archive.bin_selection(services.archive, actor, chosen, step.operation, step.cursor)
    return models.StepDone.model_validate(done)


@router.post("/restore", operation_id="restore_selection", responses=_ERRORS)
def restore_selection(actor: SignedIn, services: GivenServices, step: models.Step) -> models.StepDone:
    """Take out of the bin what the operation of the same id put there; in steps as that was."""
    chosen = selection_of(services, actor, step.selection)
    done = archive.restore_selection(services.archive, actor, chosen, step.operation, step.cursor)
    return models.StepDone.model_validate(done)


@router.post("/hold", operation_id="hold_selection", responses=problems(400, 401, 403, 404, 422))
def hold_selection(actor: SignedIn, services: GivenServices, step: models.HoldStep) -> models.StepDone:
    """Put the recordings of chosen calls under one legal hold, whose id is `operation`; in steps."""
    chosen = selection_of(services, actor, step.selection)
    done = archive.hold_selection(
        services.archive,
        actor,
        chosen,
        step.operation,
        step.case_name,
        step.reason,
        step.cursor,
    )
    return models.StepDone.model_validate(done)


@router.post("/tag", operation_id="tag_selection", responses=_TAG_ERRORS)
def tag_selection(actor: SignedIn, services: GivenServices, step: models.TagStep) -> models.StepDone:
    """Put a tag on chosen calls, in steps; a step may be repeated."""
    chosen = selection_of(services, actor, step.selection)
    done = archive.tag_selection(
        services.archive,
        actor,
        chosen,
        step.operation,
        step.tag,
        step.cursor,
    )
    return models.StepDone.model_validate(done)


@router.post("/untag", operation_id="untag_selection", responses=_TAG_ERRORS)
def untag_selection(actor: SignedIn, services: GivenServices, step: models.TagStep) -> models.StepDone:
    """Take a tag off chosen calls, in steps."""
    chosen = selection_of(services, actor, step.selection)
    done = archive.untag_selection(
        services.archive,
        actor,
        chosen,
        step.operation,
        step.tag,
        step.cursor,
    )
    return models.StepDone.model_validate(done)


@router.post("/undo-tagging", operation_id="undo_tagging", responses=_TAG_ERRORS)
def undo_tagging(actor: SignedIn, services: GivenServices, undo: models.Undo) -> models.StepDone:
    """Undo what your operation of that id did to tags, within a day, so far as it is still so; in steps."""
    done = archive.undo_tagging(services.archive, actor, undo.operation, undo.cursor)
    return models.StepDone.model_validate(done)
