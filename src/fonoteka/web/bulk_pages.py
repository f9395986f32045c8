"""What the bar's buttons do: a second look in a dialog, then the work, step by step."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from fonoteka import archive
from fonoteka.domain.access import Permission, may
from fonoteka.domain.bulk import BulkStep
from fonoteka.domain.errors import FonotekaError, RequestInvalid, TagNotFound, TagProtects, TagTaken
from fonoteka.domain.ids import new_id
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text
from fonoteka.web.selected import selection_fields, selection_of
from fonoteka.web.templates import render
from fonoteka.web.url_form import GivenForm
from fonoteka.web.visitor import Visitor


def add_bulk_pages(router: APIRouter, desk: Desk) -> None:
    """Add what the bar's buttons ask for to the router."""

    @router.post("/calls/selected/bin")
    def look(request: Request, form: GivenForm) -> Response:
        visitor = desk.visitor(request)
        fields = selection_fields(form, visitor.formats.now)
        chosen = selection_of(fields, visitor)
        found = archive.look_at_selection(desk.archive, desk.actor_of(visitor), chosen)
        return _dialog(request, visitor, "_bulk_bin.html", look=found, fields=fields)

    @router.post("/calls/selected/bin/step")
    def put_into_bin(request: Request, form: GivenForm) -> Response:
        visitor = desk.visitor(request)
        step = archive.bin_selection(desk.archive, desk.actor_of(visitor), *_step(form, visitor))
        return _done(step)

    @router.post("/calls/selected/restore/step")
    def restore(request: Request, form: GivenForm) -> Response:
        visitor = desk.visitor(request)
        step = archive.restore_selection(desk.archive, desk.actor_of(visitor), *_step(form, visitor))
        return _done(step)

    @router.post("/calls/selected/hold")
    def ask_why(request: Request, form: GivenForm) -> Response:
        visitor = desk.visitor(request)
        fields = selection_fields(form, visitor.formats.now)
        return _dialog(request, visitor, "_bulk_hold.html", fields=fields)

    @router.post("/calls/selected/hold/step")
    def hold(request: Request, form: GivenForm) -> Response:
        visitor = desk.visitor(request)
        selection, operation, cursor = _step(form, visitor)
        try:
            step = archive.hold_selection(
                desk.archive,
                desk.actor_of(visitor),
                selection,
                operation,
                str(form.get("case_name", "")),
                str(form.get("reason", "")),
                cursor,
            )
        except RequestInvalid as error:
            return _refused(visitor, error)
        return _done(step)

    _add_tagging(router, desk)


def _add_tagging(router: APIRouter, desk: Desk) -> None:
    @router.post("/calls/selected/tag")
    def ask_which(request: Request, form: GivenForm) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        return _dialog(
            request,
            visitor,
            "_bulk_tag.html",
            fields=selection_fields(form, visitor.formats.now),
            tags=archive.list_tags(desk.archive, actor),
            may_make=may(actor, Permission.TAG_CREATE, actor.tenant_id),
        )

    @router.post("/calls/selected/tag/step")
    def tag(request: Request, form: GivenForm) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        selection, operation, cursor = _step(form, visitor)
        takes = str(form.get("do", "")) == "take"
        work = archive.untag_selection if takes else archive.tag_selection
        try:
            known = archive.tag_of_name(desk.archive, actor, str(form.get("name", "")), make=not takes)
            step = work(desk.archive, actor, selection, operation, known.id, cursor)
        except (RequestInvalid, TagNotFound, TagProtects, TagTaken) as error:
            return _refused(visitor, error)
        return _done(step)

    @router.post("/calls/selected/tag/undo")
    def undo(request: Request, form: GivenForm) -> Response:
        visitor = desk.visitor(request)
        _, operation, cursor = _step(form, visitor)
        return _done(archive.undo_tagging(desk.archive, desk.actor_of(visitor), operation, cursor))


def _refused(visitor: Visitor, error: FonotekaError) -> Response:
    return JSONResponse({"refused": problem_text(visitor.language, error)}, 422)


def _dialog(request: Request, visitor: Visitor, name: str, /, **values: Any) -> Response:
    text = render(request, visitor, name, operation=new_id(), **values)
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})


def _step(form: GivenForm, visitor: Visitor) -> tuple[Any, str, str | None]:
    cursor = str(form.get("cursor", ""))
    return selection_of(form, visitor), str(form.get("operation", "")), cursor or None


def _done(step: BulkStep) -> Response:
    return JSONResponse(asdict(step), headers={"Cache-Control": "no-store"})
