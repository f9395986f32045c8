"""GET and DELETE /recordings/{recording_id}, and its peaks."""

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
    responses=problems(401, 403, 404, 422),
)
def delete_recording(actor: SignedIn, services: GivenServices, recording_id: RecordingId) -> None:
    """Delete a recording's audio and waveform for good; its entry stays, with the state `deleted`.

    Asking again is answered 204 too: what was asked for is so. From a browser session the request must
    come from a page of the same origin.
    """
    archive.bin_recording(services.archive, actor, recording_id)
