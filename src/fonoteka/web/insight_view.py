"""What the page of insights shows: figures with their change, dots beside the median, reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from fonoteka.domain.insight import (
    FIGURES_MIN,
    Insights,
    Metric,
    SubjectTalks,
    TalkSums,
    TopicTrend,
)
from fonoteka.domain.worth import Reason, Why, WorthHearing
from fonoteka.web.filters import Filters
from fonoteka.web.formats import Formats
from fonoteka.web.report_view import relative, signed
from fonoteka.web.voices import Side, StripPicture, lanes_of, sides_of, strip_picture

WIDTH, HEIGHT, LEFT, TOP, BASE = 760, 168, 52, 12, 136
DOT_WIDTH, _EDGE = 96, 6
CHARTED = (Metric.TALK_RATIO, Metric.INTERRUPTIONS, Metric.SILENCE, Metric.CROSSTALK, Metric.PATIENCE)
"""What can be shown by day: all but what needs a spread, or is rare."""
_SHARES = (Metric.TALK_RATIO, Metric.SILENCE, Metric.CROSSTALK, Metric.HOLD)
_WEEKS_FROM_DAYS = 63
_LABELS_MAX = 8
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure of the strip on top, with that of the period before."""

    name: str
    value: str
    change: str
    before: str


@dataclass(frozen=True, slots=True)
class Dot:
    """Where a figure lies, in a picture of `DOT_WIDTH`: the median, the half around it, the dot itself."""

    median: float
    low: float
    high: float
    at: float
    is_far: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A figure by day or week, in a picture of `WIDTH` × `HEIGHT`; gaps where there was nothing."""

    path: str
    points: tuple[tuple[float, float, date, str], ...]
    scale: tuple[tuple[float, str], ...]
    labels: tuple[tuple[float, date], ...]
    is_by_week: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A call worth hearing: people, reasons, the picture of its sound with the moment's place (0 to 1)."""

    worth: WorthHearing
    them: Side
    us: Side
    reasons: str
    address: str
    strip: StripPicture | None
    tick: float | None
    moment: str


