"""The pages of topics: the list with starters, and the editor with its trial on real calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fonoteka.archive import find_calls
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.call import Call
from fonoteka.domain.errors import FonotekaError, RequestInvalid, TopicPhraseInvalid, VersionConflict
from fonoteka.domain.query import CallQuery
from fonoteka.domain.topic_notation import parse_phrases
from fonoteka.domain.topic_starters import STARTERS, TopicStarter
from fonoteka.domain.topics import TEXT_CHARACTERS_MAX, WORDED, Topic
from fonoteka.speech import topics
from fonoteka.speech.topics import TopicContent
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text
from fonoteka.web.templates import render
from fonoteka.web.topic_words import phrase_problem
from fonoteka.web.visitor import Visitor
from fonoteka.web.voices import sides_of

Short = Annotated[str, Form(max_length=2_000)]
Text = Annotated[str, Form(max_length=2 * TEXT_CHARACTERS_MAX)]
_TRIED, _COUNTED = 100, timedelta(days=30)
_TOLD = (RequestInvalid, TopicPhraseInvalid, VersionConflict)


def add_topic_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""
    _add_list(router, desk)

    @router.post("/topics/try")
    def try_phrases(request: Request, phrases: Text = "") -> Response:
        visitor = desk.visitor(request)
        found, told = None, ""
        try:
            calls = _worded(desk, desk.actor_of(visitor))
            found = topics.try_phrases(desk.speech, desk.actor_of(visitor), calls, phrases)
        except TopicPhraseInvalid as error:
            told = phrase_problem(visitor.language, error) if phrases.strip() else ""
        lines = _lines(phrases)
        text = render(
            request, visitor, "_topic_trial.html", found=found, told=told, lines=lines, sides_of=sides_of
        )
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})

    _add_editor(router, desk)  # last: a topic's id stands where the words above do


def _add_list(router: APIRouter, desk: Desk) -> None:
    @router.get("/topics")
    def show(request: Request, deleted: str = "") -> Response:
        return _list(desk, request, deleted)

    @router.post("/topics")
    def add(request: Request, starter: Short = "") -> Response:
        visitor = desk.visitor(request)
        code, _, key = starter.partition(".")
        found = next((one for one in STARTERS.get(code, ()) if one.key == key), None)
        if found is None:
            raise RequestInvalid("starter", "There is no such starter.", "body")
        content = TopicContent(found.name, found.description, found.phrases)
        try:
            topics.create_topic(desk.speech, desk.actor_of(visitor), content)
        except RequestInvalid as error:
            return _list(desk, request, told=problem_text(visitor.language, error))
        return RedirectResponse("/topics", 303)

    @router.post("/topics/restore")
    def restore(request: Request, id: Short = "") -> Response:
        visitor = desk.visitor(request)
        try:
            topics.restore_topic(desk.speech, desk.actor_of(visitor), id)
        except RequestInvalid as error:
            return _list(desk, request, told=problem_text(visitor.language, error))
        return RedirectResponse("/topics", 303)

    @router.get("/topics/left")
    def left(request: Request) -> Response:
        visitor = desk.visitor(request)
        waiting = topics.calls_to_reread(desk.speech, desk.actor_of(visitor))
        text = render(request, visitor, "_topics_left.html", waiting=waiting)
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})


def _add_editor(router: APIRouter, desk: Desk) -> None:
    @router.get("/topics/new")
    def new(request: Request) -> Response:
        return _editor(desk, request, None, TopicContent(""))

    @router.get("/topics/{topic_id}")
    def edit(request: Request, topic_id: str) -> Response:
        topic = topics.get_topic(desk.speech, desk.actor(request), topic_id)
        return _editor(desk, request, topic, _content_of(topic))

    @router.post("/topics/{topic_id}")
    def save(
        request: Request,
        topic_id: str,
        do: Short = "save",
        name: Short = "",
        description: Short = "",
        phrases: Text = "",
        active: Short = "",
        alerts: Short = "",
        edits: Short = "",
    ) -> Response:
        actor = desk.actor(request)
        if do == "delete":
            topics.delete_topic(desk.speech, actor, topic_id)
            return RedirectResponse(f"/topics?deleted={topic_id}", 303)
        content = TopicContent(name, description, phrases, bool(active), bool(alerts))
        topic = None
        try:
            if topic_id == "new":
                topics.create_topic(desk.speech, actor, content)
            else:
                topic = topics.get_topic(desk.speech, actor, topic_id)
                looked_at = int(edits) if edits.isascii() and edits.isdigit() and len(edits) < 9 else 0
                topics.save_topic(desk.speech, actor, topic_id, content, looked_at)
        except _TOLD as error:
            return _editor(desk, request, topic, content, error)
        return RedirectResponse("/topics", 303)


def _list(desk: Desk, request: Request, deleted: str = "", told: str = "") -> Response:
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    require(actor, Permission.SPEECH_CHANGE, actor.tenant_id)
    known = topics.list_topics(desk.speech, actor)
    names = {one.name.casefold() for one in known}
    counted = topics.count_topic_calls(desk.speech, actor, desk.speech.now() - _COUNTED)
    return desk.page(
        request,
        visitor,
        "topics.html",
        status_code=422 if told else 200,
        known=known,
        counted=counted,
        phrases_of={one.id: len(parse_phrases(one.phrases)) for one in known},
        starters=_starters(visitor, names),
        waiting=topics.calls_to_reread(desk.speech, actor),
        deleted=deleted,
        told=told,
    )


def _editor(
    desk: Desk,
    request: Request,
    topic: Topic | None,
    content: TopicContent,
    error: FonotekaError | None = None,
) -> Response:
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    require(actor, Permission.SPEECH_CHANGE, actor.tenant_id)
    told = ""
    if isinstance(error, TopicPhraseInvalid):
        told = phrase_problem(visitor.language, error)
    elif error is not None:
        told = problem_text(visitor.language, error)
    return desk.page(
        request,
        visitor,
        "topic.html",
        status_code=200 if error is None else 409 if isinstance(error, VersionConflict) else 422,
        topic=topic,
        content=content,
        told=told,
    )


def _worded(desk: Desk, actor: Actor) -> tuple[Call, ...]:
    query = CallQuery(topic_ids=frozenset({WORDED}), include_unheard=True)
    return find_calls(desk.archive, actor, query, limit=_TRIED).items


def _content_of(topic: Topic) -> TopicContent:
    return TopicContent(topic.name, topic.description, topic.phrases, topic.is_active, topic.alerts)


def _starters(visitor: Visitor, names: set[str]) -> list[tuple[str, list[TopicStarter]]]:
    """Those that are not there yet, the visitor's language first."""
    codes = sorted(STARTERS, key=lambda code: code != visitor.language.code)
    return [(code, [one for one in STARTERS[code] if one.name.casefold() not in names]) for code in codes]


def _lines(phrases: str) -> list[int]:
    try:
        return [line for line, _ in parse_phrases(phrases.replace("\r\n", "\n"))]
    except TopicPhraseInvalid:
        return []
