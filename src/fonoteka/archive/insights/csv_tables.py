"""Tables of insights as CSV, for programs and spreadsheets alike."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from fonoteka.archive.insights.topics import WEEKS
from fonoteka.archive.insights.worth import WorthPage
from fonoteka.archive.report_csv import Cell, csv_of
from fonoteka.domain.insight import Insights, Metric, SubjectTalks, TalkSums, TopicTrend
from fonoteka.domain.score_results import Scores

_PLACES = 4


class InsightTable(StrEnum):
    """Which table of the insights."""

    AGENTS = "agents"
    GROUPS = "groups"
    DAYS = "days"
    QUARTILES = "quartiles"


def insights_csv(found: Insights, table: InsightTable) -> bytes:
    """The table as CSV, as `csv_of` writes it; the first row names. Shares are 0 to 1, times in ms."""
    figures = ("talks", *(one.value for one in Metric))
    if table is InsightTable.DAYS:
        return csv_of(
            [("day", *figures), *((one.day.isoformat(), *_cells(one.sums)) for one in found.by_day)]
        )
    if table is InsightTable.QUARTILES:
        rows = [
            (metric.value, *(f"{round(value, _PLACES)}" for value in (one.low, one.median, one.high)))
            for metric, one in found.quartiles.items()
        ]
        return csv_of([("figure", "low", "median", "high"), *rows])
    subjects = found.agents if table is InsightTable.AGENTS else found.groups
    head = ("label", "name", *figures, "talks_before", "scorecards", "mean_score_percent")
    return csv_of([head, *(_subject(one) for one in subjects)])


def worth_csv(page: WorthPage) -> bytes:
    """The calls worth hearing as CSV: a row for each reason."""
    rows: list[tuple[Cell, ...]] = [
        (
            one.call.id,
            one.call.started_at.isoformat(),
            one.agent,
            one.weight,
            f"{why.reason.value}: {why.name}" if why.name else why.reason.value,
            f"{round(why.value, _PLACES)}",
            "" if why.usual is None else f"{round(why.usual, _PLACES)}",
            one.recording_id,
            "" if why.at_ms is None else why.at_ms,
        )
        for one in page.items
        for why in one.whys
    ]
    names = ("call_id", "started_at", "agent", "weight", "reason", "value", "usual", "recording_id", "at_ms")
    return csv_of([names, *rows])


def topics_csv(trends: Iterable[TopicTrend]) -> bytes:
    """Calls with each topic as CSV, and in each of the last weeks, the latest last."""
    weeks = [f"week_{place}" for place in range(1, WEEKS + 1)]
    rows: list[tuple[Cell, ...]] = [
        ("topic_id", "name", "calls", "calls_before", "share", "share_before", *weeks)
    ]
    for one in trends:
        shares = (f"{round(share, _PLACES)}" for share in (one.share, one.share_before))
        rows.append((one.id, one.name, one.calls, one.before, *shares, *one.weeks))
    return csv_of(rows)


def _subject(one: SubjectTalks) -> tuple[Cell, ...]:
    scores = one.scores or Scores()
    mean = scores.mean_tenths
    told = "" if mean is None else f"{mean // 10}.{mean % 10}"
    return (one.label, one.name, *_cells(one.sums), one.before.talks, scores.count, told)


def _cells(sums: TalkSums) -> tuple[Cell, ...]:
    values = (sums.value(metric) for metric in Metric)
    return (sums.talks, *("" if value is None else f"{round(value, _PLACES)}" for value in values))
