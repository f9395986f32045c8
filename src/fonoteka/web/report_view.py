"""What the overview shows of a report: figures with their change, the line of days, the map of hours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from babel.numbers import format_decimal

from fonoteka.domain.direction import Direction
from fonoteka.domain.insight import Insights
from fonoteka.domain.query import Became
from fonoteka.domain.report import Figures, Report
from fonoteka.web.filters import Filters
from fonoteka.web.formats import Formats

WIDTH, HEIGHT, LEFT, TOP, BASE = 760, 184, 52, 14, 148
_LABELS_MAX = 8
_LEVELS = 8
_HOURS_SHOWN = (9, 18)


class Head(StrEnum):
    """For whom the overview is arranged."""

    SALES = "sales"
    MARKETING = "marketing"
    PERSONNEL = "personnel"
    SERVICE = "service"


BLOCKS: dict[Head, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Head.SALES: (("days", "agents", "hours"), ("callers", "groups", "kinds", "sound")),
    Head.MARKETING: (("days", "hours", "agents"), ("callers", "kinds", "groups", "sound")),
    Head.PERSONNEL: (("agents", "hours", "days"), ("groups", "kinds", "sound", "callers")),
    Head.SERVICE: (("hours", "days", "agents"), ("groups", "callers", "kinds", "sound")),
}
"""Which blocks stand in the wide and in the narrow column, in their order."""


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure of the strip on top. `tone` says whether the change is `good`, `bad` or neither."""

    name: str
    value: str
    change: str
    before: str
    tone: str
    address: str


@dataclass(frozen=True, slots=True)
class DaysChart:
    """Lines of calls by day, this period and the one before, in a picture of `WIDTH` × `HEIGHT`."""

    line: str
    before: str
    last: tuple[float, float]
    scale: tuple[tuple[float, int], ...]
    labels: tuple[tuple[float, date], ...]


