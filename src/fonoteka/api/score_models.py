"""Evaluations and their results as the API reads and writes them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from fonoteka.api.instants import Instant
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.api.score_form_models import EDITS, FormVersion
from fonoteka.archive.scores import Sheet
from fonoteka.domain import score_forms as forms
from fonoteka.domain import scorecards as domain
from fonoteka.domain.scorecards import AppealState, EvaluationState


class MachineAnswer(Given):
    """What a machine answered."""

    value: int = Field(description="1 yes, 0 no.")
    figure: float | None = Field(
        description="The figure that it saw, in the unit of its rule; of a topic the second at which it is"
        " heard first, null where it is not."
    )


class Answer(Given):
    """An answer to a question."""

    question_id: str = Field(description="The question's.")
    value: int | None = Field(
        description="0 no, 1 yes; a number of the scale; the place of the choice, from 0. Null: none."
    )
    not_applicable: bool = Field(description="The question does not apply.")
    comment: str = Field(description="May be empty.")
    recording_id: str | None = Field(description="Of the moment that the comment is about.")
    at_ms: int | None = Field(description="That moment, in milliseconds from the recording's start.")
    machine: MachineAnswer | None = Field(description="Null: no rule, or nothing known.")


class NewAnswer(Given):
    """An answer to give; a moment needs both its recording and its milliseconds."""

    question_id: PlainText = Field(description="The question's.", max_length=100)
    value: int | None = Field(None, description="As in `Answer`.", examples=[1], ge=-1, le=2**31)
    not_applicable: bool = Field(False, description="The question does not apply.")
    comment: str = Field(
        "",
        description="Why. Needed where it is not what the machine answered.",
        max_length=domain.COMMENT_CHARACTERS_MAX,
    )
    recording_id: PlainText | None = Field(None, description="A recording of the call.", max_length=100)
    at_ms: int | None = Field(None, description="Milliseconds from its start.", ge=0, le=2**53)

    def as_answer(self) -> domain.Answer:
        """As the rooms take it."""
        return domain.Answer(**self.model_dump())


class Score(Given):
    """A score."""

    tenths: int | None = Field(description="Tenths of a percent, 0 to 1000; null: not known yet, or none.")
    failed: tuple[str, ...] = Field(description="Auto-fail questions that failed.")
    missing: tuple[str, ...] = Field(description="Questions without an answer.")


class Submission(Given):
    """A version of an evaluation: it never changes."""

    version: int = Field(description="From 1.")
    answers: tuple[Answer, ...] = Field(description="In the form's order.")
    summary: str = Field(description="What the evaluator said of the whole.")
    score_tenths: int | None = Field(description="The score in tenths of a percent.")
    failed: bool = Field(description="An auto-fail question failed.")
    author_id: str = Field(description="Who submitted it.")
    author_name: str = Field(description="The name.")
    at: Instant = Field(description="When.")


class Appeal(Given):
    """An agent's word against a submission."""

    id: str = Field(description="Its id.")
    version: int = Field(description="The submission's.")
    text: str = Field(description="What it says.")
    author_id: str = Field(description="Who appealed.")
    author_name: str = Field(description="The name.")
    at: Instant = Field(description="When.")
    state: AppealState = Field(description="What became of it.")
    answer: str = Field(description="Why.")
    answered_by_id: str | None = Field(description="Who answered.")
    answered_by_name: str | None = Field(description="The name.")
    answered_at: Instant | None = Field(description="When.")


class Evaluation(Given):
    """An evaluation without its answers."""

    id: str = Field(description="Its id.")
    call_id: str = Field(description="The call's.")
    started_at: Instant = Field(description="When the call began.")
    form_id: str = Field(description="The form's.")
    form_version: int = Field(description="The version that it is filled in by.")
    evaluator_id: str = Field(description="Whose it is: a user's or a token's id.")
    evaluator_name: str = Field(description="The name.")
    agent: str = Field(description="The own number whose part is marked.")
    state: EvaluationState = Field(description="Of one that is reopened, the last submission counts.")
    version: int = Field(description="How often it was submitted.")
    edits: int = Field(description="Grows with each change.")
    score_tenths: int | None = Field(description="Of the last submission, in tenths of a percent.")
    failed: bool = Field(description="An auto-fail question failed.")
    submitted_at: Instant | None = Field(description="When last.")


