"""GET /recordings/{recording_id}/audio: whole or in byte ranges, in blocks, never a whole file in memory."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from fonoteka import archive
from fonoteka.api.audio_response import AudioResponse
from fonoteka.api.authentication import SignedIn
from fonoteka.api.disposition import content_disposition
from fonoteka.api.methods import readable
from fonoteka.api.openapi import AUDIO_RESPONSES
from fonoteka.api.ranges import first_position, if_none_match_holds, if_range_holds, select_range
from fonoteka.api.recordings import RecordingId
from fonoteka.api.services import GivenServices
from fonoteka.archive import AudioFormat, AudioPurpose, OpenAudio

router = APIRouter(tags=["recordings"])


@readable(
    router,
    "/recordings/{recording_id}/audio",
    operation_id="get_audio",
    response_class=Response,
    responses=AUDIO_RESPONSES,
)
async def get_audio(
    request: Request,
    actor: SignedIn,
    services: GivenServices,
    recording_id: RecordingId,
    audio_format: Annotated[
        AudioFormat | None,
        Query(
            alias="format",
            description="Left out: the stored file as it is; its format is the recording's `codec`. "
            "The others are made from it.",
        ),
    ] = None,
    mixed: Annotated[
        bool, Query(description="All parties in one channel; else each has one of its own.")
    ] = False,
    download: Annotated[
        bool, Query(description="Ask the browser to save the audio under a telling name.")
    ] = False,
) -> Response:
    """The audio of a recording.

    One byte range is honoured (RFC 9110 §14); several at once are answered with the whole file. Each access
    leaves an audit event; the further ranges of the same playback do not.
    """
    purpose = AudioPurpose.DOWNLOAD if download else AudioPurpose.LISTEN

    def open_it() -> OpenAudio:
        return archive.open_audio(
            *(services.archive, actor, recording_id, audio_format, purpose, range_start_of(request)),
            mixed=mixed,
        )

    # Making a rendition may take a while, and others wait for it: not in the threads of everybody else.
    is_made = mixed or audio_format not in (None, AudioFormat.OPUS)
    limiter = services.renditions if is_made else None
    return await to_thread.run_sync(partial(audio_answer, request, open_it, purpose), limiter=limiter)


def range_start_of(request: Request) -> int:
    """Where the range begins that is asked for, as far as that can be judged before the audio is open."""
    # Under If-Range the range may yet be dropped, so its start must not be judged here.
    return min(first_position(_asked_range(request)), 1 if "if-range" in request.headers else sys.maxsize)


def audio_answer(request: Request, open_it: Callable[[], OpenAudio], purpose: AudioPurpose) -> Response:
    """What the request asks for of the audio that `open_it` opens."""
    asked = _asked_range(request)
    audio = open_it()
    entity_tag = f'"{audio.entity_tag}"'
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": content_disposition(
            audio.file_name, attachment=purpose is AudioPurpose.DOWNLOAD
        ),
        "ETag": entity_tag,
    }
    if not if_none_match_holds(request.headers.get("if-none-match"), entity_tag):
        return Response(status_code=304, headers=headers)
    if not if_range_holds(request.headers.get("if-range"), entity_tag):
        asked = None
    return _answer(audio, asked, headers, body=request.method == "GET")


def _asked_range(request: Request) -> str | None:
    """The Range header, which counts with GET alone and only when it is given once."""
    given = request.headers.getlist("range")
    return given[0] if request.method == "GET" and len(given) == 1 else None


def _answer(audio: OpenAudio, asked: str | None, headers: dict[str, str], *, body: bool) -> Response:
    selected = select_range(asked, audio.size_bytes)
    start, stop = (selected.start, selected.stop) if selected else (0, audio.size_bytes)
    headers["Content-Length"] = str(stop - start)
    if selected:
        headers["Content-Range"] = selected.content_range(audio.size_bytes)
    status = 206 if selected else 200
    if not body:
        return Response(status_code=status, headers=headers, media_type=audio.media_type)
    blocks = audio.read(start, stop)
    # The first block is read here, while a missing object can still be answered with a proper error.
    first = next(blocks, b"")
    return AudioResponse(
        first,
        blocks,
        audio.format.value,
        status_code=status,
        headers=headers,
        media_type=audio.media_type,
    )
