"""Who looks at a page: the actor if signed in, the language, the time zone, the theme."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from fastapi import Request

from fonoteka.domain.access import Actor
from fonoteka.domain.windows import zone_names
from fonoteka.web.formats import Formats
from fonoteka.web.languages import Language, choose_language

LANGUAGE_COOKIE = "fonoteka_language"
THEME_COOKIE = "fonoteka_theme"
ZONE_COOKIE = "fonoteka_zone"  # set by static/js/shell.js from the browser's own zone

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Visitor:
    """One request's person. `actor` is None before sign-in."""

    actor: Actor | None
    language: Language
    theme: str
    formats: Formats


def visitor_of(request: Request, actor: Actor | None) -> Visitor:
    """Read the visitor's choices from cookies and headers; anything unknown falls back silently."""
    language = choose_language(
        request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", "")
    )
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return Visitor(
        actor=actor,
        language=language,
        theme=theme if theme in THEMES else "auto",
        formats=Formats(language, _zone(request.cookies.get(ZONE_COOKIE, "")), datetime.now(UTC)),
    )


def _zone(name: str) -> tzinfo:
    if name in zone_names():
        return ZoneInfo(name)
    return datetime.now().astimezone().tzinfo or UTC