class InsightView:
    """Writes insights for one visitor."""

    def __init__(self, found: Insights, formats: Formats) -> None:
        self._found, self._formats = found, formats
        self._gettext = formats.language.gettext

    def value(self, metric: Metric, value: float | None) -> str:
        """A figure as people read it; a dash for none."""
        if value is None:
            return "–"
        if metric in _SHARES:
            return self._formats.percent(value)
        if metric is Metric.MONOLOGUE:
            return self._formats.clock(round(value))
        if metric is Metric.PATIENCE:
            number = self._formats.number(round(value / 1000, 1))
            return (self._gettext("%(seconds)s s") % {"seconds": number}).replace(" ", "\N{NO-BREAK SPACE}")
        return self._formats.number(round(value, 1))

    def name(self, metric: Metric) -> str:
        """What a figure is called."""
        gettext = self._gettext
        return {
            Metric.TALK_RATIO: gettext("The agent speaks"),
            Metric.INTERRUPTIONS: gettext("Interruptions in 10 min"),
            Metric.MONOLOGUE: gettext("Monologue"),
            Metric.SILENCE: gettext("Silence"),
            Metric.CROSSTALK: gettext("Both at once"),
            Metric.PATIENCE: gettext("Patience"),
            Metric.INTERACTIVITY: gettext("Interactivity"),
            Metric.HOLD: gettext("On hold"),
        }[metric]

    def headlines(self) -> tuple[Headline, ...]:
        """The strip of figures."""
        now, then, formats = self._found.sums, self._found.before, self._formats
        gettext = self._gettext
        talks = Headline(
            gettext("Conversations"),
            formats.number(now.talks),
            relative(formats, now.talks, then.talks),
            formats.number(then.talks) if then.talks else "",
        )
        metrics = (Metric.TALK_RATIO, Metric.INTERRUPTIONS, Metric.MONOLOGUE, Metric.SILENCE)
        last = (self._score(),) if self._found.scores is not None else (self._headline(Metric.PATIENCE),)
        return (talks, *map(self._headline, metrics), *last)

    def _headline(self, metric: Metric) -> Headline:
        now, then = self._found.sums.value(metric), self._found.before.value(metric)
        change = ""
        if now is not None and then is not None:
            if metric in _SHARES:
                points = round((now - then) * 100, 1)
                told = self._gettext("%(n)s pp") % {"n": signed(self._formats, points)}
                change = told if points else "0"
            else:
                change = relative(self._formats, round(now * 1000), round(then * 1000))
        before = "" if then is None else self.value(metric, then)
        return Headline(self.name(metric), self.value(metric, now), change, before)

    def _score(self) -> Headline:
        gettext = self._gettext
        now, then = (
            None if one is None else one.mean_tenths
            for one in (self._found.scores, self._found.scores_before)
        )
        change = ""
        if now is not None and then is not None:
            points = (now - then) / 10
            told = self._gettext("%(n)s pp") % {"n": signed(self._formats, points)}
            change = told if points else "0"
        return Headline(
            gettext("Scorecards"), self.tenths(now), change, "" if then is None else self.tenths(then)
        )

    def tenths(self, tenths: int | None) -> str:
        """Tenths of a percent; a dash for none."""
        return "–" if tenths is None else self._formats.percent(tenths / 1000)

    def dot(self, metric: Metric, one: SubjectTalks) -> Dot | None:
        """The figure beside the median; None where there is no median or no figure."""
        usual, value = self._found.quartiles.get(metric), one.sums.value(metric)
        if usual is None or value is None or one.sums.talks < FIGURES_MIN:
            return None
        every = [usual.low, usual.high]
        for agent in self._found.agents:
            if agent.sums.talks >= FIGURES_MIN and (there := agent.sums.value(metric)) is not None:
                every.append(there)
        least, most = min(every), max(every)
        width = (most - least) or 1

        def place(there: float) -> float:
            return _EDGE + (DOT_WIDTH - 2 * _EDGE) * (there - least) / width

        return Dot(
            place(usual.median), place(usual.low), place(usual.high), place(value), not usual.holds(value)
        )

    def is_far(self, metric: Metric, one: SubjectTalks) -> bool:
        """Whether the figure lies far from the median."""
        usual, value = self._found.quartiles.get(metric), one.sums.value(metric)
        if usual is None or value is None or one.sums.talks < FIGURES_MIN:
            return False
        return not usual.holds(value)

    def conclusion(self) -> tuple[SubjectTalks, Metric] | None:
        """Who differs most from the median, and in what; None: nobody does."""
        most: tuple[float, SubjectTalks, Metric] | None = None
        for one in self._found.agents:
            for metric in (Metric.INTERRUPTIONS, Metric.TALK_RATIO, Metric.MONOLOGUE, Metric.SILENCE):
                usual, value = self._found.quartiles.get(metric), one.sums.value(metric)
                if usual is None or value is None or not self.is_far(metric, one):
                    continue
                distance = abs(value - usual.median) / ((usual.high - usual.low) or 1)
                if most is None or distance > most[0]:
                    most = distance, one, metric
        return None if most is None else most[1:]

    def line(self, metric: Metric) -> Line | None:
        """The figure by day, by week over a long time; None of fewer than two points."""
        every = len(self._found.by_day) >= _WEEKS_FROM_DAYS
        steps = _by_week(self._found) if every else [(one.day, one.sums) for one in self._found.by_day]
        known = [
            (place, day, value)
            for place, (day, sums) in enumerate(steps)
            if (value := sums.value(metric)) is not None
        ]
        if len(known) < 2:
            return None
        top = max(value for *_, value in known) or 1
        step = next((one for one in _STEPS if top / one <= 3), top / 3)
        top = step * -(-top // step)

        def at(place: int, value: float) -> tuple[float, float]:
            return LEFT + place / (len(steps) - 1) * (WIDTH - LEFT - 8), BASE - value / top * (BASE - TOP)

        path, before = "", -2
        for place, _, value in known:
            x, y = at(place, value)
            path += f"{'L' if place == before + 1 else 'M'}{x:.1f} {y:.1f}"
            before = place
        grid = [step * one for one in range(round(top / step) + 1)]
        apart = -(-len(steps) // _LABELS_MAX)
        return Line(
            path,
            tuple((*at(place, value), day, self.value(metric, value)) for place, day, value in known),
            tuple((at(0, one)[1], self.value(metric, one)) for one in grid),
            tuple((at(place, 0)[0], steps[place][0]) for place in range(0, len(steps), apart)),
            every,
        )

    def spark(self, trend: TopicTrend) -> str:
        """Calls of the last weeks as a path in a picture of 80 × 20."""
        most = max(*trend.weeks, 1)
        points = [
            (2 + 76 * place / (len(trend.weeks) - 1), 17 - 14 * calls / most)
            for place, calls in enumerate(trend.weeks)
        ]
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)

    def rise(self, trend: TopicTrend) -> str:
        """By how much the share of calls changed; a word for what is new."""
        if not trend.before:
            gettext = self._gettext
            return gettext("new")
        return relative(self._formats, round(1e6 * trend.share), round(1e6 * trend.share_before))

    def worth(self, items: Sequence[WorthHearing]) -> tuple[Shown, ...]:
        """Calls worth hearing as rows."""
        return tuple(map(self._shown, items))

    def _shown(self, one: WorthHearing) -> Shown:
        them, us = sides_of(one.call)
        sound = next(
            (each for each in one.call.recordings if each.id == one.recording_id),
            next(iter(one.call.recordings), None),
        )
        at_ms = one.at_ms
        reasons = "; ".join(map(self.reason, one.whys))
        return Shown(
            worth=one,
            them=them,
            us=us,
            reasons=reasons[:1].upper() + reasons[1:],
            address=f"/calls/{one.call.id}" + ("" if at_ms is None else f"#t={at_ms / 1000:.1f}"),
            strip=None if sound is None else strip_picture(sound.strip, lanes_of(one.call, sound)),
            tick=at_ms / sound.duration_ms if sound and at_ms is not None and sound.duration_ms else None,
            moment=self._formats.clock(one.call.duration_ms if at_ms is None else at_ms),
        )

    def reason(self, why: Why) -> str:
        """A reason in words, without a capital."""
        gettext, formats = self._gettext, self._formats
        number, length = formats.number(round(why.value, 1)), formats.clock(round(why.value))
        told = {
            Reason.INTERRUPTIONS: gettext("interruptions: %(n)s") % {"n": number},
            Reason.MONOLOGUE: gettext("monologue of %(length)s") % {"length": length},
            Reason.LISTENS_LITTLE: gettext("the client spoke %(share)s")
            % {"share": formats.percent(max(0.0, 1 - why.value))},
            Reason.LONG_SILENCE: gettext("silence of %(length)s") % {"length": length},
            Reason.LONG_HOLD: gettext("on hold for %(length)s") % {"length": length},
            Reason.LOW_MARK: gettext("mark %(n)s") % {"n": formats.number(why.value / 10)},
            Reason.TOPIC: gettext("topic “%(name)s”") % {"name": why.name},
            Reason.LOW_SCORE: gettext("scorecard %(share)s") % {"share": formats.percent(why.value / 1000)},
        }
        plain = _PLAIN.get(why.reason, why.reason)
        if why.usual is None:
            return told[plain]
        is_number = plain is Reason.INTERRUPTIONS
        usual = formats.number(round(why.usual)) if is_number else formats.clock(round(why.usual))
        return gettext("%(reason)s, usually %(usual)s") % {"reason": told[plain], "usual": usual}


_PLAIN = {
    Reason.UNUSUAL_MONOLOGUE: Reason.MONOLOGUE,
    Reason.UNUSUAL_SILENCE: Reason.LONG_SILENCE,
    Reason.UNUSUAL_INTERRUPTIONS: Reason.INTERRUPTIONS,
}


def calls_of(whole: Filters, agent: SubjectTalks) -> Filters:
    """The filters for an agent's calls; a number that is not among the extensions is looked for."""
    if agent.id:
        return whole.with_extension(agent.label)
    return replace(whole, text=agent.label)


def _by_week(found: Insights) -> list[tuple[date, TalkSums]]:
    """Sums of seven days each, from the first day on; the rest of a week at the end is left out."""
    days = found.by_day
    return [
        (days[start].day, sum((one.sums for one in days[start : start + 7]), TalkSums()))
        for start in range(0, len(days) - 6, 7)
    ]
