"""Answers that a machine gives: a figure of the call's talk lies within bounds, or it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fonoteka.domain.spans import Span
from fonoteka.domain.talk import TalkFigures

BOUND_MAX = 100_000


class Metric(StrEnum):
    """A figure of a call, in whole units: `percent` 0 to 100, `s` seconds, else a number of times.

    Ours is the party whose call is marked, theirs the other one.
    """

    OUR_INTERRUPTIONS = "our_interruptions"
    THEIR_INTERRUPTIONS = "their_interruptions"
    SILENCE_PERCENT = "silence_percent"
    LONGEST_SILENCE_S = "longest_silence_s"
    OUR_TALK_PERCENT = "our_talk_percent"
    """Of all that both spoke."""
    OUR_MONOLOGUE_S = "our_monologue_s"
    CROSSTALK_PERCENT = "crosstalk_percent"
    HOLD_S = "hold_s"
    LONGEST_HOLD_S = "longest_hold_s"
    OUR_RESPONSE_S = "our_response_s"
    """How long we let them wait for an answer, on average."""
    CONVERSATION_S = "conversation_s"


PERCENT = frozenset({Metric.SILENCE_PERCENT, Metric.OUR_TALK_PERCENT, Metric.CROSSTALK_PERCENT})
SECONDS = frozenset(one for one in Metric if one.value.endswith("_s"))


@dataclass(frozen=True, slots=True)
class MetricRule:
    """“Yes” when the figure is within the bounds, which belong to it; None: no bound on that side."""

    metric: Metric
    at_least: int | None = None
    at_most: int | None = None

    def holds(self, figure: float) -> bool:
        """Whether the figure is within the bounds."""
        return (self.at_least is None or figure >= self.at_least) and (
            self.at_most is None or figure <= self.at_most
        )


@dataclass(frozen=True, slots=True)
class MachineAnswer:
    """What a machine answered: 1 yes or 0 no, and the figure (in its unit, unrounded) that it saw.

    None: a topic that was not heard has no moment.
    """

    value: int
    figure: float | None


def checked_rule(rule: MetricRule) -> MetricRule:
    """The rule. Raises ValueError with a sentence that says what is wrong."""
    bounds = [one for one in (rule.at_least, rule.at_most) if one is not None]
    if not bounds:
        raise ValueError("a rule needs a bound.")
    most = 100 if rule.metric in PERCENT else BOUND_MAX
    if any(not 0 <= one <= most for one in bounds):
        raise ValueError(f"a bound is 0 to {most}.")
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        raise ValueError("the lower bound is above the upper one.")
    return rule


def machine_answer(rule: MetricRule, figures: TalkFigures | None, ours: int | None) -> MachineAnswer | None:
    """The answer to a question with that rule; None where the figure is not known.

    `ours` is the channel of the party whose call is marked, None where nobody can tell.
    """
    figure = None if figures is None else metric_of(rule.metric, figures, ours)
    return None if figure is None else MachineAnswer(int(rule.holds(figure)), figure)


def metric_of(metric: Metric, figures: TalkFigures, ours: int | None) -> float | None:
    """The figure in the metric's unit, or None where it cannot be told."""
    if metric in _OF_CALL:
        return _OF_CALL[metric](figures)
    if ours is None or ours >= len(figures.parties) or len(figures.parties) < 2:
        return None
    return _OF_PARTY[metric](figures, ours)


def _seconds(span: Span | None) -> float:
    return 0.0 if span is None else span.length_ms / 1_000


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _response(figures: TalkFigures, ours: int) -> float | None:
    response_ms = figures.parties[ours].response_ms
    return None if response_ms is None else response_ms / 1_000


_OF_CALL: Mapping[Metric, Callable[[TalkFigures], float | None]] = {
    Metric.SILENCE_PERCENT: lambda one: _percent(one.silence_share),
    Metric.LONGEST_SILENCE_S: lambda one: _seconds(one.longest_silence),
    Metric.CROSSTALK_PERCENT: lambda one: _percent(one.crosstalk_share),
    Metric.HOLD_S: lambda one: one.hold_ms / 1_000,
    Metric.LONGEST_HOLD_S: lambda one: _seconds(one.longest_hold),
    Metric.CONVERSATION_S: lambda one: one.conversation_ms / 1_000,
}
_OF_PARTY: Mapping[Metric, Callable[[TalkFigures, int], float | None]] = {
    Metric.OUR_INTERRUPTIONS: lambda one, ours: len(one.parties[ours].interruptions),
    Metric.THEIR_INTERRUPTIONS: lambda one, ours: len(one.parties[1 - ours].interruptions),
    Metric.OUR_TALK_PERCENT: lambda one, ours: _percent(one.talk_ratio(ours)),
    Metric.OUR_MONOLOGUE_S: lambda one, ours: _seconds(one.parties[ours].longest_monologue),
    Metric.OUR_RESPONSE_S: _response,
}
