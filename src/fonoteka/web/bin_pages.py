"""The bin, and legal holds: what is on its way out, and what must not go."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from fonoteka import archive
from fonoteka.domain.errors import FonotekaError, HoldNotFound, RequestInvalid
from fonoteka.domain.legal_hold import HoldFilter
from fonoteka.domain.windows import start_of
from fonoteka.web.desk import Desk
from fonoteka.web.listing import row_of
from fonoteka.web.problem_words import problem_text

_SHOWN_MAX = 200

Text = Annotated[str, Form(max_length=2_000)]


def add_bin_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages of the bin to the router."""

    @router.get("/storage/bin")
    def show_bin(request: Request, emptied: int = 0) -> Response:
        visitor = desk.visitor(request)
        found = archive.list_binned(desk.archive, desk.actor_of(visitor), _SHOWN_MAX)
        rows = [(one, row_of(one.call)) for one in found]
        return desk.page(request, visitor, "bin.html", rows=rows, shown_max=_SHOWN_MAX, emptied=emptied)

    @router.post("/storage/bin/restore")
    def restore(request: Request, id: Text) -> Response:
        archive.restore_recording(desk.archive, desk.actor(request), id)
        return RedirectResponse("/storage/bin", 303)

    @router.post("/storage/bin/empty")
    def empty(request: Request) -> Response:
        count = archive.empty_bin(desk.archive, desk.actor(request))
        return RedirectResponse(f"/storage/bin?emptied={count}", 303)


def add_hold_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages of legal holds to the router."""

    @router.get("/storage/holds")
    def show_holds(request: Request, number: str = "", call: str = "") -> Response:
        return _holds(desk, request, {"number": number, "call": call})

    @router.post("/storage/holds")
    def place(
        request: Request,
        case_name: Text = "",
        reason: Text = "",
        number: Text = "",
        since: Text = "",
        until: Text = "",
        call: Text = "",
        count: Text = "",
    ) -> Response:
        visitor = desk.visitor(request)
        actor, zone = desk.actor_of(visitor), visitor.formats.zone
        given = {
            "case_name": case_name,
            "reason": reason,
            "number": number,
            "since": since,
            "until": until,
            "call": call,
        }
        first, last = _day(since), _day(until)
        wanted = HoldFilter(
            number.strip(),
            None if first is None else start_of(first, zone),
            None if last is None else start_of(last + timedelta(days=1), zone),
        )
        try:
            if count:
                found = archive.count_held(desk.archive, actor, wanted)
                return _holds(desk, request, given, found=found)
            chosen = None if wanted.is_empty else wanted
            archive.place_legal_hold(
                desk.archive, actor, case_name, reason, call_ids=[call] if call else [], filter=chosen
            )
        except (RequestInvalid, HoldNotFound) as error:
            return _holds(desk, request, given, error)
        return RedirectResponse(f"/calls/{call}" if call else "/storage/holds", 303)

    @router.post("/storage/holds/release")
    def release(request: Request, id: Text, reason: Text = "") -> Response:
        archive.release_legal_hold(desk.archive, desk.actor(request), id, reason)
        return RedirectResponse("/storage/holds", 303)


def _holds(
    desk: Desk,
    request: Request,
    given: dict[str, str],
    error: FonotekaError | None = None,
    *,
    found: int | None = None,
) -> Response:
    visitor = desk.visitor(request)
    holds = archive.legal_holds(desk.archive, desk.actor_of(visitor), with_released=True)
    return desk.page(
        request,
        visitor,
        "holds.html",
        status_code=422 if error else 200,
        holds=holds,
        given={"case_name": "", "reason": "", "number": "", "since": "", "until": "", "call": "", **given},
        told=problem_text(visitor.language, error) if error else "",
        found=found,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
