"""The scorecards of a call, beside its player: filled in, submitted, opened again, appealed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from fonoteka.archive import get_call, scores
from fonoteka.archive.scores import Sheet
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.errors import (
    AppealClosed,
    EvaluationClosed,
    FonotekaError,
    RequestInvalid,
    ScoreFormNotFound,
    VersionConflict,
)
from fonoteka.domain.score_forms import FormState
from fonoteka.domain.score_rules import MachineAnswer
from fonoteka.domain.scorecards import Answer, merged_answers
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text
from fonoteka.web.score_words import ScoreWords
from fonoteka.web.templates import page
from fonoteka.web.topic_choices import topics_to_choose

_FIELDS_MAX = 1_000
_TOLD = (RequestInvalid, VersionConflict, EvaluationClosed, AppealClosed, ScoreFormNotFound)
"""What a person may have done wrong: said in its place."""


async def read_fields(request: Request) -> dict[str, str]:
    """The text fields of a form that was sent, of several with one name the last."""
    form = await request.form(max_fields=_FIELDS_MAX, max_files=0)
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


Fields = Annotated[dict[str, str], Depends(read_fields)]


def add_score_panel(router: APIRouter, desk: Desk) -> None:
    """Add the panel and what it does to the router."""
    _add_filling(router, desk)
    _add_appeals(router, desk)


def _add_filling(router: APIRouter, desk: Desk) -> None:
    @router.get("/calls/{call_id}/scores")
    def show(request: Request, call_id: str, evaluation: str = "") -> Response:
        return _panel(desk, request, call_id, evaluation)

    @router.get("/evaluations/{evaluation_id}")
    def go(request: Request, evaluation_id: str) -> Response:
        call_id = scores.get_evaluation(desk.archive, desk.actor(request), evaluation_id).evaluation.call_id
        return RedirectResponse(f"/calls/{call_id}?evaluation={evaluation_id}#scores", 303)

    @router.post("/calls/{call_id}/scores")
    def begin(request: Request, call_id: str, fields: Fields) -> Response:
        actor = desk.actor(request)
        try:
            # A field named “form” would hide the form from htmx.
            form_id, agent = fields.get("by", ""), fields.get("agent", "")
            begun = scores.begin_evaluation(desk.archive, actor, call_id, form_id, agent)
        except _TOLD as error:
            return _panel(desk, request, call_id, "", error)
        return _panel(desk, request, call_id, begun.evaluation.id)

    @router.post("/evaluations/{evaluation_id}/save")
    def save(request: Request, evaluation_id: str, fields: Fields) -> Response:
        def change(actor: Actor, known: Sheet) -> None:
            saved = scores.save_evaluation(
                desk.archive,
                actor,
                evaluation_id,
                _answers(known, fields),
                fields.get("summary", ""),
                whole_number(fields.get("edits", "")) or 0,
            )
            if fields.get("do") == "submit":
                scores.submit_evaluation(desk.archive, actor, evaluation_id, saved.evaluation.edits)

        return _changed(desk, request, evaluation_id, change, draft=fields)


def _add_appeals(router: APIRouter, desk: Desk) -> None:
    @router.post("/evaluations/{evaluation_id}/reopen")
    def reopen(request: Request, evaluation_id: str) -> Response:
        def change(actor: Actor, known: Sheet) -> None:
            scores.reopen_evaluation(desk.archive, actor, evaluation_id)

        return _changed(desk, request, evaluation_id, change)

    @router.post("/evaluations/{evaluation_id}/discard")
    def discard(request: Request, evaluation_id: str) -> Response:
        def change(actor: Actor, known: Sheet) -> None:
            scores.discard_evaluation(desk.archive, actor, evaluation_id)

        return _changed(desk, request, evaluation_id, change, is_gone=True)

    @router.post("/evaluations/{evaluation_id}/appeal")
    def appeal(request: Request, evaluation_id: str, fields: Fields) -> Response:
        def change(actor: Actor, known: Sheet) -> None:
            scores.appeal_evaluation(desk.archive, actor, evaluation_id, fields.get("text", ""))

        return _changed(desk, request, evaluation_id, change)

    @router.post("/evaluations/{evaluation_id}/answer")
    def answer(request: Request, evaluation_id: str, fields: Fields) -> Response:
        def change(actor: Actor, known: Sheet) -> None:
            accepts = fields.get("do") == "accept"
            scores.answer_appeal(desk.archive, actor, evaluation_id, accepts, fields.get("text", ""))

        return _changed(desk, request, evaluation_id, change)


def _changed(
    desk: Desk,
    request: Request,
    evaluation_id: str,
    change: Callable[[Actor, Sheet], None],
    *,
    is_gone: bool = False,
    draft: Mapping[str, str] | None = None,
) -> Response:
    actor = desk.actor(request)
    known = scores.get_evaluation(desk.archive, actor, evaluation_id)
    error: FonotekaError | None = None
    try:
        change(actor, known)
    except _TOLD as told:
        error = told
    chosen = "" if is_gone and error is None else evaluation_id
    return _panel(desk, request, known.evaluation.call_id, chosen, error, draft if error else None)


def _panel(
    desk: Desk,
    request: Request,
    call_id: str,
    chosen_id: str,
    error: FonotekaError | None = None,
    draft: Mapping[str, str] | None = None,
) -> Response:
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    call = get_call(desk.archive, actor, call_id)
    known = scores.evaluations_of_call(desk.archive, actor, call_id)
    chosen = next((one for one in known if one.evaluation.id == chosen_id), None)
    if chosen is not None and draft is not None and chosen.may_edit:
        # What could not be saved stays on the page.
        written = merged_answers(
            chosen.form.content, _answers(chosen, draft), _machine_answers(chosen.answers)
        )
        chosen = replace(chosen, answers=written, summary=draft.get("summary", ""))
    gives = may(actor, Permission.SCORE_GIVE, actor.tenant_id)
    forms = scores.list_score_forms(desk.archive, actor) if gives else ()
    return page(
        request,
        visitor,
        "_score_panel.html",
        call=call,
        sheets=known,
        chosen=chosen,
        forms=[one for one in forms if one.state is FormState.ACTIVE],
        agents=scores.agents_to_mark(desk.archive, actor, call_id) if forms else (),
        words=ScoreWords(visitor.language),
        topics=dict(topics_to_choose(desk, actor)),
        told=problem_text(visitor.language, error) if error else "",
    )


def _answers(known: Sheet, fields: Mapping[str, str]) -> list[Answer]:
    """The answers that the panel sent. What repeats the machine's answer leaves it to the machine."""
    found = []
    for question in known.form.content.questions:
        given = fields.get(f"v.{question.id}", "")
        value = whole_number(given)
        comment = fields.get(f"c.{question.id}", "")
        machine = known.answers[question.id].machine
        if machine is not None and value == machine.value:
            value = None
        recording_id, at_ms = (
            fields.get(f"r.{question.id}", ""),
            whole_number(fields.get(f"t.{question.id}", "")),
        )
        has_moment = bool(recording_id) and at_ms is not None
        found.append(
            Answer(
                question.id,
                value,
                given == "na",
                comment,
                recording_id if has_moment else None,
                at_ms if has_moment else None,
            )
        )
    return found


def _machine_answers(answers: Mapping[str, Answer]) -> dict[str, MachineAnswer]:
    return {key: one.machine for key, one in answers.items() if one.machine is not None}


def whole_number(text: str) -> int | None:
    """A number of up to 15 digits, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