class EvaluationSheet(Given):
    """An evaluation with its form and its answers."""

    evaluation: Evaluation = Field(description="The evaluation.")
    form: FormVersion = Field(description="The version of the form that it keeps.")
    answers: Annotated[tuple[Answer, ...], BeforeValidator(lambda known: tuple(known.values()))] = Field(
        description="Those being worked on for who may edit, else the last submission's; in order."
    )
    summary: str = Field(description="What the evaluator says of the whole.")
    score: Score = Field(description="What the answers make.")
    submissions: tuple[Submission, ...] = Field(description="Newest first.")
    appeals: tuple[Appeal, ...] = Field(description="Newest first.")
    may_edit: bool = Field(description="Whether you may answer its questions now.")
    may_reopen: bool = Field(description="Whether you may open it again.")
    may_appeal: bool = Field(description="Whether you may appeal.")
    may_answer: bool = Field(description="Whether you may answer the appeal that waits.")


def sheet(known: Sheet) -> EvaluationSheet:
    """The sheet as the API tells it."""
    return EvaluationSheet.model_validate(known)


class EvaluationSheets(Given):
    """Evaluations of a call."""

    items: tuple[EvaluationSheet, ...] = Field(description="In the order in which they were begun.")


class NewEvaluation(Given):
    """An evaluation to begin."""

    form_id: PlainText = Field(description="A form that is active.", max_length=100)
    agent: PlainText = Field(
        "", description="An own number that took part; empty: the first.", max_length=100, examples=["104"]
    )


class EvaluationToSave(Given):
    """All answers so far: a question that is not among them has none any more."""

    answers: tuple[NewAnswer, ...] = Field(description="In any order.", max_length=forms.QUESTIONS_MAX)
    summary: str = Field("", description="Of the whole.", max_length=domain.SUMMARY_CHARACTERS_MAX)
    edits: int = EDITS


class EvaluationLookedAt(Given):
    """What was looked at."""

    edits: int = EDITS


class NewAppeal(Given):
    """An appeal to make."""

    text: str = Field(
        description="Why the marks are wrong.", min_length=1, max_length=domain.APPEAL_CHARACTERS_MAX
    )


class AppealAnswer(Given):
    """The answer to an appeal."""

    accept: bool = Field(description="Accepting opens the evaluation again.")
    text: str = Field("", description="Needed to reject.", max_length=domain.APPEAL_CHARACTERS_MAX)


class EvaluationPage(Given):
    """A page of evaluations."""

    items: tuple[Evaluation, ...] = Field(description="Those of the newest calls first.")
    next: str | None = Field(description="The `cursor` of the next page; null at the end.")


class Scores(Given):
    """Means and spreads, in tenths of a percent."""

    count: int = Field(description="How many.")
    mean_tenths: int | None = Field(description="The mean.")
    spread_tenths: int | None = Field(description="The standard deviation; null of fewer than two.")
    lowest: int | None = Field(description="The lowest.")
    highest: int | None = Field(description="The highest.")
    failed: int = Field(description="In how many an auto-fail question failed.")


class SubjectScores(Given):
    """The scores of an agent, a group or a form."""

    id: str = Field(description="An own number, or an id.")
    label: str = Field(description="The number or the name.")
    name: str = Field(description="Whose number it is.")
    scores: Scores = Field(description="The figures.")


class QuestionScores(Given):
    """What answers to a question earned of its weight."""

    form_id: str = Field(description="The form's.")
    question_id: str = Field(description="The question's.")
    text: str = Field(description="What is asked.")
    scores: Scores = Field(description="The figures.")


class Days(Given):
    """Days of the tenant's time zone."""

    first: date = Field(description="The first day.")
    last: date = Field(description="The last day.")


class ScoreResults(Given):
    """What the evaluations of the calls of some days come to."""

    days: Days = Field(description="The days.")
    zone: str = Field(description="The tenant's time zone.")
    scores: Scores = Field(description="All together.")
    agents: tuple[SubjectScores, ...] = Field(description="By own number.")
    groups: tuple[SubjectScores, ...] = Field(description="Groups that are wholly within reach.")
    forms: tuple[SubjectScores, ...] = Field(description="By form.")
    questions: tuple[QuestionScores, ...] = Field(description="By form and question.")
