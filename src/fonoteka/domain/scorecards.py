"""Marking a call by a form: answers, the score that they make, and what becomes of it afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from fonoteka.domain.annotations import checked_text
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.score_forms import FormContent, Question, QuestionKind
from fonoteka.domain.score_rules import MachineAnswer

COMMENT_CHARACTERS_MAX = 1_000
SUMMARY_CHARACTERS_MAX = 4_000
APPEAL_CHARACTERS_MAX = 2_000
EVALUATIONS_OF_CALL_MAX = 50
SUBMISSIONS_MAX = 50
"""So often one evaluation can be submitted: reopened, appealed."""
MOMENT_MS_MAX = 2**53


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question. `value` as `Question.values` tells; None with `not_applicable`, or none yet.

    `comment` may be tied to a moment: `at_ms` of `recording_id`. `machine` is what the machine answered; who
    says otherwise gives a reason in `comment`.
    """

    question_id: str
    value: int | None = None
    not_applicable: bool = False
    comment: str = ""
    recording_id: str | None = None
    at_ms: int | None = None
    machine: MachineAnswer | None = None

    @property
    def is_given(self) -> bool:
        """Whether there is an answer at all."""
        return self.not_applicable or self.value is not None

    @property
    def is_overruled(self) -> bool:
        """Whether a person said otherwise than the machine."""
        return self.machine is not None and self.is_given and self.value != self.machine.value


@dataclass(frozen=True, slots=True)
class Score:
    """What answers make of a form.

    `tenths` is the score in tenths of a percent (0 to 1000), halves up; None while a question waits (unless
    it is 0 whatever the answer), or where nothing with a weight applies. `failed` are the ids of auto-fail
    questions that failed, `missing` of those without an answer.
    """

    tenths: int | None
    failed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def share_of(question: Question, value: int) -> Fraction:
    """Which part of its weight an answer earns, 0 to 1."""
    if question.kind is QuestionKind.YES_NO:
        return Fraction(int(bool(value) is question.wanted))
    if question.kind is QuestionKind.SCALE:
        return Fraction(value, question.scale_max)
    most = max(one.points for one in question.choices)
    return Fraction(question.choices[value].points, most) if most else Fraction(0)


def score_of(form: FormContent, answers: Mapping[str, Answer]) -> Score:
    """The score, exact. Questions that do not apply are taken out of the weight.

    An auto-fail question whose answer earns nothing makes it 0, whatever the other answers are.
    """
    earned, whole = Fraction(0), 0
    failed, missing = [], []
    for question in form.questions:
        answer = answers.get(question.id)
        if answer is None or not answer.is_given:
            missing.append(question.id)
        elif answer.value is not None:
            share = share_of(question, answer.value)
            earned += question.weight * share
            whole += question.weight
            if question.fatal and not share:
                failed.append(question.id)
    tenths: int | None = None
    if failed:
        tenths = 0
    elif whole and not missing:
        tenths = tenths_of(earned / whole)
    return Score(tenths, tuple(failed), tuple(missing))


def tenths_of(share: Fraction) -> int:
    """A share (0 to 1) in tenths of a percent, halves up."""
    return int((2_000 * share + 1) // 2)


def merged_answers(
    form: FormContent, given: Iterable[Answer], machine: Mapping[str, MachineAnswer]
) -> dict[str, Answer]:
    """The answers that count, in the order of the form: a person's, else the machine's."""
    by_id = {one.question_id: one for one in given}
    found = {}
    for question in form.questions:
        known = replace(by_id.get(question.id, Answer(question.id)), machine=machine.get(question.id))
        if not known.is_given and known.machine is not None:
            known = replace(known, value=known.machine.value)
        found[question.id] = known
    return found


def checked_answers(form: FormContent, answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """The answers as they are kept, in the form's order. Raises `RequestInvalid` (field `answers`)."""
    known = {one.question_id: one for one in answers}
    unknown = [one for one in known if form.question(one) is None]
    if unknown:
        raise RequestInvalid("answers", "There is no such question in the form.", "body")
    return tuple(
        _checked(question, known[question.id]) for question in form.questions if question.id in known
    )


def check_complete(form: FormContent, answers: Mapping[str, Answer]) -> None:
    """Raise `RequestInvalid` (field `answers`) unless each question has an answer, and reasons are given."""
    for place, question in enumerate(form.questions, 1):
        answer = answers[question.id]
        if not answer.is_given:
            raise RequestInvalid("answers", f"Question {place} has no answer.", "body")
        if answer.is_overruled and not answer.comment:
            what = f"Question {place}: say why the machine's answer is wrong."
            raise RequestInvalid("answers", what, "body")


def _checked(question: Question, answer: Answer) -> Answer:
    if answer.not_applicable and (answer.value is not None or not question.may_not_apply):
        raise RequestInvalid("answers", "This question always applies, or has an answer too.", "body")
    if answer.value is not None and answer.value not in question.values:
        raise RequestInvalid("answers", f"An answer is 0 to {len(question.values) - 1}.", "body")
    if (answer.recording_id is None) != (answer.at_ms is None):
        raise RequestInvalid("answers", "A moment needs a recording and its milliseconds.", "body")
    if answer.at_ms is not None and not 0 <= answer.at_ms <= MOMENT_MS_MAX:
        raise RequestInvalid("answers", "The moment lies outside the recording.", "body")
    comment = checked_text("answers", answer.comment, COMMENT_CHARACTERS_MAX)
    return replace(answer, comment=comment, machine=None)


class EvaluationState(StrEnum):
    """How far an evaluation is."""

    DRAFT = "draft"
    """Nobody but its evaluator sees it."""
    SUBMITTED = "submitted"
    REOPENED = "reopened"
    """Is being changed; until it is submitted again, the last submission counts."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one evaluator says of one agent's part of a call.

    `answers` and `summary` are being worked on; `version` counts submissions, of which `score_tenths` and
    `failed` are those of the last. `edits` grows with each save. `agent` is an own number.
    """

    id: str
    tenant_id: str
    call_id: str
    started_at: datetime
    """The call's."""
    form_id: str
    form_version: int
    evaluator_id: str
    evaluator_name: str
    agent: str
    state: EvaluationState
    created_at: datetime
    changed_at: datetime
    answers: tuple[Answer, ...] = field(default=(), hash=False)
    summary: str = ""
    version: int = 0
    edits: int = 1
    score_tenths: int | None = None
    failed: bool = False
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A version of an evaluation, as it was submitted: it never changes."""

    evaluation_id: str
    version: int
    answers: tuple[Answer, ...]
    summary: str
    score_tenths: int | None
    failed: bool
    author_id: str
    author_name: str
    at: datetime


class AppealState(StrEnum):
    """What became of an appeal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    """The evaluation was reopened."""
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Appeal:
    """An agent's word against a submission, and the answer to it. There is one for a submission."""

    id: str
    evaluation_id: str
    version: int
    text: str
    author_id: str
    author_name: str
    at: datetime
    state: AppealState = AppealState.OPEN
    answer: str = ""
    answered_by_id: str | None = None
    answered_by_name: str | None = None
    answered_at: datetime | None = None
