"""What somebody sees who comes by a link: no sign-in, no names, no way further in."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from fonoteka import sharing
from fonoteka.domain.call import Call
from fonoteka.domain.errors import (
    FonotekaError,
    LinkNotFound,
    LinkNotOpened,
    LinkOver,
    LinkPasswordRefused,
    SignInThrottled,
)
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.web.address_limit import AddressLimit
from fonoteka.web.desk import Desk, remote_address
from fonoteka.web.stretches import marks_of
from fonoteka.web.templates import page
from fonoteka.web.visitor import visitor_of
from fonoteka.web.voices import Lane, lanes_of

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
_STATUS = {LinkNotFound: 404, LinkPasswordRefused: 403, SignInThrottled: 429}
_PASSWORD_MAX = 1_024
_PAGES_PER_MINUTE = 60


def add_link_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router; nobody needs to be signed in, and no other site can use that."""
    limit = AddressLimit(_PAGES_PER_MINUTE)

    @router.get("/s/{secret}")
    def show_link(request: Request, secret: str) -> Response:
        cookie = request.cookies.get(sharing.visit_cookie(secret), "")
        try:
            limit.count(remote_address(request))
            visit = sharing.visit_of(desk.sharing, secret, cookie, remote_address(request))
        except LinkNotOpened:
            # A preview in a messenger or a mail scanner opens addresses too: looking uses nothing up.
            return _answer(request, face=sharing.look_at_link(desk.sharing, secret))
        except (LinkNotFound, LinkOver, SignInThrottled) as error:
            return _answer(request, error=error)
        return _answer(request, visit=visit, secret=secret)

    @router.post("/s/{secret}")
    def open_link(
        request: Request, secret: str, password: Annotated[str, Form(max_length=_PASSWORD_MAX)] = ""
    ) -> Response:
        try:
            limit.count(remote_address(request))
            visit = sharing.open_link(desk.sharing, secret, password, remote_address(request))
        except LinkPasswordRefused as error:
            return _answer(request, error=error, face=sharing.look_at_link(desk.sharing, secret))
        except (LinkNotFound, LinkOver, SignInThrottled) as error:
            return _answer(request, error=error)
        response = RedirectResponse(f"/s/{secret}", 303, _HEADERS)
        response.set_cookie(
            sharing.visit_cookie(secret),
            visit,
            max_age=int(sharing.VISIT.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=desk.is_https,
        )
        return response


def _answer(
    request: Request,
    *,
    error: FonotekaError | None = None,
    face: sharing.LinkFace | None = None,
    visit: sharing.Visit | None = None,
    secret: str = "",
) -> Response:
    status = 200 if error is None else _STATUS.get(type(error), 410)
    response = page(
        request,
        visitor_of(request, None),
        "link.html",
        status_code=status,
        code="" if error is None else error.code,
        wait_s=error.retry_after_s if isinstance(error, SignInThrottled) else 0,
        face=visit.face if visit else face,
        visit=visit,
        base=f"/api/v1/shared/{secret}",
        heard=[] if visit is None else [(call, _recordings(call)) for call in visit.calls],
        marks_of=marks_of,
    )
    response.headers.update(_HEADERS)
    if isinstance(error, SignInThrottled):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _recordings(call: Call) -> list[tuple[Recording, tuple[Lane, ...]]]:
    """Those that can be heard, without a word of who speaks."""
    return [
        (one, tuple(replace(lane, people="") for lane in lanes_of(call, one)))
        for one in call.recordings
        if one.state is RecordingState.READY
    ]
