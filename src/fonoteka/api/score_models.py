"""Scorecards and evaluations as the API reads and writes them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from fonoteka.api.instants import Instant
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.archive.scores import Sheet
from fonoteka.domain import score_forms as forms
from fonoteka.domain import score_queue as queue
from fonoteka.domain import score_rules as rules
from fonoteka.domain import scorecards as domain
from fonoteka.domain.direction import Direction
from fonoteka.domain.score_forms import FormState, QuestionKind
from fonoteka.domain.score_queue import TaskState
from fonoteka.domain.score_rules import Metric
from fonoteka.domain.score_topics import TopicRule as TopicRuleValue
from fonoteka.domain.scorecards import AppealState, EvaluationState
from fonoteka.domain.topics import Speaker

EDITS = Field(description="The `edits` that was looked at; 409 when there are more.", ge=0, le=2**31)


class MetricRule(Given):
    """“Yes” when a figure of the call's talk is within the bounds, which belong to it."""

    metric: Metric = Field(description="Which figure; `_s` in seconds, `_percent` 0 to 100.")
    at_least: int | None = Field(None, description="The lower bound.", examples=[None])
    at_most: int | None = Field(None, description="The upper bound.", examples=[2])

    def value(self) -> rules.MetricRule:
        """As the rooms take it."""
        return rules.MetricRule(self.metric, self.at_least, self.at_most)


class TopicRule(Given):
    """“Yes” when a topic was heard, or, with `said` false, when it was not."""

    topic_id: PlainText = Field(description="The topic.", max_length=100)
    said: bool = Field(True, description="Whether “yes” means that it was heard.")
    speaker: Speaker = Field(
        Speaker.ANYONE, description="By whom: the agent whose call is marked, or the other side."
    )
    within_s: int | None = Field(None, description="Within so many seconds of the recording's start.")
    before_id: PlainText = Field(
        "", description="Before this topic is heard, if it is heard at all.", max_length=100
    )

    def value(self) -> TopicRuleValue:
        """As the rooms take it."""
        return TopicRuleValue(**self.model_dump())


class Choice(Given):
    """A possible answer."""

    text: PlainText = Field(description="What it says.", max_length=forms.TEXT_CHARACTERS_MAX)
    points: int = Field(description="Its share of the most points is its share of the weight.")


class Question(Given):
    """A question of a form."""

    id: PlainText = Field(
        description="Stays the same in all versions.",
        max_length=forms.ID_CHARACTERS_MAX,
        examples=["greeting"],
    )
    text: PlainText = Field(description="What is asked.", max_length=forms.TEXT_CHARACTERS_MAX)
    kind: QuestionKind = Field(QuestionKind.YES_NO, description="How it is answered.")
    weight: int = Field(1, description="0 to 100.")
    help: str = Field("", description="How to answer it.", max_length=forms.HELP_CHARACTERS_MAX)
    wanted: bool = Field(True, description="Of `yes_no`: the right answer.")
    scale_max: int = Field(5, description="Of `scale`: the highest answer, 1 to 10; the lowest is 0.")
    choices: tuple[Choice, ...] = Field((), description="Of `choice`.", max_length=100)
    may_not_apply: bool = Field(False, description="Whether “does not apply” is an answer.")
    fatal: bool = Field(False, description="An answer that earns nothing makes the whole score 0.")
    rule: MetricRule | TopicRule | None = Field(None, description="Of `yes_no`: a machine answers it.")

    def value(self) -> forms.Question:
        """As the rooms take it."""
        return forms.Question(
            self.id,
            self.text,
            self.kind,
            self.weight,
            self.help,
            self.wanted,
            self.scale_max,
            tuple(forms.Choice(one.text, one.points) for one in self.choices),
            self.may_not_apply,
            self.fatal,
            None if self.rule is None else self.rule.value(),
        )


class Section(Given):
    """Questions under one title."""

    title: PlainText = Field(description="May be empty.", max_length=forms.NAME_CHARACTERS_MAX)
    questions: tuple[Question, ...] = Field((), description="In order.", max_length=1_000)


class FormContent(Given):
    """What a version of a form says."""

    name: PlainText = Field(
        description="Its name.", max_length=forms.NAME_CHARACTERS_MAX, examples=["Taking a call"]
    )
    sections: tuple[Section, ...] = Field((), description="In order.", max_length=1_000)

    def value(self) -> forms.FormContent:
        """As the rooms take it."""
        return forms.FormContent(
            self.name,
            tuple(
                forms.Section(one.title, tuple(question.value() for question in one.questions))
                for one in self.sections
            ),
        )


