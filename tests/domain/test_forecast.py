"""The forecast against series whose future is known."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta

import pytest

from fonoteka.domain.forecast import HORIZON_WEEKS, Forecast, ForecastState, forecast

TODAY = date(2026, 4, 24)
GB = 10**9
WEEKDAYS = (1.0, 1.05, 1.0, 0.95, 0.85, 0.25, 0.1)
SERIES = 50


def series(chance: random.Random, days: int, growth: float, noise: float, odd: float = 0.0) -> list[int]:
    """Bytes of each day: weekdays, linear growth over the whole, noise, and some odd days."""
    made = []
    drift = 0.0
    for day in range(days):
        drift = 0.6 * drift + chance.gauss(0, noise)
        level = 0.5e9 * (1 + growth * day / 365) * WEEKDAYS[day % 7]
        times = chance.choice((0.1, 4.0)) if chance.random() < odd else 1.0
        made.append(int(level * times * math.exp(drift)))
    return made


def truth(coming: list[int], used: int, quota: int) -> date:
    """The day on which the quota is reached."""
    for day, added in enumerate(coming):
        used += added
        if used >= quota:
            return TODAY + timedelta(days=day)
    raise AssertionError("the series is too short")


# Days whose bytes vary by half from what is usual, for weeks at a time, are hardly told nearer.
@pytest.mark.parametrize(
    ("name", "history", "growth", "noise", "odd", "off_most"),
    [
        ("steady", 180, 0.0, 0.15, 0.0, 0.15),
        ("growing", 180, 0.8, 0.15, 0.0, 0.15),
        ("noisy", 180, 0.5, 0.4, 0.0, 0.35),
        ("odd days", 180, 0.5, 0.15, 0.03, 0.15),
        ("two months", 60, 0.3, 0.2, 0.0, 0.15),
        ("three weeks", 21, 0.3, 0.2, 0.0, 0.15),
    ],
)
def test_the_interval_holds_what_comes(
    name: str,
    history: int,
    growth: float,
    noise: float,
    odd: float,
    off_most: float,
    capsys: pytest.CaptureFixture[str],
) -> None:
    chance = random.Random(name)
    held = off = 0
    widths = []
    for _ in range(SERIES):
        whole = series(chance, history + 500, growth, noise, odd)
        past, coming = whole[:history], whole[history:]
        used = 40 * GB
        quota = used + sum(coming[: chance.randrange(20, 150)])
        told = forecast(past, used, quota, TODAY)
        real = truth(coming, used, quota)
        assert told.full_on is not None
        assert told.earliest is not None
        latest = told.latest or TODAY + timedelta(weeks=HORIZON_WEEKS)
        held += told.earliest <= real <= latest
        off += abs((told.full_on - real).days) / max(1, (real - TODAY).days)
        widths.append((latest - told.earliest).days)
    with capsys.disabled():
        print(
            f"\n{name}: {held / SERIES:.0%} within the interval (80% meant), off by {off / SERIES:.1%} of the"
            f" time left, {sum(widths) / SERIES:.0f} days wide"
        )
    assert 0.66 <= held / SERIES <= 0.98
    assert off / SERIES < off_most


def at(added: list[int], used: int, quota: int | None, **more: object) -> Forecast:
    return forecast(added, used, quota, TODAY, **more)  # type: ignore[arg-type]


def test_the_same_every_week_is_told_to_the_day() -> None:
    week = [100, 100, 100, 100, 100, 0, 0]
    told = at(week * 20, 0, 1_050)
    # Two weeks bring 1,000; the third begins with the weekday of the first day of the history.
    assert told.full_on == told.earliest == told.latest == TODAY + timedelta(days=14)
    assert told.bytes_per_day == round(500 / 7)


def test_one_import_does_not_move_the_date() -> None:
    plain = [100] * 140
    once = [*plain[:70], 50_000, *plain[71:]]
    dates = [at(one, 0, 10_000).full_on for one in (plain, once)]
    assert dates[0] is not None
    assert dates[1] is not None
    assert abs((dates[0] - dates[1]).days) <= 2


@pytest.mark.parametrize(
    ("added", "used", "quota", "state"),
    [
        ([], 0, 100, ForecastState.TOO_LITTLE_HISTORY),
        ([0] * 400, 0, 100, ForecastState.TOO_LITTLE_HISTORY),
        ([5] * 13, 0, 100, ForecastState.TOO_LITTLE_HISTORY),
        ([0] * 300 + [5] * 13, 0, 100, ForecastState.TOO_LITTLE_HISTORY),
        ([5] * 14, 65, 1_000, ForecastState.FULL_ON),
        ([5] * 13, 0, None, ForecastState.NO_QUOTA),
        ([5] * 40, 0, None, ForecastState.NO_QUOTA),
        ([], 100, 100, ForecastState.FULL),
        ([5] * 40, 200, 100, ForecastState.FULL),
        ([5] * 40, 0, 10**15, ForecastState.NOT_SOON),
        ([5] * 40 + [0] * 100, 0, 10**6, ForecastState.NOT_SOON),
        ([5] * 40, 0, 0, ForecastState.FULL),
    ],
)
def test_what_can_be_said(added: list[int], used: int, quota: int | None, state: ForecastState) -> None:
    told = at(added, used, quota)
    assert told.state is state
    assert (told.full_on is None) == (state not in (ForecastState.FULL_ON, ForecastState.FULL)) or not added


def test_what_leaves_by_its_term_makes_room() -> None:
    told = at([100] * 140, 1_000, 10_000)
    slower = at([100] * 140, 1_000, 10_000, leaving_bytes=[350] * 150)
    never = at([100] * 140, 1_000, 10_000, leaving_bytes=[700] * 150)
    assert told.full_on is not None
    assert slower.full_on is not None
    assert (slower.full_on - TODAY).days == pytest.approx(2 * (told.full_on - TODAY).days, abs=2)
    assert never.state is ForecastState.NOT_SOON


def test_the_band_widens_and_holds_the_middle() -> None:
    told = at(series(random.Random(1), 180, 0.5, 0.3), GB, 10**12)
    assert all(one.low_bytes <= one.used_bytes <= one.high_bytes for one in told.projection)
    widths = [one.high_bytes - one.low_bytes for one in told.projection]
    assert widths[0] < widths[20] < widths[150]


def test_less_and_less_is_never_full() -> None:
    falling = [int(1_000 * (1 - day / 200)) for day in range(180)]
    assert at(falling, 0, 10**6).state is ForecastState.NOT_SOON
