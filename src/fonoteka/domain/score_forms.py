"""Scorecard forms: what is asked of a call, how much each answer counts, and what makes the whole score 0.

A form has versions. One that calls were marked with is never changed: editing it makes a draft beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from fonoteka.domain.annotations import checked_text
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.score_rules import MetricRule, checked_rule
from fonoteka.domain.score_topics import TopicRule, checked_topic_rule

FORMS_MAX = 100
VERSIONS_MAX = 200
"""Of one form."""
SECTIONS_MAX, QUESTIONS_MAX, CHOICES_MAX = 20, 60, 10
CHOICES_MIN = 2
NAME_CHARACTERS_MAX, TEXT_CHARACTERS_MAX, HELP_CHARACTERS_MAX = 100, 300, 1_000
ID_CHARACTERS_MAX = 40
WEIGHT_MAX, POINTS_MAX = 100, 100
SCALE_MIN, SCALE_MAX = 1, 10


class QuestionKind(StrEnum):
    """How a question is answered."""

    YES_NO = "yes_no"
    SCALE = "scale"
    """A number from 0 to `scale_max`."""
    CHOICE = "choice"
    """One of several, each with points."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A possible answer. Of the question's weight it earns its share of the most points of any choice."""

    text: str
    points: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question. Its `id` stays in all versions, so that results can be told over them.

    Of a yes-or-no question `wanted` is the right answer. A `fatal` one whose answer earns nothing makes the
    whole score 0. With a `rule` a machine answers it (yes-or-no questions alone).
    """

    id: str
    text: str
    kind: QuestionKind = QuestionKind.YES_NO
    weight: int = 1
    help: str = ""
    wanted: bool = True
    scale_max: int = 5
    choices: tuple[Choice, ...] = ()
    may_not_apply: bool = False
    fatal: bool = False
    rule: MetricRule | TopicRule | None = None

    @property
    def values(self) -> range:
        """The values that an answer may have: 0 no, 1 yes; the scale; the index of a choice."""
        counts = {
            QuestionKind.YES_NO: 2,
            QuestionKind.SCALE: self.scale_max + 1,
            QuestionKind.CHOICE: len(self.choices),
        }
        return range(counts[self.kind])


@dataclass(frozen=True, slots=True)
class Section:
    """Questions under one title."""

    title: str
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class FormContent:
    """What a version of a form says."""

    name: str
    sections: tuple[Section, ...] = ()

    @property
    def questions(self) -> Iterator[Question]:
        """All questions in order."""
        return (one for section in self.sections for one in section.questions)

    def question(self, question_id: str) -> Question | None:
        """The question with that id."""
        return next((one for one in self.questions if one.id == question_id), None)


class FormState(StrEnum):
    """Of a version. A form has at most one draft and one that is active."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class FormVersion:
    """A version of a form, from 1. `edits` counts how often the draft was saved."""

    form_id: str
    tenant_id: str
    version: int
    state: FormState
    content: FormContent = field(hash=False)
    author_id: str
    author_name: str
    at: datetime
    edits: int = 1


def checked_form(content: FormContent, *, complete: bool) -> FormContent:
    """The content as it is kept. `complete`: as it must be to mark calls with, else as a draft may be.

    Raises `RequestInvalid` (field `name`, or `sections` with the question's place in the text).
    """
    name = _line("name", content.name, NAME_CHARACTERS_MAX)
    if not name:
        raise RequestInvalid("name", "A form needs a name.", "body")
    if len(content.sections) > SECTIONS_MAX:
        raise RequestInvalid("sections", f"A form has at most {SECTIONS_MAX} sections.", "body")
    questions = list(content.questions)
    if len(questions) > QUESTIONS_MAX:
        raise RequestInvalid("sections", f"A form has at most {QUESTIONS_MAX} questions.", "body")
    twice = [id_ for id_, count in Counter(one.id for one in questions).items() if count > 1]
    if twice:
        raise RequestInvalid("sections", "Two questions have one id.", "body")
    if complete and not any(one.weight for one in questions):
        raise RequestInvalid("sections", "A form needs a question with a weight.", "body")
    place = iter(range(1, len(questions) + 1))
    sections = tuple(
        Section(
            _line("sections", one.title, NAME_CHARACTERS_MAX),
            tuple(_checked(question, next(place), complete) for question in one.questions),
        )
        for one in content.sections
    )
    return FormContent(name, sections)


def _checked(question: Question, place: int, complete: bool) -> Question:
    def refuse(what: str) -> RequestInvalid:
        return RequestInvalid("sections", f"Question {place}: {what}", "body")

    if not question.id or len(question.id) > ID_CHARACTERS_MAX or not question.id.isprintable():
        raise refuse(f"an id has 1 to {ID_CHARACTERS_MAX} printable characters.")
    text = _line("sections", question.text, TEXT_CHARACTERS_MAX)
    if complete and not text:
        raise refuse("the text is missing.")
    if not 0 <= question.weight <= WEIGHT_MAX:
        raise refuse(f"a weight is 0 to {WEIGHT_MAX}.")
    if question.kind is QuestionKind.SCALE and not SCALE_MIN <= question.scale_max <= SCALE_MAX:
        raise refuse(f"a scale ends at {SCALE_MIN} to {SCALE_MAX}.")
    if question.rule is not None and question.kind is not QuestionKind.YES_NO:
        raise refuse("a machine answers yes-or-no questions alone.")
    try:
        rule = _checked_rule(question.rule)
    except ValueError as error:
        raise refuse(str(error)) from error
    choices = _checked_choices(question, refuse, complete)
    help_ = checked_text("sections", question.help, HELP_CHARACTERS_MAX)
    return replace(question, text=text, help=help_, choices=choices, rule=rule)


def _checked_rule(rule: MetricRule | TopicRule | None) -> MetricRule | TopicRule | None:
    if isinstance(rule, TopicRule):
        return checked_topic_rule(rule)
    return None if rule is None else checked_rule(rule)


def _checked_choices(
    question: Question, refuse: Callable[[str], RequestInvalid], complete: bool
) -> tuple[Choice, ...]:
    if question.kind is not QuestionKind.CHOICE:
        return ()
    if len(question.choices) > CHOICES_MAX:
        raise refuse(f"there are at most {CHOICES_MAX} choices.")
    if any(not 0 <= one.points <= POINTS_MAX for one in question.choices):
        raise refuse(f"points are 0 to {POINTS_MAX}.")
    choices = tuple(
        Choice(_line("sections", one.text, TEXT_CHARACTERS_MAX), one.points) for one in question.choices
    )
    if complete and (len(choices) < CHOICES_MIN or any(not one.text for one in choices)):
        raise refuse(f"{CHOICES_MIN} choices or more are needed, each with a text.")
    if complete and not any(one.points for one in choices):
        raise refuse("a choice with points is needed.")
    return choices


def _line(field: str, text: str, characters_max: int) -> str:
    return " ".join(checked_text(field, text, characters_max).split())
