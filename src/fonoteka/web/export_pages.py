"""POST /calls/archive: chosen calls as one ZIP, from a form of the list."""

from __future__ import annotations

from collections.abc import Generator
from itertools import chain
from typing import Annotated
from urllib.parse import parse_qsl

import anyio
from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from fonoteka.archive import AudioFormat, ExportFormat, zip_calls
from fonoteka.archive.selection import NAMED_MAX
from fonoteka.domain.query import CallSelection
from fonoteka.web.desk import Desk
from fonoteka.web.filters import Filters

_SEARCH_MAX = 4_000
Ids = Annotated[list[str] | None, Form(max_length=NAMED_MAX)]


def add_export_pages(router: APIRouter, desk: Desk) -> None:
    """Add the page to the router."""

    @router.post("/calls/archive")
    def archive_calls(
        request: Request,
        id: Ids = None,
        without: Ids = None,
        search: Annotated[str, Form(max_length=_SEARCH_MAX)] = "",
        format: Annotated[AudioFormat | None, Form()] = None,
        mixed: Annotated[bool, Form()] = False,
    ) -> Response:
        """`id`s, or all that the list's address (`search`, what stands behind its `?`) finds."""
        visitor = desk.visitor(request)
        filters = Filters.read(QueryParams(parse_qsl(search.removeprefix("?"), keep_blank_values=True)))
        query = filters.query(visitor.formats.today, visitor.formats.zone)
        selection = CallSelection(tuple(id or ()), None if id else query, frozenset(without or ()))
        wanted = ExportFormat(format, mixed, visitor.language.code)
        pieces = zip_calls(desk.archive, desk.actor_of(visitor), selection, wanted)
        first = next(pieces, b"")
        name = f"calls_{visitor.formats.now:%Y-%m-%d_%H-%M}.zip"
        return _ZipResponse(first, pieces, name)


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
