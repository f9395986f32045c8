"""The page of tokens: which programs may ask, for what, until when."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from fonoteka import accounts
from fonoteka.domain.access import ROLE_PERMISSIONS, Permission, Role
from fonoteka.domain.errors import AccessDenied, FonotekaError, RequestInvalid, UserInvalid
from fonoteka.domain.rights import Rights
from fonoteka.web.access_words import AccessWords
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text

_DAYS_MAX = 3_650
_PATH = "/users/tokens"
_MADE_COOKIE = "fonoteka_made_token"
"""Brings a new token from the answer that made it to the page that shows it."""
_SHOWN_WITHIN_S = 60


def add_token_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/users/tokens")
    def show_tokens(request: Request) -> Response:
        made = request.cookies.get(_MADE_COOKIE, "")
        if not made:
            return _page(desk, request)
        secret, _, name = unquote(made).partition(" ")
        answer = _page(desk, request, secret=secret, name=name)
        answer.delete_cookie(_MADE_COOKIE, path=_PATH)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @router.post("/users/tokens")
    def create(
        request: Request,
        name: Annotated[str, Form(max_length=1_000)] = "",
        permission: Annotated[list[Permission] | None, Form(max_length=100)] = None,
        days: Annotated[int, Form(ge=0, le=_DAYS_MAX)] = 0,
    ) -> Response:
        actor = desk.actor(request)
        wanted = frozenset(permission or ())
        given = Rights(added=wanted, removed=ROLE_PERMISSIONS[Role.AGENT] - wanted)
        until = desk.accounts.now() + timedelta(days=days) if days else None
        try:
            if not wanted:
                raise UserInvalid("permission", "Choose at least one thing that the program may do.")
            secret = accounts.create_token(
                desk.accounts, name, actor, role=Role.AGENT, rights=given, expires_at=until
            )
        except (UserInvalid, RequestInvalid, AccessDenied) as error:
            return _page(desk, request, error, name=name, chosen=wanted)
        # Shown by the next page, once: loading this answer again would make another token.
        answer = RedirectResponse(_PATH, 303)
        answer.set_cookie(
            _MADE_COOKIE,
            quote(f"{secret} {name}"),
            max_age=_SHOWN_WITHIN_S,
            path=_PATH,
            httponly=True,
            samesite="strict",
            secure=desk.is_https,
        )
        return answer

    @router.post("/users/tokens/revoke")
    def revoke(request: Request, id: Annotated[str, Form(max_length=64)]) -> Response:
        accounts.revoke_token(desk.accounts, id, desk.actor(request))
        return RedirectResponse("/users/tokens", 303)


def _page(
    desk: Desk,
    request: Request,
    error: FonotekaError | None = None,
    *,
    secret: str = "",
    name: str = "",
    chosen: frozenset[Permission] = frozenset(),
) -> Response:
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    names = {one.id: one.name for one in accounts.list_users(desk.accounts, actor)}
    return desk.page(
        request,
        visitor,
        "tokens.html",
        status_code=422 if error else 200,
        tokens=accounts.list_tokens(desk.accounts, actor),
        makers=names,
        now=visitor.formats.now,
        words=AccessWords(visitor.language),
        permissions=sorted(actor.granted),
        told=problem_text(visitor.language, error) if error else "",
        secret=secret,
        name=name,
        chosen=chosen,
    )
