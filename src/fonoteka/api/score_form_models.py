"""Forms of scorecards as the API reads and writes them."""

from __future__ import annotations

from pydantic import Field

from fonoteka.api.instants import Instant
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.domain import score_forms as forms
from fonoteka.domain import score_rules as rules
from fonoteka.domain.score_forms import FormState, QuestionKind
from fonoteka.domain.score_rules import Metric
from fonoteka.domain.score_topics import TopicRule as TopicRuleValue
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
