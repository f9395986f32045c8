"""The pages of scorecard forms: the list, and the editor of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from fonoteka.archive import scores
from fonoteka.domain.access import Permission, require
from fonoteka.domain.errors import FonotekaError, RequestInvalid, VersionConflict
from fonoteka.domain.ids import new_id
from fonoteka.domain.score_forms import (
    Choice,
    FormContent,
    FormState,
    FormVersion,
    Question,
    QuestionKind,
    Section,
)
from fonoteka.domain.score_rules import Metric, MetricRule
from fonoteka.domain.score_starters import STARTERS
from fonoteka.domain.score_topics import TopicRule
from fonoteka.domain.topics import Speaker
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text
from fonoteka.web.score_panel import Fields, whole_number
from fonoteka.web.score_words import ScoreWords
from fonoteka.web.topic_choices import topics_to_choose


def add_score_form_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/scores/forms")
    def list_forms(request: Request) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        require(actor, Permission.SCORE_FORMS, actor.tenant_id)
        return desk.page(
            request,
            visitor,
            "score_forms.html",
            known=scores.list_score_forms(desk.archive, actor),
            words=ScoreWords(visitor.language),
            appeals=scores.count_appeals(desk.archive, actor),
        )

    @router.post("/scores/forms")
    def create(request: Request, fields: Fields) -> Response:
        visitor = desk.visitor(request)
        content = STARTERS[visitor.language.code if visitor.language.code in STARTERS else "en"]
        if fields.get("do") == "empty":
            name = visitor.language.gettext("New scorecard")
            content = FormContent(name, (Section("", (Question(new_id(), ""),)),))
        made = scores.create_score_form(desk.archive, desk.actor_of(visitor), content)
        return RedirectResponse(f"/scores/forms/{made.form_id}", 303)

    @router.get("/scores/forms/{form_id}")
    def show_form(request: Request, form_id: str) -> Response:
        versions = scores.score_form_versions(desk.archive, desk.actor(request), form_id)
        return _editor(desk, request, versions, versions[-1].content)

    @router.post("/scores/forms/{form_id}")
    def change_form(request: Request, form_id: str, fields: Fields) -> Response:
        actor = desk.actor(request)
        versions = scores.score_form_versions(desk.archive, actor, form_id)
        do = fields.get("do", "save")
        looked_at = (whole_number(fields.get("version", "")) or 0, whole_number(fields.get("edits", "")) or 0)
        content = _content(fields)
        try:
            if do == "retire":
                scores.retire_score_form(desk.archive, actor, form_id)
                return RedirectResponse("/scores/forms", 303)
            if do == "discard":
                scores.discard_score_draft(desk.archive, actor, form_id, *looked_at)
                return RedirectResponse("/scores/forms", 303)
            content, anchor = _edited(content, do)
            saved = scores.save_score_form(desk.archive, actor, form_id, content, *looked_at)
            if do == "activate":
                scores.activate_score_form(desk.archive, actor, form_id, saved.version, saved.edits)
                return RedirectResponse("/scores/forms", 303)
        except (RequestInvalid, VersionConflict) as error:
            # What was saved before the refusal is what the next change is based on.
            if isinstance(error, RequestInvalid):
                versions = scores.score_form_versions(desk.archive, actor, form_id)
            return _editor(desk, request, versions, content, error)
        return RedirectResponse(f"/scores/forms/{form_id}{anchor}", 303)


def _editor(
    desk: Desk,
    request: Request,
    versions: tuple[FormVersion, ...],
    content: FormContent,
    error: FonotekaError | None = None,
) -> Response:
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    return desk.page(
        request,
        visitor,
        "score_form.html",
        status_code=200 if error is None else 409 if isinstance(error, VersionConflict) else 422,
        form=versions[-1],
        content=content,
        is_active=any(one.state is FormState.ACTIVE for one in versions),
        kinds=tuple(QuestionKind),
        metrics=tuple(Metric),
        topics=topics_to_choose(desk, actor),
        words=ScoreWords(visitor.language),
        told=problem_text(visitor.language, error) if error else "",
    )


def _edited(content: FormContent, do: str) -> tuple[FormContent, str]:
    """The content with what a button does to it, and where on the page to go on."""
    verb, *places = do.split(".")
    at = [whole_number(one) for one in places]
    sections = [list(one.questions) for one in content.sections]
    titles = [one.title for one in content.sections]
    anchor = ""
    if verb == "section":
        titles.append("")
        sections.append([Question(new_id(), "")])
        anchor = f"#s{len(sections) - 1}"
    elif verb in ("add", "drop", "up") and at and at[0] is not None and at[0] < len(sections):
        section, place = at[0], at[1] if len(at) > 1 else None
        here = sections[section]
        if verb == "add":
            here.append(Question(new_id(), ""))
            anchor = f"#q{section}-{len(here) - 1}"
        elif place is None:
            del sections[section], titles[section]
        elif verb == "drop" and place < len(here):
            del here[place]
            anchor = f"#s{section}"
        elif verb == "up" and 0 < place < len(here):
            here[place - 1 : place + 1] = here[place], here[place - 1]
            anchor = f"#q{section}-{place - 1}"
    made = tuple(Section(title, tuple(some)) for title, some in zip(titles, sections, strict=True))
    return replace(content, sections=made), anchor


def _content(fields: Mapping[str, str]) -> FormContent:
    """What the editor sent."""
    sections = []
    for s in count():
        if f"s{s}.title" not in fields:
            break
        questions = []
        for q in count():
            of = f"s{s}.q{q}."
            if f"{of}id" not in fields:
                break
            questions.append(_question(fields, of))
        sections.append(Section(fields[f"s{s}.title"], tuple(questions)))
    return FormContent(fields.get("name", ""), tuple(sections))


def _question(fields: Mapping[str, str], of: str) -> Question:
    kind = next((one for one in QuestionKind if one == fields.get(f"{of}kind")), QuestionKind.YES_NO)
    return Question(
        id=fields[f"{of}id"],
        text=fields.get(f"{of}text", ""),
        kind=kind,
        weight=_number(fields, f"{of}weight", 1),
        help=fields.get(f"{of}help", ""),
        wanted=fields.get(f"{of}wanted", "1") == "1",
        scale_max=_number(fields, f"{of}scale", 5),
        choices=_choices(fields.get(f"{of}choices", "")) if kind is QuestionKind.CHOICE else (),
        may_not_apply=f"{of}na" in fields,
        fatal=f"{of}fatal" in fields,
        rule=_rule(fields, of) if kind is QuestionKind.YES_NO else None,
    )


def _rule(fields: Mapping[str, str], of: str) -> MetricRule | TopicRule | None:
    metric = next((one for one in Metric if one == fields.get(f"{of}metric")), None)
    if metric is not None:
        return MetricRule(
            metric, whole_number(fields.get(f"{of}least", "")), whole_number(fields.get(f"{of}most", ""))
        )
    if not fields.get(f"{of}topic"):
        return None
    return TopicRule(
        fields[f"{of}topic"],
        fields.get(f"{of}said", "1") == "1",
        next((one for one in Speaker if one == fields.get(f"{of}by")), Speaker.ANYONE),
        whole_number(fields.get(f"{of}within", "")),
        fields.get(f"{of}before", ""),
    )


def _choices(text: str) -> tuple[Choice, ...]:
    """One a line: points, then the text. Without points it is worth nothing."""
    found = []
    for line in text.splitlines():
        points, _, rest = line.strip().partition(" ")
        number = whole_number(points)
        if number is not None:
            found.append(Choice(rest, number))
        elif line.strip():
            found.append(Choice(line.strip(), 0))
    return tuple(found)


def _number(fields: Mapping[str, str], name: str, otherwise: int) -> int:
    number = whole_number(fields.get(name, "").strip())
    return otherwise if number is None else number
