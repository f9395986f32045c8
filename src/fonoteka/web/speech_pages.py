"""How calls are read by machine: the language of a company's calls and of its groups'."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from fonoteka.domain.errors import LanguageInvalid
from fonoteka.speech import change_languages, language_groups, speech_languages, speech_progress
from fonoteka.speech.models import languages_in_use
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text
from fonoteka.web.url_form import GivenForm

_FIELD = "language-"


def add_speech_pages(router: APIRouter, desk: Desk) -> None:
    """Add the page to the router."""

    def show(request: Request, given: dict[str, str] | None, told: str = "") -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        languages = speech_languages(desk.speech, actor)
        engine = desk.speech.engine
        return desk.page(
            request,
            visitor,
            "speech.html",
            status_code=422 if told else 200,
            spoken=languages if given is None else given,
            groups=language_groups(desk.speech, actor),
            engine=engine.kind.value,
            models=languages_in_use(engine.models),
            waiting=speech_progress(desk.speech),
            told=told,
        )

    @router.get("/speech")
    def show_speech(request: Request) -> Response:
        return show(request, None)

    @router.post("/speech")
    def save_speech(request: Request, form: GivenForm) -> Response:
        actor = desk.actor(request)
        given = {
            name.removeprefix(_FIELD): str(text).strip().lower()
            for name, text in form.items()
            if name.startswith(_FIELD)
        }
        try:
            change_languages(desk.speech, actor, given)
        except LanguageInvalid as error:
            return show(request, given, problem_text(desk.visitor(request).language, error))
        return RedirectResponse("/speech", 303)
