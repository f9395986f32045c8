"""Saved searches: kept from the list, managed on a page of their own."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from fonoteka import archive
from fonoteka.web.desk import Desk
from fonoteka.web.filters import Filters

Text = Annotated[str, Form(max_length=2_000)]


def add_search_pages(router: APIRouter, desk: Desk) -> None:
    """Add the page and what its buttons do to the router."""

    @router.get("/searches")
    def show(request: Request, deleted: str = "") -> Response:
        visitor = desk.visitor(request)
        return desk.page(request, visitor, "searches.html", deleted=deleted)

    @router.post("/searches")
    def keep(request: Request, name: Text = "", search: Text = "", shared: Text = "") -> Response:
        # In the form in which the list itself writes its address.
        query = urlencode(Filters.read(dict(parse_qsl(search))).parameters())
        archive.create_search(desk.archive, desk.actor(request), name, query, is_shared=bool(shared))
        return RedirectResponse(f"/calls?{query}", 303)

    @router.post("/searches/change")
    def change(request: Request, id: Text, name: Text = "", shared: Text = "") -> Response:
        archive.change_search(desk.archive, desk.actor(request), id, name, is_shared=bool(shared))
        return RedirectResponse("/searches", 303)

    @router.post("/searches/delete")
    def delete(request: Request, id: Text) -> Response:
        archive.delete_search(desk.archive, desk.actor(request), id)
        return RedirectResponse(f"/searches?deleted={id}", 303)

    @router.post("/searches/restore")
    def restore(request: Request, id: Text) -> Response:
        archive.restore_search(desk.archive, desk.actor(request), id)
        return RedirectResponse("/searches", 303)
