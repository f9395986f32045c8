"""What the API tells of conversations: figures by agent and group, calls worth hearing."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from fonoteka.api.instants import Instant
from fonoteka.api.models import EXAMPLE_CALL_ID, EXAMPLE_RECORDING_ID, Body
from fonoteka.api.plain_text import PlainText
from fonoteka.archive.insights import WorthPage
from fonoteka.domain.insight import Insights, Metric, Quartiles, SubjectTalks, TalkSums
from fonoteka.domain.score_results import Scores
from fonoteka.domain.worth import Reason
from fonoteka.domain.worth import WorthHearing as Worth

_EXAMPLE_DAY = "2026-04-01"


class TalkFigures(Body):
    """Figures of conversations; null where there is nothing to make them of."""

    talks: int = Field(description="Conversations of own numbers that were analysed.", examples=[1178])
    talk_ms: int = Field(description="How long they were together, in ms.", examples=[212_040_000])
    talk_ratio: float | None = Field(description="What ours spoke of all speech, 0 to 1.", examples=[0.54])
    interruptions: float | None = Field(
        description="How often ours took the other's word, in ten minutes.", examples=[2.6]
    )
    monologue: float | None = Field(
        description="Median of each conversation's longest monologue, in ms.", examples=[38_000.0]
    )
    silence: float | None = Field(description="Share of silence, 0 to 1.", examples=[0.12])
    crosstalk: float | None = Field(description="Share in which both spoke, 0 to 1.", examples=[0.03])
    patience: float | None = Field(
        description="How long the other waited for an answer, on average, in ms.", examples=[640.5]
    )
    interactivity: float | None = Field(description="Changes of the speaker in a minute.", examples=[7.5])
    hold: float | None = Field(description="Share of hold, 0 to 1.", examples=[0.05])

    @classmethod
    def of(cls, sums: TalkSums) -> TalkFigures:
        """From sums."""
        values = {one.value: _rounded(sums.value(one)) for one in Metric}
        return cls(talks=sums.talks, talk_ms=sums.conversation_ms, **values)


class MeanScore(Body):
    """Of scorecards."""

    count: int = Field(description="How many scorecards.", examples=[12])
    mean_percent: float | None = Field(description="Their mean.", examples=[84.5])

    @classmethod
    def of(cls, scores: Scores | None) -> MeanScore | None:
        """From sums; None for who may not see them."""
        if scores is None:
            return None
        mean = scores.mean_tenths
        return cls(count=scores.count, mean_percent=None if mean is None else mean / 10)


class SubjectInsights(Body):
    """The conversations of an agent or a group."""

    id: str = Field(description="Id of the extension or group; empty: not known.")
    label: str = Field(description="The own number, or the group's name.", examples=["104"])
    name: str = Field(description="Whose number it is.", examples=["Anna Lebedeva"])
    figures: TalkFigures = Field(description="In the period.")
    before: TalkFigures = Field(description="In the period before.")
    scores: MeanScore | None = Field(description="Of scorecards; null for who may not see them.")

    @classmethod
    def of(cls, one: SubjectTalks) -> SubjectInsights:
        """From the sums of an agent or a group."""
        return cls(
            id=one.id,
            label=one.label,
            name=one.name,
            figures=TalkFigures.of(one.sums),
            before=TalkFigures.of(one.before),
            scores=MeanScore.of(one.scores),
        )


class QuartilesOfFigure(Body):
    """Where the agents' figures lie."""

    figure: Metric = Field(description="Which figure.", examples=["talk_ratio"])
    median: float = Field(description="Half of the agents are below.", examples=[0.51])
    low: float = Field(description="A quarter of them is below.", examples=[0.47])
    high: float = Field(description="A quarter of them is above.", examples=[0.56])

    @classmethod
    def of(cls, metric: Metric, one: Quartiles) -> QuartilesOfFigure:
        """From what the archive tells."""
        values = {name: round(getattr(one, name), 4) for name in ("median", "low", "high")}
        return cls(figure=metric, **values)


class DayInsights(Body):
    """The conversations of a day; `monologue` is null."""

    day: date = Field(description="The day.", examples=[_EXAMPLE_DAY])
    figures: TalkFigures = Field(description="Its figures.")


