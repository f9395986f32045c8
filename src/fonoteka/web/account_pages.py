"""The page of the own account: the password, and the browsers that are signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from fonoteka import accounts
from fonoteka.domain.access import OF_CALLS
from fonoteka.domain.errors import FonotekaError, SignInThrottled, UserInvalid
from fonoteka.web.access_words import AccessWords
from fonoteka.web.desk import SESSION_COOKIE, Desk
from fonoteka.web.problem_words import problem_text

Password = Annotated[str, Form(max_length=2_000)]


def add_account_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/account")
    def show_account(request: Request, done: str = "") -> Response:
        return _page(desk, request, is_done=done == "password")

    @router.post("/account/password")
    def set_password(
        request: Request, old_password: Password = "", new_password: Password = "", again: Password = ""
    ) -> Response:
        actor = desk.actor(request)
        secret = request.cookies.get(SESSION_COOKIE, "")
        try:
            if new_password != again:
                raise UserInvalid("again", "The two passwords differ.")
            accounts.change_password(desk.accounts, actor, secret, old_password, new_password)
        except (UserInvalid, SignInThrottled) as error:
            return _page(desk, request, error)
        return RedirectResponse("/account?done=password", 303)

    @router.post("/account/sign-out")
    def end_session(request: Request, id: Annotated[str, Form(max_length=64)]) -> Response:
        accounts.end_session(desk.accounts, desk.actor(request), id)
        return RedirectResponse("/account", 303)

    @router.post("/account/sign-out-others")
    def end_others(request: Request) -> Response:
        secret = request.cookies.get(SESSION_COOKIE, "")
        accounts.end_other_sessions(desk.accounts, desk.actor(request), secret)
        return RedirectResponse("/account", 303)


def _page(
    desk: Desk, request: Request, error: FonotekaError | None = None, *, is_done: bool = False
) -> Response:
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    return desk.page(
        request,
        visitor,
        "account.html",
        status_code=422 if error else 200,
        sessions=accounts.list_sessions(desk.accounts, actor),
        current=accounts.session_id_of(desk.accounts, request.cookies.get(SESSION_COOKIE, "")),
        has_password=accounts.has_password(desk.accounts, actor),
        words=AccessWords(visitor.language),
        permissions=[one for one in actor.granted if one in OF_CALLS],
        told=problem_text(visitor.language, error) if error else "",
        wrong=str(error.context.get("field", "")) if error else "",
        is_done=is_done,
    )
