"""When a tenant's room is full: a projection of what is added day by day, with an interval.

Method. The bytes added on each day are summed into whole weeks that end yesterday, so that weekdays cannot
be mistaken for growth. A line is laid through the last weeks by Theil and Sen (the median of the slopes of
all pairs; Sen, “Estimates of the regression coefficient based on Kendall's tau”, JASA 63, 1968), which up to
29 % of odd weeks (holidays, an import) do not move. What comes is simulated: the weeks' differences from the
line are drawn again in short runs (Künsch, “The jackknife and the bootstrap for general stationary
observations”, Annals of Statistics 17, 1989), once to lay the line anew, so that its own uncertainty counts,
and once as the coming weeks' noise. The middle of the simulated futures is the forecast, the 10th and the
90th percentile are its interval: four times of five it should hold what comes, as long as the company goes on
as in these weeks. Within a week, bytes come by the weekdays' median shares.

Of fewer than `WEEKS_MIN` whole weeks nothing is said. Below `WEEKS_FOR_TREND` no growth is assumed, and the
interval is widened by what so few weeks may hide.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate
from statistics import fmean, median

WEEKS_MIN = 2
WEEKS_FOR_TREND = 12
WEEKS_MAX = 26
HORIZON_WEEKS = 157
"""Three years: nobody believes a date beyond."""
_RUNS = 200
_RUN_OF_WEEKS = 4
_FEW_WEEKS_SPREAD = 0.15
"""How far a level known from few weeks may be off, one standard deviation."""
_WIDENED = 1.6
"""How much wider than the weeks' own spread, by back-testing (tests/domain/test_forecast.py)."""
_LOW, _HIGH = 0.1, 0.9


class ForecastState(StrEnum):
    """What can be said."""

    FULL_ON = "full_on"
    NOT_SOON = "not_soon"
    """Not within the horizon."""
    FULL = "full"
    """It is full now."""
    NO_QUOTA = "no_quota"
    TOO_LITTLE_HISTORY = "too_little_history"


