"""What evaluations come to over a period: means, counts, spreads. All exact until the last division."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from fonoteka.domain.report import Days
from fonoteka.domain.scorecards import AppealState


@dataclass(frozen=True, slots=True)
class EvaluationQuery:
    """Filters of submitted evaluations. Instants are those of the calls, aware UTC, `until` exclusive.

    `agents` are the own numbers that may have been marked; None: any.
    """

    since: datetime | None = None
    until: datetime | None = None
    agents: frozenset[str] | None = None
    form_id: str = ""
    evaluator_id: str = ""
    appeal: AppealState | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """Sums over scores in tenths of a percent. Sums of parts are the sums of the whole.

    `failed` of the `count` have an auto-fail question that failed.
    """

    count: int = 0
    total: int = 0
    squares: int = 0
    lowest: int | None = None
    highest: int | None = None
    failed: int = 0

    def __add__(self, other: Scores) -> Scores:
        lows = [one for one in (self.lowest, other.lowest) if one is not None]
        highs = [one for one in (self.highest, other.highest) if one is not None]
        return Scores(
            self.count + other.count,
            self.total + other.total,
            self.squares + other.squares,
            min(lows, default=None),
            max(highs, default=None),
            self.failed + other.failed,
        )

    @property
    def mean_tenths(self) -> int | None:
        """The mean in tenths of a percent, halves up; None of none."""
        return None if not self.count else (2 * self.total + self.count) // (2 * self.count)

    @property
    def spread_tenths(self) -> int | None:
        """The standard deviation in tenths of a percent; None of fewer than two."""
        if self.count < 2:
            return None
        return round(math.sqrt(self.count * self.squares - self.total**2) / self.count)


@dataclass(frozen=True, slots=True)
class SubjectScores:
    """The scores of an agent (an own number), a group, a form. `label` is the number or the name.

    `name` is whose number it is.
    """

    id: str
    label: str
    name: str
    scores: Scores


@dataclass(frozen=True, slots=True)
class QuestionScores:
    """What answers to a question earned of its weight. `text` is that of the newest version that has it."""

    form_id: str
    question_id: str
    text: str
    scores: Scores


@dataclass(frozen=True, slots=True)
class ScoreResults:
    """Evaluations of the calls of some days (of the tenant's time zone), by agent, group, form, question.

    Those in which nothing with a weight applied have no score and are in none of it.
    """

    days: Days
    zone: str
    scores: Scores
    agents: tuple[SubjectScores, ...] = ()
    groups: tuple[SubjectScores, ...] = ()
    forms: tuple[SubjectScores, ...] = ()
    questions: tuple[QuestionScores, ...] = ()
