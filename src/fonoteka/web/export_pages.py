"""What the list's bar offers for taking calls away: one ZIP, or the form that sends them."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from itertools import chain
from urllib.parse import urlencode

import anyio
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import Send

from fonoteka.accounts import actor_of_now
from fonoteka.archive import AudioFormat, ExportFormat, walk_selection, zip_calls
from fonoteka.domain.access import Permission
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.sharing import CALLS_MAX
from fonoteka.web.desk import Desk
from fonoteka.web.selected import selection_fields, selection_of
from fonoteka.web.templates import render
from fonoteka.web.url_form import GivenForm


def add_export_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.post("/calls/selected/archive")
    def ask_how(request: Request, form: GivenForm) -> Response:
        visitor = desk.visitor(request)
        fields = selection_fields(form, visitor.formats.now)
        text = render(request, visitor, "_bulk_archive.html", fields=fields, operation="")
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})

    @router.post("/calls/selected/archive/zip")
    def archive_calls(request: Request, form: GivenForm) -> Response:
        visitor = desk.visitor(request)
        wanted = ExportFormat(
            _format(str(form.get("format", ""))), bool(form.get("mixed")), visitor.language.code
        )
        selection = selection_of(form, visitor)
        actor = desk.actor_of(visitor)
        still = partial(actor_of_now, desk.accounts, actor)
        pieces = zip_calls(desk.archive, actor, selection, wanted, still)
        # What is wrong shows with the first piece, while it can still be answered.
        first = next(pieces, b"")
        return _ZipResponse(first, pieces, f"calls_{visitor.formats.now:%Y-%m-%d_%H-%M}.zip")

    @router.post("/calls/selected/share")
    def share(request: Request, form: GivenForm) -> Response:
        visitor = desk.visitor(request)
        selection, actor = selection_of(form, visitor), desk.actor_of(visitor)
        ids: list[str] = []
        for page in walk_selection(desk.archive, actor, selection, Permission.RECORDING_SHARE):
            ids += [one.id for one in page.calls]
            if len(ids) > CALLS_MAX:
                return desk.page(request, visitor, "share_many.html", most=CALLS_MAX)
        return RedirectResponse(f"/share?{urlencode([('id', one) for one in ids])}", 303)


def _format(name: str) -> AudioFormat | None:
    if not name:
        return None
    try:
        return AudioFormat(name)
    except ValueError as error:
        raise RequestInvalid("format", "There is no such format.", "body") from error


class _ZipResponse(StreamingResponse):
    """Pieces are made as the browser takes them; the work ends when it leaves."""

    def __init__(self, first: bytes, pieces: Generator[bytes, None, None], name: str) -> None:
        self._pieces = pieces
        super().__init__(
            chain((first,), pieces),
            media_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            },
        )

    async def stream_response(self, send: Send) -> None:
        """Send head and body; called by Starlette."""
        try:
            await super().stream_response(send)
        finally:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self._pieces.close)
