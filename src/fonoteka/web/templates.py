"""Jinja templates, one environment a language."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from fonoteka.domain.access import Permission, may
from fonoteka.web.assets import assets_address
from fonoteka.web.browser_names import browser_name
from fonoteka.web.languages import LANGUAGES, Language
from fonoteka.web.profile_words import profile_choices, profile_name
from fonoteka.web.visitor import THEMES, Visitor


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=PackageLoader("fonoteka.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined]
        language.translations, newstyle=True
    )
    environment.globals.update(
        assets=assets_address(),
        languages=tuple(LANGUAGES.values()),
        themes=THEMES,
        Permission=Permission,
        profile_name=profile_name,
        profile_choices=profile_choices,
        browser_name=browser_name,
    )
    return environment


_ENVIRONMENTS = {code: _environment(language) for code, language in LANGUAGES.items()}


def render(request: Request, visitor: Visitor, name: str, /, **values: Any) -> str:
    """The text of a template for that visitor."""

    values.setdefault("first_call", False)
    values.setdefault("companies", ())
    values.setdefault("own", visitor.actor)

    def allowed(permission: Permission) -> bool:
        actor = visitor.actor
        return actor is not None and may(actor, permission, actor.tenant_id)

    return (
        _ENVIRONMENTS[visitor.language.code]
        .get_template(name)
        .render(
            visitor=visitor,
            formats=visitor.formats,
            language=visitor.language,
            here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            request_path=request.url.path,
            nonce=getattr(request.state, "nonce", ""),
            allowed=allowed,
            **values,
        )
    )


def page(
    request: Request, visitor: Visitor, name: str, /, status_code: int = 200, **values: Any
) -> HTMLResponse:
    """A page as a response that a browser may keep but must ask about again."""
    return HTMLResponse(
        render(request, visitor, name, **values),
        status_code,
        {"Cache-Control": "private, no-cache", "Vary": "Cookie, Accept-Language"},
    )
