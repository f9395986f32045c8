"""The page of a customer: who it is, the note that all share, every call that the visitor may see."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from fonoteka import archive
from fonoteka.domain.errors import RequestInvalid, VersionConflict
from fonoteka.web.desk import Desk
from fonoteka.web.listing import PAGE_CALLS, row_of
from fonoteka.web.problem_words import problem_text

Text = Annotated[str, Form(max_length=50_000)]


def add_customer_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages. Their addresses name a call: masked numbers stay masked."""

    @router.get("/calls/{call_id}/customer")
    def show(request: Request, call_id: str, after: str = "") -> Response:
        return _page(desk, request, call_id, after)

    @router.post("/calls/{call_id}/customer")
    def save(request: Request, call_id: str, text: Text = "", version: Text = "0") -> Response:
        visitor = desk.visitor(request)
        try:
            if not version.isascii() or not version.isdigit() or len(version) > 9:
                raise RequestInvalid("version", "A whole number is needed.", "body")
            archive.write_customer_note(desk.archive, desk.actor_of(visitor), call_id, text, int(version))
        except VersionConflict:
            told = visitor.language.gettext(
                "Somebody else has saved meanwhile. Both texts are here: join them, then save."
            )
            return _page(desk, request, call_id, "", told, text)
        except RequestInvalid as error:
            return _page(desk, request, call_id, "", problem_text(visitor.language, error), text)
        return RedirectResponse(f"/calls/{call_id}/customer", 303)

    @router.get("/calls/{call_id}/customer/note")
    def history(request: Request, call_id: str) -> Response:
        visitor = desk.visitor(request)
        versions = archive.customer_note_history(desk.archive, desk.actor_of(visitor), call_id)
        back = f"/calls/{call_id}/customer"
        return desk.page(request, visitor, "note_history.html", versions=versions, back=back)


def _page(
    desk: Desk, request: Request, call_id: str, after: str, told: str = "", draft: str | None = None
) -> Response:
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    customer = archive.get_customer(desk.archive, actor, call_id)
    found = archive.customer_calls(desk.archive, actor, call_id, after or None, PAGE_CALLS)
    return desk.page(
        request,
        visitor,
        "customer.html",
        call_id=call_id,
        customer=customer,
        rows=[row_of(one, found.gists.get(one.id)) for one in found.items],
        next=found.next,
        first=not after,
        told=told,
        draft=draft,
    )