@dataclass(frozen=True, slots=True)
class HeatCell:
    """An hour of a weekday; `level` 0 (none) to 8 (most)."""

    weekday: int
    hour: int
    calls: int
    missed: int
    level: int


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Calls by weekday and hour. `rows` are weekdays, Monday first; `busiest` the cell with most calls."""

    hours: tuple[int, ...]
    rows: tuple[tuple[HeatCell, ...], ...]
    sums: tuple[int, ...]
    busiest: HeatCell | None


def headlines(report: Report, formats: Formats, whole: Filters) -> tuple[Headline, ...]:
    """The strip of figures; each opens its calls."""
    now, then = report.figures, report.before
    gettext = formats.language.gettext
    incoming = whole.with_direction(Direction.INCOMING)

    def count(name: str, of: Callable[[Figures], int], filters: Filters, bad: int = 0) -> Headline:
        tone = _tone(of(now) - of(then), bad)
        change = relative(formats, of(now), of(then))
        return Headline(
            name, formats.number(of(now)), change, formats.number(of(then)), tone, filters.address()
        )

    def share(name: str, of: Callable[[Figures], float | None], filters: Filters) -> Headline:
        here, there = of(now), of(then)
        change, tone = "", ""
        if here is not None and there is not None:
            points = round((here - there) * 100, 1)
            change = gettext("%(n)s pp") % {"n": signed(formats, points)} if points else "0"
            tone = _tone(points, -1)
        before = "" if there is None else exact_percent(formats, there)
        return Headline(
            name,
            "–" if here is None else exact_percent(formats, here),
            change,
            before,
            tone,
            filters.address(),
        )

    def length(name: str, of: Callable[[Figures], int | None], show: Callable[[int], str]) -> Headline:
        here, there = of(now), of(then)
        change = "" if here is None or not there else relative(formats, here, there)
        return Headline(
            name,
            "–" if here is None else show(here),
            change,
            "" if there is None else show(there),
            "",
            whole.with_outcome(Became.ANSWERED).address(),
        )

    return (
        count(gettext("Calls"), lambda one: one.calls, whole.with_outcome(Became.ANY)),
        share(gettext("Answered"), lambda one: one.answered_share, incoming.with_outcome(Became.ANSWERED)),
        count(gettext("Missed"), lambda one: one.missed, incoming.with_outcome(Became.MISSED), 1),
        length(gettext("Talk"), lambda one: one.talk_ms, lambda ms: minutes(formats, ms)),
        length(gettext("Mean call"), lambda one: one.mean_ms, formats.clock),
        share(
            gettext("Recorded of wanted"),
            lambda one: one.recorded_share,
            whole.with_outcome(Became.RECORDED),
        ),
    )


def relative(formats: Formats, now: int, before: int) -> str:
    """`+6 %`, `−12 %`; empty where there was nothing before."""
    if not before:
        return ""
    change = round((now / before - 1) * 100)
    space = "\N{NO-BREAK SPACE}" if formats.language.code == "ru" else ""
    return f"{signed(formats, change) if change else '0'}{space}%"


def signed(formats: Formats, value: float) -> str:
    """`+1.2`, `−3`."""
    text = format_decimal(abs(value), locale=formats.language.locale)
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{text}"


def exact_percent(formats: Formats, share: float) -> str:
    """`91.4%`; never 100 unless all of them."""
    value = round(share * 100, 1)
    if value == 100 and share < 1:
        value = 99.9
    space = "\N{NO-BREAK SPACE}" if formats.language.code == "ru" else ""
    return f"{formats.number(int(value) if value == int(value) else value)}{space}%"


def minutes(formats: Formats, duration_ms: int) -> str:
    """`1,204 min`."""
    text = formats.language.gettext("%(n)s min") % {"n": formats.number(round(duration_ms / 60_000))}
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def days_chart(report: Report) -> DaysChart | None:
    """The lines; None of a single day."""
    if len(report.by_day) < 2:
        return None
    now = [one.figures.calls for one in report.by_day]
    then = [one.figures.calls for one in report.by_day_before]
    top, step = _scale(max(*now, *then, 1))

    def at(place: int, count: int) -> tuple[float, float]:
        across = place / (len(now) - 1)
        return LEFT + across * (WIDTH - LEFT - 6), BASE - count / top * (BASE - TOP)

    every = -(-len(now) // _LABELS_MAX)
    return DaysChart(
        _line([at(*one) for one in enumerate(now)]),
        _line([at(*one) for one in enumerate(then)]),
        at(len(now) - 1, now[-1]),
        tuple((at(0, one)[1], one) for one in range(0, top + 1, step)),
        tuple((at(place, 0)[0], report.by_day[place].day) for place in range(0, len(now), every)),
    )


def heat_map(report: Report) -> HeatMap:
    """The map; hours before nine and after seven where there were calls alone."""
    known = {(one.weekday, one.hour): one for one in report.by_hour}
    most = max((one.calls for one in report.by_hour), default=0)
    used = [hour for _, hour in known] or list(_HOURS_SHOWN)
    hours = tuple(range(min(*used, _HOURS_SHOWN[0]), max(*used, _HOURS_SHOWN[1]) + 1))

    def cell(weekday: int, hour: int) -> HeatCell:
        one = known.get((weekday, hour))
        if one is None:
            return HeatCell(weekday, hour, 0, 0, 0)
        return HeatCell(weekday, hour, one.calls, one.missed, max(1, round(one.calls / most * _LEVELS)))

    rows = tuple(tuple(cell(weekday, hour) for hour in hours) for weekday in range(7))
    cells = [one for row in rows for one in row if one.calls]
    busiest = max(cells, key=lambda one: one.calls, default=None)
    return HeatMap(hours, rows, tuple(sum(one.calls for one in row) for row in rows), busiest)


def filters_of(report: Report | Insights, formats: Formats) -> Filters:
    """The filters under which the list shows the calls of the report's days."""
    own_zone = getattr(formats.zone, "key", "") == report.zone
    return Filters(
        first_day=report.days.first,
        last_day=report.days.last,
        groups=(report.group_id,) if report.group_id else (),
        zone="" if own_zone else report.zone,
    )


def of_day(whole: Filters, day: date) -> Filters:
    """The same calls of one day, whatever became of them."""
    return replace(whole, first_day=day, last_day=day).with_outcome(Became.ANY)


def of_cell(whole: Filters, weekday: int, hour: int | None) -> Filters:
    """The same calls of a weekday and an hour, whatever became of them."""
    return replace(whole, weekday=weekday, hour=hour).with_outcome(Became.ANY)


def _tone(change: float, bad: int) -> str:
    """`bad` is 1 where more is worse, −1 where less is, 0 where neither."""
    if not change or not bad:
        return ""
    return "bad" if change * bad > 0 else "good"


def _scale(most: int) -> tuple[int, int]:
    """The top of the scale and the step of its lines: two or three of them, of round numbers."""
    step = 1
    while step * 3 < most:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return step * (-(-most // step)), step


def _line(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