class TalkInsights(Body):
    """What the conversations of a period come to, of numbers within reach."""

    since: date = Field(description="The first day, of the tenant's time zone.", examples=[_EXAMPLE_DAY])
    until: date = Field(description="The last day.", examples=["2026-04-24"])
    zone: str = Field(description="The tenant's time zone.", examples=["Europe/Moscow"])
    group_id: PlainText = Field(description="Of which group; empty: of everybody.")
    figures: TalkFigures = Field(description="In the period.")
    before: TalkFigures = Field(description="In as many days before.")
    scores: MeanScore | None = Field(description="Of scorecards; null for who may not see them.")
    by_day: tuple[DayInsights, ...] = Field(description="Each day.")
    agents: tuple[SubjectInsights, ...] = Field(description="Most conversations first.")
    groups: tuple[SubjectInsights, ...] = Field(description="Most conversations first.")
    quartiles: tuple[QuartilesOfFigure, ...] = Field(
        description="Over the agents with 5 conversations or more; none of fewer than 3 agents."
    )
    is_counting: bool = Field(description="Changes of the last moments are not in it yet.")

    @classmethod
    def of(cls, found: Insights) -> TalkInsights:
        """From what the archive tells."""
        return cls(
            since=found.days.first,
            until=found.days.last,
            zone=found.zone,
            group_id=found.group_id,
            figures=TalkFigures.of(found.sums),
            before=TalkFigures.of(found.before),
            scores=MeanScore.of(found.scores),
            by_day=tuple(DayInsights(day=one.day, figures=TalkFigures.of(one.sums)) for one in found.by_day),
            agents=tuple(map(SubjectInsights.of, found.agents)),
            groups=tuple(map(SubjectInsights.of, found.groups)),
            quartiles=tuple(QuartilesOfFigure.of(metric, one) for metric, one in found.quartiles.items()),
            is_counting=found.is_counting,
        )


class WorthReason(Body):
    """Why a call is worth hearing."""

    reason: Reason = Field(description="Why.", examples=["monologue"])
    value: float = Field(
        description="The figure: a number, a share of 1, ms, or tenths (of a mark, of a score's percent).",
        examples=[184_000.0],
    )
    usual: float | None = Field(description="The agent's median, of what is unusual.", examples=[38_000.0])
    at_ms: int | None = Field(description="The moment in the recording.", examples=[73_000])
    name: str = Field(description="Of a topic.", examples=[""])


class WorthHearing(Body):
    """A call that is worth hearing."""

    call_id: str = Field(description="Which call.", examples=[EXAMPLE_CALL_ID])
    recording_id: str = Field(
        description="Where the moments are; may be empty.", examples=[EXAMPLE_RECORDING_ID]
    )
    started_at: Instant = Field(description="When the call began.")
    agent: str = Field(description="The own number that it is about; may be empty.", examples=["104"])
    weight: int = Field(description="1000 for each limit that is reached, and more beyond.", examples=[2_450])
    reasons: tuple[WorthReason, ...] = Field(description="The weightiest first.")

    @classmethod
    def of(cls, one: Worth) -> WorthHearing:
        """From what the archive found."""
        return cls(
            call_id=one.call.id,
            recording_id=one.recording_id,
            started_at=one.call.started_at,
            agent=one.agent,
            weight=one.weight,
            reasons=tuple(WorthReason.model_validate(why) for why in one.whys),
        )


class WorthCalls(Body):
    """Calls that are worth hearing, the weightiest first."""

    items: tuple[WorthHearing, ...] = Field(description="The weightiest.")
    found: int = Field(description="How many were found.", examples=[38])
    is_more: bool = Field(description="There are more than were looked at.")

    @classmethod
    def of(cls, page: WorthPage) -> WorthCalls:
        """From a page."""
        return cls(items=tuple(map(WorthHearing.of, page.items)), found=page.found, is_more=page.is_more)


class TopicTrend(Body):
    """Calls with a topic."""

    id: str = Field(description="The topic's id.")
    name: str = Field(description="Its name.", examples=["Complaint"])
    calls: int = Field(description="In the period.", examples=[96])
    before: int = Field(description="In as many days before.", examples=[62])
    share: float = Field(description="Of the period's calls that have words, 0 to 1.", examples=[0.031])
    share_before: float = Field(description="The same before.", examples=[0.02])
    weeks: tuple[int, ...] = Field(description="Calls of the last 8 weeks, the latest last.")


class TopicTrends(Body):
    """Topics over time."""

    items: tuple[TopicTrend, ...] = Field(description="Those first that rise most.")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
