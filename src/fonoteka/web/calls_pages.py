"""The call list: the whole page, and the rows that follow or arrive."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fonoteka.archive import count_calls
from fonoteka.domain.access import Permission, may
from fonoteka.domain.direction import Direction
from fonoteka.domain.query import Became, CallSort, CallTotals
from fonoteka.domain.recording import RecordingState
from fonoteka.speech import Snippet, note_words, snippets_of
from fonoteka.web.bulk_actions import BulkAction, bulk_actions
from fonoteka.web.desk import Desk
from fonoteka.web.filter_choices import choices_of
from fonoteka.web.filters import Filters, Period
from fonoteka.web.listing import Listing, listing
from fonoteka.web.sip_address import sip_address
from fonoteka.web.templates import render
from fonoteka.web.visitor import Visitor

_STATES = (
    RecordingState.PROCESSING,
    RecordingState.FAILED,
    RecordingState.BINNED,
    RecordingState.DELETED,
)
_DIRECTIONS = (Direction.INCOMING, Direction.OUTGOING, Direction.INTERNAL)


def add_calls_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/")
    def home() -> Response:
        return RedirectResponse("/calls", 307)

    @router.get("/calls")
    def show_calls(request: Request, cursor: str = "") -> Response:
        visitor = desk.visitor(request)
        found = _find(desk, request, visitor, cursor, "")
        sets_up = may(desk.actor_of(visitor), Permission.SYSTEM_WATCH, desk.actor_of(visitor).tenant_id)
        if sets_up and not found.filters.any and not cursor and not found.totals.calls:
            address = sip_address(desk.status().sip_address, request.url.hostname)
            return desk.page(request, visitor, "empty.html", sip_address=address, first_call=True)
        return desk.page(
            request,
            visitor,
            "calls.html",
            directions=_DIRECTIONS,
            periods=Period,
            became=Became,
            states=_STATES,
            sorts=CallSort,
            choices=choices_of(desk, visitor),
            **found.values(),
        )

    @router.get("/calls/rows")
    def show_rows(request: Request, cursor: str = "", after_day: str = "") -> Response:
        visitor = desk.visitor(request)
        found = _find(desk, request, visitor, cursor, after_day)
        text = render(request, visitor, "_news.html", **found.values())
        # A list that is looked at asks every few seconds and mostly hears that nothing changed.
        tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'
        headers = {"Cache-Control": "private, no-cache", "ETag": tag, "Vary": "Cookie, Accept-Language"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(text, headers=headers)

    @router.get("/recorder")
    def show_recorder(request: Request, first: str = "") -> Response:
        visitor = desk.visitor(request)
        text = render(request, visitor, "_recorder.html", status=desk.status(), first_call=bool(first))
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})


@dataclass(frozen=True, slots=True)
class _Found:
    """What both pages show; the names are those of the templates."""

    filters: Filters
    cursor: str
    totals: CallTotals
    listing: Listing
    bulk_actions: tuple[BulkAction, ...]
    snippets: dict[str, Snippet]

    def values(self) -> dict[str, object]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


def _find(desk: Desk, request: Request, visitor: Visitor, cursor: str, after_day: str) -> _Found:
    actor, formats = desk.actor_of(visitor), visitor.formats
    filters = Filters.read(request.query_params)
    query = filters.query(formats.today, formats.zone)
    note_words(desk.speech, actor, query.said)
    found = listing(desk.archive, actor, query, formats, cursor or None, after_day, filters.sort)
    calls = [row.call for day in found.days for row in day.rows]
    return _Found(
        filters,
        cursor,
        count_calls(desk.archive, actor, query),
        found,
        bulk_actions(visitor),
        snippets_of(desk.speech, actor, calls, query.said),
    )
