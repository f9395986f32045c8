"""POST /calls: a finished recording of a call, streamed to the disk as it arrives."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from datetime import UTC, timedelta
from typing import Annotated

import anyio
import pydantic
from anyio import to_thread
from fastapi import APIRouter, Header
from starlette.requests import Request
from starlette.responses import Response

from fonoteka import archive
from fonoteka.api import metrics
from fonoteka.api.authentication import SignedIn
from fonoteka.api.models import UploadAccepted, UploadedCall
from fonoteka.api.openapi import UPLOAD_BODY, problems
from fonoteka.api.parameters import PlainText
from fonoteka.api.services import GivenServices, Services
from fonoteka.api.upload_form import CALL_PART, UploadForm
from fonoteka.audio.probe import probe
from fonoteka.connectors.folder.deposit import Deposit, open_deposit
from fonoteka.connectors.folder.described import Described
from fonoteka.connectors.folder.finished import SoundIn, manifest_of, parties_of
from fonoteka.connectors.folder.import_state import Identity, ImportState, Taken
from fonoteka.connectors.folder.times import to_utc
from fonoteka.connectors.folder.walk import HEADERLESS_SUFFIXES
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.call import Party
from fonoteka.domain.errors import AudioMalformed, RequestInvalid, UploadTooLarge
from fonoteka.domain.ids import new_id

router = APIRouter(tags=["calls"])

SOURCE = "upload"
IDLE_S = 60.0
"""A client that sends nothing for so long has gone."""
_BATCH_BYTES = 1024 * 1024
_FORM_BYTES = 128 * 1024
"""What the form may add to the sound: its JSON, its headers and boundaries."""


@router.post(
    "/calls",
    operation_id="upload_call",
    status_code=202,
    response_model=UploadAccepted,
    responses={
        202: {
            "description": "It is safe here and will be playable in a moment.",
            "headers": {"Location": {"description": "Where the call will be.", "schema": {"type": "string"}}},
        },
        **problems(401, 403, 409, 413, 422, 507),
    },
    openapi_extra={"requestBody": UPLOAD_BODY},
)
async def upload_call(
    request: Request,
    response: Response,
    actor: SignedIn,
    services: GivenServices,
    idempotency_key: Annotated[
        PlainText | None,
        Header(
            min_length=1,
            max_length=255,
            description="Any text of your own, another one for each call. Repeating the request with the same"
            " key and content gives the same answer and no second call.",
        ),
    ] = None,
) -> UploadAccepted:
    """Upload the recording of a call.

    Send `audio` (one channel: both parties mixed; two: a party on each), or a file for each party as
    `audio_calling` and `audio_called`. 202 says that all of it is on our disk. The call is found at
    `Location` as soon as the worker has taken it in, usually within a second; until then that is 404.
    """
    require(actor, Permission.CALL_UPLOAD, actor.tenant_id)
    size = request.headers.get("content-length", "")
    limit = services.settings.upload_bytes_max + _FORM_BYTES
    if len(size) > 18 or int(size or "0") > limit:
        raise UploadTooLarge(f"At most {services.settings.upload_bytes_max} bytes are taken.")
    stack = ExitStack()
    try:
        opening = open_deposit(
            services.settings.folder, services.settings.disk_free_min_bytes, int(size or "0")
        )
        deposit = await to_thread.run_sync(stack.enter_context, opening)
        form = UploadForm(request.headers.get("content-type", ""), deposit)
        stack.callback(form.close)
        with metrics.UPLOADS.track_inprogress():
            await _receive(request, form, limit)
        taken = await to_thread.run_sync(_take, services, actor, form, deposit, idempotency_key)
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(stack.close)
    response.headers["Location"] = f"{request.scope['path']}/{taken.call_id}"
    return UploadAccepted(call_id=taken.call_id, recording_id=taken.recording_id)


async def _receive(request: Request, form: UploadForm, limit: int) -> None:
    """Hand the body to the form in batches, so that never more than one of them is in memory."""
    body = request.stream()
    batch, received = bytearray(), 0
    while True:
        try:
            with anyio.fail_after(IDLE_S):
                chunk = await anext(body, None)
        except TimeoutError as error:
            raise RequestInvalid("body", f"Nothing came for {IDLE_S:.0f} s.", place="body") from error
        batch += chunk or b""
        received += len(chunk or b"")
        if received > limit:
            raise UploadTooLarge
        if len(batch) >= _BATCH_BYTES or (chunk is None and batch):
            await to_thread.run_sync(form.feed, bytes(batch))
            batch.clear()
        if chunk is None:
            break
    metrics.UPLOADED.inc(received)
    form.finish()


def _take(
    services: Services, actor: Actor, form: UploadForm, deposit: Deposit, idempotency_key: str | None
) -> Taken:
    told = _told(form.call)
    started_at, _ = to_utc(told.started_at, UTC, timedelta(), None)
    if started_at is None:
        raise RequestInvalid(f"{CALL_PART}.started_at", "No call can have begun then.", place="body")
    sounds = _sounds(form, deposit, told)
    described = Described(
        at=started_at,
        calling=told.calling.number,
        called=told.called.number,
        calling_name=told.calling.name,
        called_name=told.called.name,
        direction=told.direction,
    ).bounded()
    content = hashlib.sha256(told.model_dump_json().encode())
    for name in sorted(form.sounds):
        content.update(f"\n{name} {form.sounds[name].sha256}".encode())
    key = new_id() if idempotency_key is None else idempotency_key
    identity = Identity(
        actor.tenant_id, SOURCE, hashlib.sha256(key.encode()).hexdigest(), content.hexdigest()
    )

    def place(taken: Taken) -> None:
        deposit.seal(manifest_of(taken, identity, described, started_at, sounds))

    with ImportState(services.settings.folder.imports) as state:
        taken = state.take(identity, started_at, place, only_one=True)
    archive.note_upload(services.archive, actor, taken.call_id, taken.recording_id)
    return taken


def _told(data: bytes) -> UploadedCall:
    try:
        return UploadedCall.model_validate_json(data)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        name = ".".join((CALL_PART, *(str(part) for part in first["loc"])))
        raise RequestInvalid(name[:200], str(first["msg"])[:200], place="body") from error


def _sounds(form: UploadForm, deposit: Deposit, told: UploadedCall) -> list[SoundIn]:
    sounds = []
    for name, party in (("audio", None), ("audio_calling", Party.CALLING), ("audio_called", Party.CALLED)):
        if (sound := form.sounds.get(name)) is None:
            continue
        channels = _channels(deposit, sound.file, name)
        if channels > (2 if party is None else 1):
            raise RequestInvalid(name, f"{channels} channels are too many here.", place="body")
        parties = parties_of(channels, told.channels) if party is None else (party,)
        sounds.append(SoundIn(sound.file, sound.name, parties))
    return sounds


def _channels(deposit: Deposit, file: str, part: str) -> int:
    path = deposit.folder / file
    if path.stat().st_size == 0:
        raise RequestInvalid(part, "The file is empty.", place="body")
    if path.suffix in HEADERLESS_SUFFIXES:
        return 1
    try:
        return probe(path).channels
    except AudioMalformed as error:
        raise RequestInvalid(part, f"This is not audio that can be read: {error}.", place="body") from error
