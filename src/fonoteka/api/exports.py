"""POST /calls/archive: chosen calls as one ZIP."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from fonoteka import accounts, archive
from fonoteka.api.audio_response import AudioResponse
from fonoteka.api.authentication import SignedIn
from fonoteka.api.disposition import content_disposition
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.openapi import ZIP_RESPONSES
from fonoteka.api.rule_models import Given
from fonoteka.api.searches import selection_of
from fonoteka.api.selection_models import Selection
from fonoteka.api.services import GivenServices
from fonoteka.archive import AudioFormat, ExportFormat

router = APIRouter(tags=["calls"], route_class=LimitedRoute)


class WantedArchive(Given):
    """Which calls, and as what."""

    selection: Selection = Field(description="Which calls.")
    format: AudioFormat | None = Field(None, description="Null: each as it is stored, which is the fastest.")
    mixed: bool = Field(False, description="All parties in one channel; else each has one of its own.")
    language: Annotated[str, Field(pattern="^(ru|en)$")] = Field(
        "en", description="Of the headings of `manifest.csv`."
    )


@router.post("/calls/archive", operation_id="archive_calls", response_class=Response, responses=ZIP_RESPONSES)
def archive_calls(actor: SignedIn, services: GivenServices, wanted: WantedArchive) -> Response:
    """Chosen calls as one ZIP, of any size; it is sent while it is made.

    At its end are `manifest.json` and `manifest.csv` with the SHA-256 of each file; what cannot be read is
    named there. Each recording leaves an audit event. An answer that breaks off is not whole: ask again.
    """
    how = ExportFormat(wanted.format, wanted.mixed, wanted.language)
    still = partial(accounts.actor_of_now, services.accounts, actor)
    pieces = archive.zip_calls(
        services.archive, actor, selection_of(services, actor, wanted.selection), how, still
    )
    # The first piece is made here, while what is wrong can still be answered properly.
    first = next(pieces, b"")
    name = f"calls_{datetime.now().astimezone():%Y-%m-%d_%H-%M}.zip"
    headers = {
        "Content-Disposition": content_disposition(name, attachment=True),
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no",
    }
    return AudioResponse(first, pieces, "zip", status_code=200, headers=headers, media_type="application/zip")
