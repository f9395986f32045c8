"""Signing in with a password or a one-time link, and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from fonoteka.accounts import redeem_sign_in_link, sign_in, sign_out
from fonoteka.domain.errors import FonotekaError, SignInRefused, SignInRequired, SignInThrottled
from fonoteka.web.desk import SESSION_COOKIE, Desk, remote_address, user_agent
from fonoteka.web.security import local_address
from fonoteka.web.templates import page
from fonoteka.web.visitor import visitor_of

_FIELD_MAX = 300


def add_sign_in_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/sign-in")
    def show_sign_in(request: Request, next: str = "/calls") -> Response:
        return _form(request, next, "")

    @router.post("/sign-in")
    def take_sign_in(
        request: Request,
        login: Annotated[str, Form(max_length=_FIELD_MAX)] = "",
        password: Annotated[str, Form(max_length=_FIELD_MAX)] = "",
        next: Annotated[str, Form(max_length=4000)] = "/calls",
    ) -> Response:
        try:
            secret = sign_in(
                desk.accounts, login.strip(), password, remote_address(request), user_agent(request)
            )
        except (SignInRefused, SignInThrottled) as error:
            return _form(request, next, login, error)
        return _welcome(desk, secret, next)

    @router.get("/sign-in/link/{secret}")
    def show_link(request: Request, secret: str) -> Response:
        # A preview in a messenger or a mail scanner opens addresses too: looking must not use the link up.
        return page(request, visitor_of(request, None), "sign_in_link.html", refused=False)

    @router.post("/sign-in/link/{secret}")
    def take_link(request: Request, secret: str) -> Response:
        try:
            session = redeem_sign_in_link(desk.accounts, secret, remote_address(request), user_agent(request))
        except (SignInRequired, SignInRefused):
            return page(
                request, visitor_of(request, None), "sign_in_link.html", status_code=403, refused=True
            )
        return _welcome(desk, session, "/calls")

    @router.post("/sign-out")
    def leave(request: Request) -> Response:
        secret = request.cookies.get(SESSION_COOKIE)
        if secret:
            sign_out(desk.accounts, secret)
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=desk.is_https)
        return response


def _form(request: Request, next: str, login: str, error: FonotekaError | None = None) -> Response:
    status_code = 200 if error is None else 429 if isinstance(error, SignInThrottled) else 403
    response = page(
        request,
        visitor_of(request, None),
        "sign_in.html",
        status_code=status_code,
        next=local_address(next),
        login=login,
        refused=isinstance(error, SignInRefused),
        attempts_left=error.context.get("attempts_left") if error else None,
        wait_s=error.context.get("wait_s", error.context.get("retry_after_s")) if error else None,
    )
    if isinstance(error, SignInThrottled):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _welcome(desk: Desk, secret: str, next: str) -> Response:
    response = RedirectResponse(local_address(next), 303)
    desk.keep_session(response, secret)
    return response
