"""What a visitor chooses for this browser: the language and the theme."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from fonoteka.web.desk import Desk
from fonoteka.web.languages import LANGUAGES
from fonoteka.web.security import local_address
from fonoteka.web.visitor import LANGUAGE_COOKIE, THEME_COOKIE, THEMES

_YEAR_S = 365 * 86_400


def add_preference_pages(router: APIRouter, desk: Desk) -> None:
    """Add the page to the router; it needs nobody signed in."""

    @router.post("/preferences")
    def choose(
        language: Annotated[str, Form()] = "",
        theme: Annotated[str, Form()] = "",
        next: Annotated[str, Form(max_length=4000)] = "/calls",
    ) -> Response:
        response = RedirectResponse(local_address(next), 303)
        if language in LANGUAGES:
            _keep(desk, response, LANGUAGE_COOKIE, language)
        if theme in THEMES:
            _keep(desk, response, THEME_COOKIE, theme)
        return response


def _keep(desk: Desk, response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=_YEAR_S, samesite="lax", httponly=True, secure=desk.is_https)
