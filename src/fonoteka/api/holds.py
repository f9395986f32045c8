"""Legal holds: placed, listed, released."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from fonoteka import archive
from fonoteka.api import storage_models as models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.services import GivenServices

router = APIRouter(tags=["holds"], route_class=LimitedRoute)


@readable(router, "/holds", operation_id="list_holds", responses=problems(401, 403, 422))
def list_holds(
    actor: SignedIn,
    services: GivenServices,
    with_released: Annotated[bool, Query(description="Released ones too.")] = False,
) -> models.LegalHolds:
    """Legal holds, newest first."""
    found = archive.legal_holds(services.archive, actor, with_released=with_released)
    return models.LegalHolds(items=tuple(models.LegalHold.model_validate(one) for one in found))


@router.post(
    "/holds", operation_id="place_hold", status_code=201, responses=problems(400, 401, 403, 404, 422)
)
def place_hold(actor: SignedIn, services: GivenServices, wanted: models.HoldPlacing) -> models.LegalHold:
    """Put recordings under a hold: nothing deletes them until it is released."""
    placed = archive.place_legal_hold(
        services.archive,
        actor,
        wanted.case_name,
        wanted.reason,
        call_ids=wanted.call_ids,
        recording_ids=wanted.recording_ids,
        filter=None if wanted.filter is None else wanted.filter.value(),
    )
    return models.LegalHold.model_validate(placed)


@router.post(
    "/holds/{hold_id}/release",
    operation_id="release_hold",
    responses=problems(400, 401, 403, 404, 422),
)
def release_hold(
    actor: SignedIn,
    services: GivenServices,
    hold_id: Annotated[str, Path(description="A hold's `id`.")],
    how: models.HoldRelease,
) -> models.LegalHold:
    """End a hold; repeating it changes nothing."""
    released = archive.release_legal_hold(services.archive, actor, hold_id, how.reason)
    return models.LegalHold.model_validate(released)
