"""Sharing calls: links and e-mails, and the audio of a link that is open."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from fonoteka import archive, sharing
from fonoteka.api import share_models as models
from fonoteka.api.audio import audio_answer, range_start_of
from fonoteka.api.authentication import SignedIn
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import AUDIO_RESPONSES, problems
from fonoteka.api.parameters import PlainText
from fonoteka.api.recordings import RecordingId
from fonoteka.api.services import GivenServices, Services
from fonoteka.archive import AudioFormat, AudioPurpose, OpenAudio

router = APIRouter(tags=["sharing"], route_class=LimitedRoute)
public_router = APIRouter(tags=["sharing"])
_READ = problems(401, 403, 404, 422)
_CHANGE = problems(400, 401, 403, 404, 409, 422, 429)
_PUBLIC = problems(403, 404, 409, 410, 422)

ShareId = Annotated[PlainText, Path(alias="id", max_length=64, description="Its `id`.")]
Secret = Annotated[PlainText, Path(max_length=100, description="The end of the link.")]


@router.post("/shares", operation_id="share_calls", status_code=201, responses=_CHANGE)
def share_calls(actor: SignedIn, services: GivenServices, wanted: models.NewShare) -> models.MadeShare:
    """Share calls: send them to an e-mail address, or make a link."""
    share, url = sharing.share_calls(services.sharing, actor, wanted.value())
    view = sharing.get_share(services.sharing, actor, share.id)
    return models.MadeShare(share=models.Share.of(view), url=url)


@readable(router, "/shares", operation_id="list_shares", responses=_READ)
def list_shares(
    actor: SignedIn,
    services: GivenServices,
    call_id: Annotated[PlainText, Query(max_length=36, description="Only of this call.")] = "",
    cursor: Annotated[PlainText, Query(max_length=64, description="`next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200, description="How many a page holds at most.")] = 50,
) -> models.Shares:
    """What you shared; for who manages users, what anybody did."""
    found = sharing.list_shares(services.sharing, actor, call_id, cursor, limit)
    return models.Shares(items=tuple(map(models.Share.of, found.items)), next=found.next)


@readable(router, "/shares/{id}", operation_id="get_share", responses=_READ)
def get_share(actor: SignedIn, services: GivenServices, share_id: ShareId) -> models.Share:
    """One share, and how its e-mail is."""
    return models.Share.of(sharing.get_share(services.sharing, actor, share_id))


@router.delete("/shares/{id}", operation_id="revoke_share", status_code=204, responses=_CHANGE)
def revoke_share(actor: SignedIn, services: GivenServices, share_id: ShareId) -> None:
    """End a link at once; an e-mail that still waits is not sent."""
    sharing.revoke_share(services.sharing, actor, share_id)


@readable(router, "/sharing-terms", operation_id="get_sharing_terms", responses=_READ)
def get_sharing_terms(actor: SignedIn, services: GivenServices) -> models.SharingTerms:
    """Whom calls may be sent to, and for how long links are good."""
    return models.SharingTerms.model_validate(sharing.sharing_terms(services.sharing, actor))


@router.put("/sharing-terms", operation_id="save_sharing_terms", responses=_CHANGE)
def save_sharing_terms(
    actor: SignedIn, services: GivenServices, terms: models.SharingTerms
) -> models.SharingTerms:
    """Say it anew."""
    saved = sharing.change_sharing_terms(services.sharing, actor, terms.value())
    return models.SharingTerms.model_validate(saved)


@readable(
    public_router,
    "/shared/{secret}/recordings/{recording_id}/audio",
    operation_id="get_shared_audio",
    response_class=Response,
    responses=AUDIO_RESPONSES,
)
async def get_shared_audio(
    request: Request,
    services: GivenServices,
    secret: Secret,
    recording_id: RecordingId,
    audio_format: Annotated[
        AudioFormat | None, Query(alias="format", description="As of `GET /recordings/{id}/audio`.")
    ] = None,
    mixed: Annotated[bool, Query(description="All parties in one channel.")] = False,
    download: Annotated[bool, Query(description="To save it, where the link allows that.")] = False,
) -> Response:
    """The audio of a link that is open in this browser (by the cookie that opening gave); nobody signs in."""
    purpose = AudioPurpose.DOWNLOAD if download else AudioPurpose.LISTEN

    def open_it() -> OpenAudio:
        visit = _visit(request, services, secret)
        visit.check(recording_id)
        return archive.open_audio(
            *(services.archive, visit.actor, recording_id, audio_format, purpose, range_start_of(request)),
            mixed=mixed,
        )

    is_made = mixed or audio_format not in (None, AudioFormat.OPUS)
    limiter = services.renditions if is_made else None
    return await to_thread.run_sync(partial(audio_answer, request, open_it, purpose), limiter=limiter)


@readable(
    public_router,
    "/shared/{secret}/recordings/{recording_id}/peaks",
    operation_id="get_shared_peaks",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}, **_PUBLIC},
)
def get_shared_peaks(
    request: Request, services: GivenServices, secret: Secret, recording_id: RecordingId
) -> Response:
    """The waveform of a recording of a link that is open in this browser."""
    visit = _visit(request, services, secret)
    visit.check(recording_id)
    peaks = archive.read_peaks(services.archive, visit.actor, recording_id)
    return Response(peaks, media_type="application/json", headers={"Cache-Control": "private, no-cache"})


def _visit(request: Request, services: Services, secret: str) -> sharing.Visit:
    cookie = request.cookies.get(sharing.visit_cookie(secret), "")
    address = request.client.host if request.client else ""
    return sharing.visit_of(services.sharing, secret, cookie, address)
