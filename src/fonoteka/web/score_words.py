"""What forms and evaluations are called in the visitor's language."""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka.domain.score_forms import FormState, QuestionKind
from fonoteka.domain.score_rules import PERCENT, SECONDS, Metric, MetricRule
from fonoteka.domain.scorecards import AppealState, EvaluationState
from fonoteka.web.languages import Language


@dataclass(frozen=True, slots=True)
class ScoreWords:
    """Names of states, kinds and figures."""

    language: Language

    def form_state(self, state: FormState) -> str:
        """What a version of a form is."""
        gettext = self.language.gettext
        return {
            FormState.DRAFT: gettext("draft"),
            FormState.ACTIVE: gettext("in use"),
            FormState.RETIRED: gettext("not in use any more"),
        }[state]

    def state(self, state: EvaluationState) -> str:
        """How far an evaluation is."""
        gettext = self.language.gettext
        return {
            EvaluationState.DRAFT: gettext("draft, only you see it"),
            EvaluationState.SUBMITTED: gettext("submitted"),
            EvaluationState.REOPENED: gettext("being changed"),
        }[state]

    def appeal(self, state: AppealState) -> str:
        """What became of an appeal."""
        gettext = self.language.gettext
        return {
            AppealState.OPEN: gettext("waits for an answer"),
            AppealState.ACCEPTED: gettext("accepted"),
            AppealState.REJECTED: gettext("rejected"),
        }[state]

    def kind(self, kind: QuestionKind) -> str:
        """How a question is answered."""
        gettext = self.language.gettext
        return {
            QuestionKind.YES_NO: gettext("yes or no"),
            QuestionKind.SCALE: gettext("scale"),
            QuestionKind.CHOICE: gettext("choice"),
        }[kind]

    def metric(self, metric: Metric) -> str:
        """A figure of the talk."""
        gettext = self.language.gettext
        return {
            Metric.OUR_INTERRUPTIONS: gettext("the agent's interruptions"),
            Metric.THEIR_INTERRUPTIONS: gettext("the client's interruptions"),
            Metric.SILENCE_PERCENT: gettext("silence, %%") % {},
            Metric.LONGEST_SILENCE_S: gettext("longest silence, s"),
            Metric.OUR_TALK_PERCENT: gettext("the agent's share of what was spoken, %%") % {},
            Metric.OUR_MONOLOGUE_S: gettext("the agent's longest monologue, s"),
            Metric.CROSSTALK_PERCENT: gettext("both at once, %%") % {},
            Metric.HOLD_S: gettext("hold, s"),
            Metric.LONGEST_HOLD_S: gettext("longest hold, s"),
            Metric.OUR_RESPONSE_S: gettext("how long the client waits for an answer, s"),
            Metric.CONVERSATION_S: gettext("conversation, s"),
        }[metric]

    def bounds(self, rule: MetricRule) -> str:
        """`2 at most`, `20 to 60`."""
        gettext = self.language.gettext
        if rule.at_least is None:
            return gettext("%(most)s at most") % {"most": rule.at_most}
        if rule.at_most is None:
            return gettext("%(least)s at least") % {"least": rule.at_least}
        return gettext("%(least)s to %(most)s") % {"least": rule.at_least, "most": rule.at_most}

    @staticmethod
    def figure(metric: Metric, figure: float) -> float:
        """A figure as people read it: to a tenth where it is no number of times."""
        return round(figure, 1) if metric in PERCENT | SECONDS else round(figure)
