"""The chart of growth: what was used, what is expected with its band, the limit; and the sentence above."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta

from fonoteka.archive import StorageForecast
from fonoteka.domain.forecast import ForecastState, ProjectedWeek
from fonoteka.web.formats import Formats

WIDTH, HEIGHT, TOP, BASE = 790, 250, 36, 224
_POINTS_MAX = 160
_AHEAD_MIN = timedelta(days=28)
_AHEAD_SHARE = 0.28
"""Of what is behind, as much is left ahead at least: room for the words beside the end."""
_LINES = 4
_LABEL_WIDTH, _LABEL_APART = 112, 15
_APART = 20
"""Closer to the limit a line of the scale would run into its words."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What the template draws: paths in a picture of `WIDTH` × `HEIGHT`, and the words for it.

    `rows` are the table behind it: day, bytes, whether that is still to come. Labels have the place of
    their first line, the end's also whether it ends there instead of beginning.
    """

    lead: str
    more: str
    used_line: str
    used_area: str
    band: str
    coming_line: str
    limit_y: float | None
    today: tuple[float, float]
    today_label: tuple[float, float, bool]
    full: tuple[float, float] | None
    full_label: tuple[float, float, bool]
    full_words: tuple[str, ...]
    scale: tuple[tuple[float, int], ...]
    months: tuple[tuple[float, date], ...]
    rows: tuple[tuple[date, int, bool], ...]


def growth_of(formats: Formats, told: StorageForecast) -> Growth | None:
    """The chart; None while there is no history to draw."""
    if len(told.history) < 2:
        return None
    weeks = _shown_weeks(told)
    first = told.history[0].day
    last = told.today + max(_AHEAD_MIN, (told.today - first) * _AHEAD_SHARE)
    last = max(last, weeks[-1].day if weeks else last)
    sizes = [*(one.used_bytes for one in told.history), *(one.high_bytes for one in weeks)]
    top = max(told.quota_bytes or 0, *sizes, 1)
    if told.quota_bytes:
        top = min(top, round(told.quota_bytes * 1.1))
    days = max(1, (last - first).days)

    def at(day: date, size: float) -> tuple[float, float]:
        return (day - first).days / days * WIDTH, BASE - min(size, top) / top * (BASE - TOP)

    step = max(1, len(told.history) // _POINTS_MAX)
    shown = [*told.history[:-1:step], told.history[-1]]
    line = [at(one.day, one.used_bytes) for one in shown]
    now = at(told.today, told.used_bytes)
    middle = [now, *(at(one.day, one.used_bytes) for one in weeks)]
    high = [now, *(at(one.day, one.high_bytes) for one in weeks)]
    low = [now, *(at(one.day, one.low_bytes) for one in weeks)]
    full_on = told.forecast.full_on
    limit_y = None if not told.quota_bytes else at(first, told.quota_bytes)[1]
    full = None if full_on is None or full_on > last else at(full_on, told.quota_bytes or 0)
    scale = [(at(first, size)[1], size) for size in _scale(top)]
    return Growth(
        lead=_lead(formats, told),
        more=_more(formats, told),
        used_line=_path(line),
        used_area=_path([*line, (line[-1][0], BASE), (line[0][0], BASE)]) + "Z",
        band=_path([*high, *reversed(low)]) + "Z" if weeks else "",
        coming_line=_path(middle) if weeks else "",
        limit_y=limit_y,
        today=now,
        today_label=_beside_today(now, limit_y),
        full=full,
        full_label=_beside_end(full, now),
        full_words=_full_words(formats, told),
        scale=tuple(one for one in scale if limit_y is None or abs(one[0] - limit_y) > _APART),
        months=tuple((at(day, 0)[0], day) for day in _months(first, last)),
        rows=(
            *((one.day, one.used_bytes, False) for one in told.history[-1:-30:-7][::-1]),
            *((one.day, one.used_bytes, True) for one in weeks[:8]),
        ),
    )


def _beside_today(now: tuple[float, float], limit_y: float | None) -> tuple[float, float, bool]:
    """Above the line; below what is said of the end where the limit is too close for that."""
    if limit_y is not None and now[1] - limit_y < _LABEL_APART:
        return now[0] + 8, now[1] + 76, False
    return now[0] - 9, now[1] - 5, True


def _beside_end(end: tuple[float, float] | None, now: tuple[float, float]) -> tuple[float, float, bool]:
    """Right of the end where there is room, otherwise below everything that is drawn there."""
    x, y = end or now
    if x + 8 + _LABEL_WIDTH <= WIDTH:
        return x + 8, y + 22, False
    return WIDTH, max(y, now[1]) + 28, True


def _full_words(formats: Formats, told: StorageForecast) -> tuple[str, ...]:
    """The lines beside the end: what happens, when, and within which days."""
    one, gettext = told.forecast, formats.language.gettext
    if one.full_on is None:
        return ()
    lines = [gettext("Used up"), formats.day(one.full_on)]
    if one.earliest is not None and one.latest is not None and one.earliest != one.latest:
        lines.append(formats.short_span(one.earliest, one.latest))
    return tuple(lines)


def _shown_weeks(told: StorageForecast) -> tuple[ProjectedWeek, ...]:
    """The coming weeks up to where it is full, and about as far as the history goes back."""
    weeks = told.forecast.projection
    back = max(4, (told.today - told.history[0].day).days // 14)
    full_on = told.forecast.latest or told.forecast.full_on
    until = bisect_left([one.day for one in weeks], full_on) + 2 if full_on is not None else back
    return weeks[: max(4, min(until, 2 * back))]


def _lead(formats: Formats, told: StorageForecast) -> str:
    gettext, one = formats.language.gettext, told.forecast
    if one.state is ForecastState.FULL:
        return gettext("The room is used up")
    if one.state is ForecastState.FULL_ON and one.full_on is not None:
        return gettext("The room is used up on %(day)s") % {"day": formats.day(one.full_on)}
    if one.state is ForecastState.NOT_SOON:
        return gettext("The room lasts for more than three years")
    return ""


def _more(formats: Formats, told: StorageForecast) -> str:
    gettext, one = formats.language.gettext, told.forecast
    if one.state is ForecastState.TOO_LITTLE_HISTORY:
        return gettext("When it is used up can be told after two weeks of recording.")
    parts = []
    if one.state is ForecastState.FULL_ON and one.earliest is not None:
        if one.latest is None:
            parts.append(gettext("Probably not before %(day)s.") % {"day": formats.day(one.earliest)})
        else:
            parts.append(
                gettext("Probably between %(first)s and %(last)s.")
                % {"first": formats.day(one.earliest), "last": formats.day(one.latest)}
            )
    if one.weeks and one.state is not ForecastState.FULL:
        parts.append(gettext("A day adds about %(size)s.") % {"size": formats.size(one.bytes_per_day)})
    return " ".join(parts)


def _scale(top: int) -> list[int]:
    """Round sizes for the lines behind: 1, 2, 2.5 or 5 of a power of ten."""
    power = 10 ** max(0, len(str(top // _LINES)) - 1)
    step = next(round(power * one) for one in (1, 2, 2.5, 5, 10, 20) if power * one * (_LINES + 1) > top)
    return list(range(step, top, step)) if step else []


def _months(first: date, last: date) -> list[date]:
    found, day = [], date(first.year, first.month, 1)
    while day <= last:
        if day >= first:
            found.append(day)
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return found[:: max(1, len(found) // 10)]


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
