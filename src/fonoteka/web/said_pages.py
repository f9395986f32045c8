"""What people do on the page of a call: marks, tags, the note, comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from fonoteka import archive
from fonoteka.domain.access import Actor
from fonoteka.domain.errors import (
    FonotekaError,
    RequestInvalid,
    TagInUse,
    TagNotFound,
    TagProtects,
    TagTaken,
    VersionConflict,
)
from fonoteka.web.call_pages import call_page
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text
from fonoteka.web.said import Told, Undo, said_view

Text = Annotated[str, Form(max_length=50_000)]
Short = Annotated[str, Form(max_length=500)]
Change = Callable[[Actor], Undo | None]
_TOLD = (RequestInvalid, VersionConflict, TagInUse, TagNotFound, TagProtects, TagTaken)
"""What a person may have done wrong: said in its place, with what was written."""


def add_said_pages(router: APIRouter, desk: Desk) -> None:
    """Add what changes what is said of a call."""
    _add_marks(router, desk)
    _add_notes(router, desk)
    _add_comments(router, desk)


def _add_marks(router: APIRouter, desk: Desk) -> None:
    @router.post("/calls/{call_id}/mark")
    def mark(request: Request, call_id: str, mark: Short = "", comment: Text = "") -> Response:
        def change(actor: Actor) -> Undo | None:
            archive.mark_call(desk.archive, actor, call_id, _number(mark), comment)
            return None

        return _changed(desk, request, call_id, "mark", change, comment)

    @router.post("/calls/{call_id}/unmark")
    def unmark(request: Request, call_id: str) -> Response:
        def change(actor: Actor) -> Undo | None:
            mine = archive.get_annotations(desk.archive, actor, call_id).mark_of(actor.id)
            archive.unmark_call(desk.archive, actor, call_id)
            if mine is None:
                return None
            back = {"mark": str(mine.mark), "comment": mine.comment}
            return Undo("unmarked", f"/calls/{call_id}/mark", back)

        return _changed(desk, request, call_id, "mark", change)

    @router.post("/calls/{call_id}/tags")
    def tag(request: Request, call_id: str, name: Short = "", tag: Short = "") -> Response:
        def change(actor: Actor) -> Undo | None:
            known = tag or archive.tag_of_name(desk.archive, actor, name).id
            archive.tag_call(desk.archive, actor, call_id, known)
            return None

        return _changed(desk, request, call_id, "tags", change, name)

    @router.post("/calls/{call_id}/untag")
    def untag(request: Request, call_id: str, tag: Short = "") -> Response:
        def change(actor: Actor) -> Undo | None:
            archive.untag_call(desk.archive, actor, call_id, tag)
            return Undo("untagged", f"/calls/{call_id}/tags", {"tag": tag})

        return _changed(desk, request, call_id, "tags", change)


def _add_notes(router: APIRouter, desk: Desk) -> None:
    @router.post("/calls/{call_id}/note")
    def note(request: Request, call_id: str, text: Text = "", version: Short = "0") -> Response:
        def change(actor: Actor) -> Undo | None:
            archive.write_note(desk.archive, actor, call_id, text, _number(version))
            return None

        return _changed(desk, request, call_id, "note", change, text)

    @router.get("/calls/{call_id}/note")
    def history(request: Request, call_id: str) -> Response:
        visitor = desk.visitor(request)
        versions = archive.note_history(desk.archive, desk.actor_of(visitor), call_id)
        return desk.page(request, visitor, "note_history.html", versions=versions, back=f"/calls/{call_id}")


def _add_comments(router: APIRouter, desk: Desk) -> None:
    @router.post("/calls/{call_id}/comments")
    def comment(
        request: Request, call_id: str, text: Text = "", recording: Short = "", at_ms: Short = ""
    ) -> Response:
        def change(actor: Actor) -> Undo | None:
            moment = (recording, _number(at_ms)) if recording else (None, None)
            archive.comment_call(desk.archive, actor, call_id, text, *moment)
            return None

        return _changed(desk, request, call_id, "comments", change, text)

    @router.post("/calls/{call_id}/comments/{comment_id}")
    def edit(
        request: Request, call_id: str, comment_id: str, text: Text = "", version: Short = "0"
    ) -> Response:
        def change(actor: Actor) -> Undo | None:
            archive.edit_comment(desk.archive, actor, call_id, comment_id, text, _number(version))
            return None

        return _changed(desk, request, call_id, "comments", change, text)

    @router.post("/calls/{call_id}/comments/{comment_id}/delete")
    def delete(request: Request, call_id: str, comment_id: str) -> Response:
        def change(actor: Actor) -> Undo | None:
            archive.delete_comment(desk.archive, actor, call_id, comment_id)
            return Undo("deleted", f"/calls/{call_id}/comments/{comment_id}/restore", {})

        return _changed(desk, request, call_id, "comments", change)

    @router.post("/calls/{call_id}/comments/{comment_id}/restore")
    def restore(request: Request, call_id: str, comment_id: str) -> Response:
        def change(actor: Actor) -> Undo | None:
            archive.restore_comment(desk.archive, actor, call_id, comment_id)
            return None

        return _changed(desk, request, call_id, "comments", change)


def _changed(
    desk: Desk, request: Request, call_id: str, section: str, change: Change, draft: str | None = None
) -> Response:
    """Make the change; the page as it is then, or what of it the page asked for."""
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    try:
        told = Told(section, undo=change(actor))
    except _TOLD as error:
        told = Told(
            section,
            _words(visitor.language.gettext, error) or problem_text(visitor.language, error),
            draft=draft,
        )
    if "hx-request" in request.headers:
        call = archive.get_call(desk.archive, actor, call_id)
        view = said_view(desk.archive, actor, call, told)
        return desk.page(request, visitor, "said.html", view=view, call=call)
    if told.problem or told.undo:
        return call_page(desk, request, call_id, told)
    return RedirectResponse(f"/calls/{call_id}#{section}", 303)


def _words(gettext: Callable[[str], str], error: FonotekaError) -> str:
    if isinstance(error, VersionConflict):
        return gettext("Somebody else has saved meanwhile. Both texts are here: join them, then save.")
    if isinstance(error, TagProtects):
        return gettext(
            "This tag decides how long the recording is kept. Ask whoever looks after the storage."
        )
    return ""


def _number(text: str) -> int:
    """A whole number of a form. Raises `RequestInvalid`."""
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise RequestInvalid("mark", "A whole number is needed.", "body")
    return int(text)
