"""What conversations come to: figures by agent and period, and the quartiles of several agents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from statistics import median, quantiles

from fonoteka.domain.report import Days
from fonoteka.domain.score_results import Scores
from fonoteka.domain.spread import NO_SPREAD, Measure, Spread

QUARTILES_MIN = 3
"""Of fewer agents no median is told: it would be the others' figures."""
FIGURES_MIN = 5
"""Who has fewer conversations counts for no median."""
_BAND_MIN = 4


class Metric(StrEnum):
    """A figure of many conversations. Shares are 0 to 1, times in ms."""

    TALK_RATIO = "talk_ratio"
    """What ours spoke of all that was spoken."""
    INTERRUPTIONS = "interruptions"
    """How often ours took the other's word, in ten minutes of conversation."""
    MONOLOGUE = "monologue"
    """The median of the longest monologue of each conversation."""
    SILENCE = "silence"
    """Which part of the conversation nobody spoke."""
    CROSSTALK = "crosstalk"
    """Which part both spoke at once."""
    PATIENCE = "patience"
    """How long the other waited for the answer of ours, on average."""
    INTERACTIVITY = "interactivity"
    """Changes of the speaker in a minute."""
    HOLD = "hold"
    """Which part of conversation and hold was hold."""


@dataclass(frozen=True, slots=True)
class TalkFact:
    """What one of ours (`number`) did in one recording; `channel` is the voice.

    `pair_ms` and everything that takes two are 0 where the recording has one channel alone. Moments
    (`…_at_ms`) count from the recording's start; None where there is none.
    """

    recording_id: str
    channel: int
    call_id: str
    number: str
    started_at: datetime
    day: int
    conversation_ms: int
    hold_ms: int
    silence_ms: int
    pair_ms: int
    spoken_ms: int
    others_ms: int
    crosstalk_ms: int
    switches: int
    interruptions: int
    monologue_ms: int
    longest_silence_ms: int
    response_ms: int
    responses: int
    interruption_at_ms: int | None = None
    monologue_at_ms: int | None = None
    silence_at_ms: int | None = None

    @property
    def measures(self) -> dict[Measure, float]:
        """What it adds to a spread."""
        found: dict[Measure, float] = {Measure.LONGEST_SILENCE: self.longest_silence_ms}
        if self.conversation_ms:
            found[Measure.SILENCE] = self.silence_ms / self.conversation_ms
        if self.pair_ms:
            found[Measure.INTERRUPTIONS] = self.interruptions
            found[Measure.MONOLOGUE] = self.monologue_ms
            if spoken := self.spoken_ms + self.others_ms:
                found[Measure.TALK_RATIO] = self.spoken_ms / spoken
        if self.responses:
            found[Measure.PATIENCE] = self.response_ms / self.responses
        return found


@dataclass(frozen=True, slots=True)
class TalkSums:
    """Sums over conversations (`talks`); those of parts are those of the whole.

    What takes two is summed over the recordings with two channels alone, `pairs` of `pair_ms` together.
    """

    talks: int = 0
    pairs: int = 0
    conversation_ms: int = 0
    hold_ms: int = 0
    silence_ms: int = 0
    pair_ms: int = 0
    spoken_ms: int = 0
    others_ms: int = 0
    crosstalk_ms: int = 0
    switches: int = 0
    interruptions: int = 0
    response_ms: int = 0
    responses: int = 0
    spread: Spread = NO_SPREAD

    def __add__(self, other: TalkSums) -> TalkSums:
        sums = (getattr(self, one) + getattr(other, one) for one in SUM_NAMES)
        return TalkSums.of(sums, self.spread + other.spread)

    @classmethod
    def of(cls, sums: Iterable[int], spread: Spread = NO_SPREAD) -> TalkSums:
        """From sums in the order of `SUM_NAMES`."""
        return cls(**dict(zip(SUM_NAMES, map(int, sums), strict=True)), spread=spread)

    def value(self, metric: Metric) -> float | None:
        """The figure; None where there is nothing to make it of."""
        if metric is Metric.MONOLOGUE:
            return self.spread.quantile(Measure.MONOLOGUE, 0.5)
        part, whole, factor = {
            Metric.TALK_RATIO: (self.spoken_ms, self.spoken_ms + self.others_ms, 1),
            Metric.INTERRUPTIONS: (self.interruptions, self.pair_ms, 600_000),
            Metric.SILENCE: (self.silence_ms, self.conversation_ms, 1),
            Metric.CROSSTALK: (self.crosstalk_ms, self.pair_ms, 1),
            Metric.PATIENCE: (self.response_ms, self.responses, 1),
            Metric.INTERACTIVITY: (self.switches, self.pair_ms, 60_000),
            Metric.HOLD: (self.hold_ms, self.conversation_ms + self.hold_ms, 1),
        }[metric]
        return part * factor / whole if whole else None


SUM_NAMES = tuple(one.name for one in fields(TalkSums) if one.name != "spread")


def sums_of(facts: Iterable[TalkFact]) -> TalkSums:
    """The sums over some facts."""
    some = list(facts)
    own = {name: sum(getattr(one, name) for one in some) for name in SUM_NAMES[2:]}
    return TalkSums(
        talks=len(some),
        pairs=sum(one.pair_ms > 0 for one in some),
        spread=Spread(sum(Spread.of(one.measures).packed for one in some)),
        **own,
    )


@dataclass(frozen=True, slots=True)
class Quartiles:
    """The median of several agents, and the half of them around it: from the lower quartile to the upper."""

    median: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a value lies well within what is common: no further from the half than it is wide."""
        width = self.high - self.low
        return self.low - width <= value <= self.high + width


def quartiles_of(values: Sequence[float]) -> Quartiles | None:
    """The quartiles; None of too few."""
    if len(values) < QUARTILES_MIN:
        return None
    if len(values) < _BAND_MIN:
        return Quartiles(median(values), min(values), max(values))
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Quartiles(median(values), low, high)


@dataclass(frozen=True, slots=True)
class SubjectTalks:
    """The conversations of an agent (`label` is the number, `name` whose it is) or a group.

    `scores` are of scorecards; None for who may not see them.
    """

    id: str
    label: str
    name: str
    sums: TalkSums
    before: TalkSums
    scores: Scores | None = None


@dataclass(frozen=True, slots=True)
class DayTalks:
    """The conversations of a day, without their spread."""

    day: date
    sums: TalkSums


@dataclass(frozen=True, slots=True)
class TopicTrend:
    """Calls with a topic in a period and in the one before; shares (0 to 1) are of the calls that have words.

    `weeks` are calls of the last weeks, the latest last.
    """

    id: str
    name: str
    calls: int
    before: int
    share: float
    share_before: float
    weeks: tuple[int, ...]

    @property
    def rise(self) -> float:
        """By how much the share grew, of what it was; of what is new, by more than anything else."""
        if not self.share_before:
            return 1e6 * self.share
        return self.share / self.share_before - 1


@dataclass(frozen=True, slots=True)
class Insights:
    """What the conversations of some days (of the zone `zone`, IANA) come to, of agents within reach.

    `quartiles` are of the agents who are shown. `is_counting`: changes of the last moments, or of a great
    import, are not in it yet.
    """

    days: Days
    zone: str
    group_id: str
    sums: TalkSums
    before: TalkSums
    by_day: tuple[DayTalks, ...]
    agents: tuple[SubjectTalks, ...]
    groups: tuple[SubjectTalks, ...]
    quartiles: dict[Metric, Quartiles]
    scores: Scores | None
    scores_before: Scores | None
    group_names: tuple[tuple[str, str], ...] = ()
    is_counting: bool = False