class FormVersion(Given):
    """A version of a form."""

    form_id: str = Field(description="The form's.")
    version: int = Field(description="From 1.")
    state: FormState = Field(description="A form has at most one draft and one that is active.")
    content: FormContent = Field(description="What it says.")
    author_id: str = Field(description="Who saved it: a user's or a token's id.")
    author_name: str = Field(description="The name.")
    at: Instant = Field(description="When.")
    edits: int = Field(description="How often it was saved.")


class FormVersions(Given):
    """Versions of forms."""

    items: tuple[FormVersion, ...] = Field(description="Oldest first.")


class LookedAt(Given):
    """The version of a form that was looked at; 409 when somebody saved meanwhile."""

    version: int = Field(description="Its `version`.", ge=0, le=2**31)
    edits: int = EDITS


class FormToSave(LookedAt):
    """A form as it shall be."""

    content: FormContent = Field(description="What it shall say.")


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


class DrawPlan(Given):
    """What to draw; `first` and `last` are days of the tenant's zone, both included."""

    first: date = Field(description="The first day.", examples=["2026-04-20"])
    last: date = Field(description="The last day; at most 92 in all.", examples=["2026-04-26"])
    per_week: int = Field(description="Calls of each agent and week, 1 to 50.", examples=[3])
    seed: PlainText = Field(
        "",
        description="The same seed draws the same; empty: one of chance.",
        max_length=queue.SEED_CHARACTERS_MAX,
    )
    group_id: PlainText = Field("", description="Only agents of this group.", max_length=100)
    direction: Direction | None = Field(None, description="Only calls of this direction.")
    duration_from_s: int = Field(0, description="Only recordings of so many seconds or more.")
    figure: MetricRule | None = Field(None, description="Only calls with the figure within the bounds.")
    evaluator_ids: tuple[PlainText, ...] = Field(
        (), description="Users to deal the calls to; none: whoever may takes them.", max_length=1_000
    )
    topic_id: PlainText = Field(
        "", description="Only calls in which this topic was heard. Wants `recording.listen`.", max_length=100
    )
    mark_min: int | None = Field(None, description="Only calls whose mean mark is at least this, 1 to 5.")
    mark_max: int | None = Field(None, description="Only calls whose mean mark is at most this, 1 to 5.")

    def value(self) -> queue.DrawPlan:
        """As the rooms take it."""
        return queue.DrawPlan(
            self.first,
            self.last,
            self.per_week,
            self.seed,
            self.group_id,
            self.direction,
            self.duration_from_s,
            None if self.figure is None else self.figure.value(),
            self.evaluator_ids,
            self.topic_id,
            self.mark_min,
            self.mark_max,
        )


class NewScoreQueue(Given):
    """A queue to draw."""

    name: PlainText = Field(description="Its name.", max_length=200)
    form_id: PlainText = Field(description="A form that is active.", max_length=100)
    plan: DrawPlan = Field(description="What to draw.")


class ScoreQueue(Given):
    """Calls that were drawn to be marked."""

    id: str = Field(description="Its id.")
    name: str = Field(description="Its name.")
    form_id: str = Field(description="By which form.")
    plan: DrawPlan = Field(description="How they were drawn.")
    author_id: str = Field(description="Who drew them.")
    author_name: str = Field(description="The name.")
    at: Instant = Field(description="When.")
    closed_at: Instant | None = Field(description="Since when nobody is to mark them any more.")


class Progress(Given):
    """Of the calls of a queue that you could mark."""

    waiting: int = Field(description="How many wait.")
    done: int = Field(description="How many were marked.")
    skipped: int = Field(description="How many were skipped.")


class KnownQueue(Given):
    """A queue and how far it is."""

    queue: ScoreQueue = Field(description="The queue.")
    progress: Progress = Field(description="How far.")


class ScoreQueues(Given):
    """Queues."""

    items: tuple[KnownQueue, ...] = Field(description="Newest first.")


class ScoreTask(Given):
    """A call of a queue."""

    call_id: str = Field(description="The call's.")
    agent: str = Field(description="The own number whose part is to be marked.")
    position: int = Field(description="Its place in the queue, from 0.")
    started_at: Instant = Field(description="When the call began.")
    evaluator_id: str = Field(description="Who is to mark it; empty: whoever may.")
    evaluator_name: str = Field(description="The name.")
    state: TaskState = Field(description="What became of it.")
    reason: str = Field(description="Why it was skipped.")
    changed_at: Instant = Field(description="Since when.")


class ScoreTasks(Given):
    """The calls of a queue."""

    items: tuple[ScoreTask, ...] = Field(description="In their order.")


class SkippedTask(Given):
    """A call to skip."""

    call_id: PlainText = Field(description="The call's.", max_length=100)
    agent: PlainText = Field(description="The own number.", max_length=100)
    reason: str = Field(description="Why.", min_length=1, max_length=queue.REASON_CHARACTERS_MAX)
