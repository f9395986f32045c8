"""The page of tags: made, renamed, merged, deleted, each with the number of calls that it touches."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from fonoteka import archive
from fonoteka.domain.access import Actor
from fonoteka.domain.annotations import TagColour
from fonoteka.domain.errors import FonotekaError, RequestInvalid, TagGoverns, TagInUse, TagNotFound, TagTaken
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text

Text = Annotated[str, Form(max_length=500)]
_TOLD = (RequestInvalid, TagGoverns, TagInUse, TagNotFound, TagTaken)


def add_tag_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/tags")
    def show(request: Request) -> Response:
        return _page(desk, request)

    @router.post("/tags")
    def change(
        request: Request,
        do: Text = "",
        tag: Text = "",
        name: Text = "",
        colour: Text = "",
        into: Text = "",
        calls: Text = "",
    ) -> Response:
        actor = desk.actor(request)
        try:
            _change(desk, actor, do, tag, (name, colour, into, calls))
        except _TOLD as error:
            return _page(desk, request, error, tag)
        return RedirectResponse("/tags", 303)


def _change(desk: Desk, actor: Actor, do: str, tag: str, given: tuple[str, str, str, str]) -> None:
    name, colour, into, calls = given
    agreed = int(calls) if calls.isascii() and calls.isdigit() and len(calls) < 10 else 0
    chosen = next((one for one in TagColour if one.value == colour), TagColour.GREY)
    if do == "create":
        archive.create_tag(desk.archive, actor, name, chosen)
    elif do == "save":
        archive.change_tag(desk.archive, actor, tag, name, chosen)
    elif do == "merge":
        archive.merge_tags(desk.archive, actor, tag, into, agreed)
    elif do == "delete":
        archive.delete_tag(desk.archive, actor, tag, agreed)
    else:
        raise RequestInvalid("do", "There is nothing to do.", "body")


def _page(desk: Desk, request: Request, error: FonotekaError | None = None, tag: str = "") -> Response:
    visitor = desk.visitor(request)
    told = "" if error is None else problem_text(visitor.language, error)
    return desk.page(
        request,
        visitor,
        "tags.html",
        tags=archive.list_tags(desk.archive, desk.actor_of(visitor)),
        colours=tuple(TagColour),
        told=told,
        told_of=tag,
    )
