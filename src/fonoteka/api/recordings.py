"""GET and DELETE /recordings/{recording_id}, its peaks, and its way back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from fonoteka import archive
from fonoteka.api import models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import known_recording_id
from fonoteka.api.services import GivenServices

router = APIRouter(tags=["recordings"])

RecordingId = Annotated[str, Depends(known_recording_id)]


@readable(
    router, "/recordings/{recording_id}", operation_id="get_recording", responses=problems(401, 403, 404, 422)
)
def get_recording(actor: SignedIn, services: GivenServices, recording_id: RecordingId) -> models.Recording:
    """One recording: its state, tracks, size and hash."""
    return models.Recording.model_validate(archive.get_recording(services.archive, actor, recording_id))


@readable(
    router,
    "/recordings/{recording_id}/peaks",
    operation_id="get_peaks",
    response_model=models.Peaks,
    responses=problems(401, 403, 404, 409, 410, 422),
)
def get_peaks(actor: SignedIn, services: GivenServices, recording_id: RecordingId) -> Response:
    """The waveform of each track, for a player to draw."""
    return Response(archive.read_peaks(services.archive, actor, recording_id), media_type="application/json")


@router.delete(
    "/recordings/{recording_id}",
    operation_id="delete_recording",
    status_code=204,
    responses=problems(401, 403, 404, 409, 422),
)
def delete_recording(actor: SignedIn, services: GivenServices, recording_id: RecordingId) -> None:
    """Put a recording into the bin; its entry stays, with the state `binned`, and it can be restored.

    When its days in the bin are over it is deleted for good. 409 while a legal hold or its minimum term
    forbids it. Asking again is answered 204 too: what was asked for is so. From a browser session the request
    must come from a page of the same origin.
    """
    archive.bin_recording(services.archive, actor, recording_id)


@router.post(
    "/recordings/{recording_id}/restore",
    operation_id="restore_recording",
    responses=problems(401, 403, 404, 410, 422),
)
def restore_recording(
    actor: SignedIn, services: GivenServices, recording_id: RecordingId
) -> models.Recording:
    """Take a recording out of the bin again; one that is not in it stays as it is."""
    archive.restore_recording(services.archive, actor, recording_id)
    return models.Recording.model_validate(archive.get_recording(services.archive, actor, recording_id))