@dataclass(frozen=True, slots=True)
class ProjectedWeek:
    """What is used at the end of a week that ends on `day`, if nothing made room: middle, low and high."""

    day: date
    used_bytes: int
    low_bytes: int
    high_bytes: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`full_on` lies between `earliest` and `latest` four times of five; None is beyond the horizon.

    `bytes_per_day` is what is added on a day of the coming week, `weeks` how many weeks it was told from.
    """

    state: ForecastState
    full_on: date | None
    earliest: date | None
    latest: date | None
    bytes_per_day: int
    weeks: int
    projection: tuple[ProjectedWeek, ...]


def forecast(
    added_bytes: Sequence[int],
    used_bytes: int,
    quota_bytes: int | None,
    today: date,
    leaving_bytes: Sequence[int] = (),
) -> Forecast:
    """The forecast on the morning of `today`.

    `added_bytes` are those of each day, oldest first, the last one yesterday's; days before the first one
    with any are left out. `leaving_bytes` are those that go by their term in each coming week, the first
    being the week that begins today.
    """
    weeks = _whole_weeks(added_bytes)
    if len(weeks) < WEEKS_MIN:
        state = ForecastState.NO_QUOTA if quota_bytes is None else ForecastState.TOO_LITTLE_HISTORY
        state = ForecastState.FULL if _is_full(used_bytes, quota_bytes) else state
        return Forecast(state, None, None, None, 0, len(weeks), ())
    futures = _futures(weeks, leaving_bytes)
    low, middle, high = _percentiles(futures, used_bytes)
    shares = _weekday_shares(added_bytes)
    projection = tuple(
        ProjectedWeek(today + timedelta(days=7 * n + 6), round(middle[n]), round(low[n]), round(high[n]))
        for n in range(HORIZON_WEEKS)
    )
    per_day = round(max(0.0, median(run[0] for run in futures.added)) / 7)
    if quota_bytes is None:
        return Forecast(ForecastState.NO_QUOTA, None, None, None, per_day, len(weeks), projection)
    if _is_full(used_bytes, quota_bytes):
        return Forecast(ForecastState.FULL, today, today, today, per_day, len(weeks), projection)
    days = sorted(
        _day_of_full([used_bytes + one for one in run], used_bytes, quota_bytes, shares)
        for run in futures.grown
    )
    full_on, earliest, latest = (
        _date(today, days[round(share * (len(days) - 1))]) for share in (0.5, _LOW, _HIGH)
    )
    state = ForecastState.FULL_ON if full_on is not None else ForecastState.NOT_SOON
    return Forecast(state, full_on, earliest, latest, per_day, len(weeks), projection)


@dataclass(frozen=True, slots=True)
class _Futures:
    """Simulated runs: what each coming week adds, and what has come by its end, what left taken off."""

    added: list[list[float]]
    grown: list[list[float]]


def _futures(weeks: Sequence[int], leaving_bytes: Sequence[int]) -> _Futures:
    count = len(weeks)
    slope, level, residuals = _line(weeks)
    # The line lies closer to the weeks that it was laid through than to others.
    widen = _WIDENED * (count / (count - 2)) ** 0.5 if count > 2 else 2.0
    residuals = [widen * one for one in residuals]
    leaving = [*leaving_bytes[:HORIZON_WEEKS], *[0] * (HORIZON_WEEKS - len(leaving_bytes))]
    chance = random.Random(count)  # noqa: S311 - the same history gives the same forecast
    futures = _Futures([], [])
    for _ in range(_RUNS):
        again = [level + slope * n + noise for n, noise in enumerate(_drawn(residuals, count, chance))]
        slope_again, level_again, _ = _line(again)
        if count < WEEKS_FOR_TREND:
            level_again *= 1 + chance.gauss(0, _FEW_WEEKS_SPREAD)
        noise = _drawn(residuals, HORIZON_WEEKS, chance)
        added = [max(0.0, level_again + slope_again * (count + n) + noise[n]) for n in range(HORIZON_WEEKS)]
        futures.added.append(added)
        futures.grown.append(list(accumulate(one - gone for one, gone in zip(added, leaving, strict=True))))
    return futures


def _line(weeks: Sequence[float]) -> tuple[float, float, list[float]]:
    """Slope a week, the level of the first week, and what the weeks differ from the line, odd ones tamed.

    The slope is that of the medians. The level is that of the means, because means are what adds up; there
    an odd week counts for no more than four standard deviations of the others.
    """
    count = len(weeks)
    slope = 0.0
    if count >= WEEKS_FOR_TREND:
        slope = median((weeks[n] - weeks[m]) / (n - m) for n in range(count) for m in range(n))
    level = median(one - slope * n for n, one in enumerate(weeks))
    residuals = [one - level - slope * n for n, one in enumerate(weeks)]
    most = 4 * 1.4826 * median(abs(one) for one in residuals)
    residuals = [min(max(one, -most), most) for one in residuals]
    middle = fmean(residuals)
    return slope, level + middle, [one - middle for one in residuals]


def _drawn(residuals: Sequence[float], count: int, chance: random.Random) -> list[float]:
    """So many residuals, drawn in runs: weeks that follow each other are alike."""
    length = min(_RUN_OF_WEEKS, len(residuals))
    drawn: list[float] = []
    while len(drawn) < count:
        start = chance.randrange(len(residuals))
        drawn += [residuals[(start + n) % len(residuals)] for n in range(length)]
    return drawn[:count]


def _percentiles(futures: _Futures, used_bytes: int) -> tuple[list[float], list[float], list[float]]:
    rows: tuple[list[float], list[float], list[float]] = ([], [], [])
    for at_week in zip(*futures.grown, strict=True):
        ordered = sorted(at_week)
        for row, share in zip(rows, (_LOW, 0.5, _HIGH), strict=True):
            row.append(max(0.0, used_bytes + ordered[round(share * (len(ordered) - 1))]))
    return rows


def _whole_weeks(added_bytes: Sequence[int]) -> list[int]:
    """Sums of the last whole weeks, oldest first."""
    first = next((n for n, one in enumerate(added_bytes) if one), len(added_bytes))
    known = list(added_bytes[first:])
    count = min(WEEKS_MAX, len(known) // 7)
    start = len(known) - 7 * count
    return [sum(known[start + 7 * n : start + 7 * n + 7]) for n in range(count)]


def _weekday_shares(added_bytes: Sequence[int]) -> list[float]:
    """Which part of a week each of its days brings, today's weekday first."""
    known = added_bytes[-7 * WEEKS_MAX :]
    middles = [median(known[len(known) % 7 + n :: 7]) for n in range(7)]
    whole = sum(middles)
    return [one / whole for one in middles] if whole else [1 / 7] * 7


def _day_of_full(
    used_at_weeks: Sequence[float], used_bytes: int, quota_bytes: int, shares: Sequence[float]
) -> int:
    """After how many whole days the quota is reached, a very large number when it is not."""
    before = float(used_bytes)
    for week, after in enumerate(used_at_weeks):
        if after >= quota_bytes:
            needed = (quota_bytes - before) / (after - before)
            for day, come in enumerate(accumulate(shares)):
                if come >= needed - 1e-9:
                    return 7 * week + day
            return 7 * week + 6
        before = after
    return 7 * HORIZON_WEEKS


def _date(today: date, days: int) -> date | None:
    return None if days >= 7 * HORIZON_WEEKS else today + timedelta(days=days)


def _is_full(used_bytes: int, quota_bytes: int | None) -> bool:
    return quota_bytes is not None and used_bytes >= quota_bytes
