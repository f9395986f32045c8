"""Sharing calls: the form, what became of it, the list of all, and whom calls may be sent to."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fonoteka import sharing
from fonoteka.accounts import email_of
from fonoteka.archive import get_call
from fonoteka.domain.errors import (
    AddressInvalid,
    FonotekaError,
    MailUnavailable,
    RecipientForbidden,
    RecordingNotFound,
    RequestInvalid,
    ShareLimit,
)
from fonoteka.domain.sharing import CALLS_MAX, Share, SharingTerms
from fonoteka.sharing import ShareView, Wanted
from fonoteka.web.delivery_words import outcome_text
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text
from fonoteka.web.templates import render
from fonoteka.web.voices import sides_of

_PAGE = 50
_MADE_COOKIE = "fonoteka_made_link"
_SHOWN_S = 120
_SECRET = re.compile(r"[\w-]{43}", re.ASCII)
_REFUSED = (
    *(AddressInvalid, MailUnavailable, RecipientForbidden),
    *(RecordingNotFound, RequestInvalid, ShareLimit),
)
_TEXT_MAX = 2_000
Ids = Annotated[list[str], Query(max_length=CALLS_MAX)]
Text = Annotated[str, Form(max_length=_TEXT_MAX)]


def add_share_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""
    _add_making(router, desk)
    _add_list(router, desk)


def _add_making(router: APIRouter, desk: Desk) -> None:

    @router.get("/share")
    def show_form(request: Request, id: Ids) -> Response:
        return _form(desk, request, Wanted(tuple(id), language=desk.visitor(request).language.code))

    @router.post("/share")
    def share(
        request: Request,
        id: Annotated[list[str], Form(max_length=CALLS_MAX)],
        recipient: Text = "",
        reason: Text = "",
        note: Text = "",
        language: Annotated[str, Form(max_length=2)] = "ru",
        days: Annotated[int, Form()] = 7,
        password: Text = "",
        opens_max: Annotated[str, Form(max_length=9)] = "",
        may_download: Annotated[bool, Form()] = False,
        as_link: Annotated[bool, Form()] = False,
        how: Annotated[str, Form(max_length=10)] = "mail",
    ) -> Response:
        wanted = Wanted(
            tuple(id),
            recipient.strip() if how == "mail" else "",
            reason,
            note if how == "mail" else "",
            language,
            days,
            password,
            int(opens_max) if opens_max.isdecimal() else None,
            may_download,
            attach=not as_link,
        )
        try:
            if how == "mail" and not wanted.recipient:
                raise AddressInvalid("“” is no e-mail address.", field="recipient")
            made, link = sharing.share_calls(desk.sharing, desk.actor(request), wanted)
        except _REFUSED as error:
            return _form(desk, request, wanted, error, how=how)
        # Elsewhere, so that loading the page again makes no second link; the secret goes there in a cookie.
        response = RedirectResponse(f"/shares/{made.id}", 303)
        if link:
            response.set_cookie(
                _MADE_COOKIE,
                link.rpartition("/")[2],
                max_age=_SHOWN_S,
                path=f"/shares/{made.id}",
                httponly=True,
                samesite="strict",
                secure=desk.is_https,
            )
        return response


def _add_list(router: APIRouter, desk: Desk) -> None:
    @router.get("/shares")
    def show_shares(request: Request, cursor: str = "") -> Response:
        return _list(desk, request, cursor)

    @router.post("/shares/terms")
    def save_terms(
        request: Request,
        own_domains: Text = "",
        allowed_domains: Text = "",
        days_max: Annotated[int, Form()] = 90,
    ) -> Response:
        terms = SharingTerms("", _words(own_domains), _words(allowed_domains), days_max)
        try:
            sharing.change_sharing_terms(desk.sharing, desk.actor(request), terms)
        except RequestInvalid as error:
            return _list(desk, request, "", terms, error)
        return RedirectResponse("/shares", 303)

    @router.get("/shares/{share_id}")
    def show_share(request: Request, share_id: str) -> Response:
        secret = request.cookies.get(_MADE_COOKIE, "")
        link = desk.sharing.link(secret) if _SECRET.fullmatch(secret) else ""
        response = _made(desk, request, share_id, link)
        if link:
            response.delete_cookie(_MADE_COOKIE, f"/shares/{share_id}")
        return response

    @router.get("/shares/{share_id}/state")
    def show_state(request: Request, share_id: str) -> Response:
        visitor = desk.visitor(request)
        view = sharing.get_share(desk.sharing, desk.actor_of(visitor), share_id)
        text = render(request, visitor, "_share_state.html", **_told(desk, request, view))
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})

    @router.post("/shares/{share_id}/revoke")
    def revoke(request: Request, share_id: str) -> Response:
        sharing.revoke_share(desk.sharing, desk.actor(request), share_id)
        return RedirectResponse(f"/shares/{share_id}", 303)


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.split(r"[\s,;]+", text.strip())) if text.strip() else ()


def _form(
    desk: Desk, request: Request, wanted: Wanted, error: FonotekaError | None = None, how: str = ""
) -> Response:
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    terms = sharing.sharing_terms(desk.sharing, actor)
    calls = [get_call(desk.archive, actor, one) for one in dict.fromkeys(wanted.call_ids)]
    has_mail = desk.sharing.has_mail
    return desk.page(
        request,
        visitor,
        "share.html",
        status_code=422 if error else 200,
        calls=[(one, *sides_of(one)) for one in calls],
        wanted=wanted,
        terms=terms,
        own_address=email_of(desk.accounts, actor),
        how=how or ("mail" if has_mail else "link"),
        has_mail=has_mail,
        told=problem_text(visitor.language, error) if error else "",
        field=str(error.context.get("field", "")) if error else "",
    )


def _made(desk: Desk, request: Request, share_id: str, link: str) -> Response:
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    view = sharing.get_share(desk.sharing, actor, share_id)
    response = desk.page(
        request,
        visitor,
        "share_made.html",
        link=link,
        **_told(desk, request, view),
        calls=_calls(desk, request, view.share),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _calls(desk: Desk, request: Request, share: Share) -> list[object]:
    """The calls of a share that the visitor may see."""
    found: list[object] = []
    for call_id in share.call_ids:
        try:
            call = get_call(desk.archive, desk.actor(request), call_id)
        except FonotekaError:
            continue
        found.append((call, *sides_of(call)))
    return found


def _told(desk: Desk, request: Request, view: ShareView) -> dict[str, object]:
    language = desk.visitor(request).language
    return {
        "share": view.share,
        "state": view.state,
        "delivery": view.delivery,
        "outcome_text": lambda one: outcome_text(language, one),
    }


def _list(
    desk: Desk,
    request: Request,
    cursor: str,
    terms: SharingTerms | None = None,
    error: FonotekaError | None = None,
) -> Response:
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    found = sharing.list_shares(desk.sharing, actor, "", cursor, _PAGE)
    return desk.page(
        request,
        visitor,
        "shares.html",
        status_code=422 if error else 200,
        found=found.items,
        next=found.next,
        terms=terms or sharing.sharing_terms(desk.sharing, actor),
        told=problem_text(visitor.language, error) if error else "",
    )
