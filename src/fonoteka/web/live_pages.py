"""Calls in progress, above the list: seen, paused, resumed, kept."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, Response

from fonoteka.archive import keep_call, live_calls, pause_call, resume_call
from fonoteka.archive.live import REASON_MAX
from fonoteka.domain.errors import FonotekaError, RecorderUnreachable, RecordingNotFound
from fonoteka.domain.ports import LiveCall
from fonoteka.web.desk import Desk
from fonoteka.web.templates import render
from fonoteka.web.visitor import Visitor

PAUSES_S = (60, 300, 900)
_SHOWN_MAX = 50
_LOG = logging.getLogger(__name__)


def add_live_pages(router: APIRouter, desk: Desk) -> None:
    """Add the parts of pages to the router."""

    @router.get("/live")
    def show_live(request: Request) -> Response:
        visitor = desk.visitor(request)
        return _answer(desk, request, visitor)

    @router.post("/live/{recording_id}/pause")
    def pause(
        request: Request,
        recording_id: str,
        seconds: Annotated[int, Form(ge=0, le=86_400)] = 0,
        reason: Annotated[str, Form(max_length=REASON_MAX)] = "",
    ) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        try:
            plain = "".join(one if one.isprintable() else " " for one in reason)
            pause_call(desk.archive, desk.live, actor, recording_id, plain, seconds or None)
        except (RecordingNotFound, RecorderUnreachable) as error:
            return _answer(desk, request, visitor, error)
        return _answer(desk, request, visitor)

    @router.post("/live/{recording_id}/resume")
    def resume(request: Request, recording_id: str) -> Response:
        visitor = desk.visitor(request)
        try:
            resume_call(desk.archive, desk.live, desk.actor_of(visitor), recording_id)
        except (RecordingNotFound, RecorderUnreachable) as error:
            return _answer(desk, request, visitor, error)
        return _answer(desk, request, visitor)

    @router.post("/live/{recording_id}/keep")
    def keep(request: Request, recording_id: str) -> Response:
        visitor = desk.visitor(request)
        try:
            keep_call(desk.archive, desk.live, desk.actor_of(visitor), recording_id)
        except (RecordingNotFound, RecorderUnreachable) as error:
            return _answer(desk, request, visitor, error)
        return _answer(desk, request, visitor)


def _answer(desk: Desk, request: Request, visitor: Visitor, error: FonotekaError | None = None) -> Response:
    """The calls as they are now, and what went wrong. That no recorder runs is told by the frame."""
    found: tuple[LiveCall, ...] = ()
    try:
        found = live_calls(desk.live, desk.actor_of(visitor))
    except RecorderUnreachable as gone:
        _LOG.debug("%s: %s", gone.code, gone)
    text = render(
        request,
        visitor,
        "_live.html",
        calls=found[:_SHOWN_MAX],
        calls_count=len(found),
        pauses_s=PAUSES_S,
        trouble=error.code if error else "",
    )
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})
