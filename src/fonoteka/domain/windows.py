"""Stretches of a span of days: every Monday, every day from nine to ten."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import available_timezones

WINDOW_DAYS_MAX = 400
"""Of longer spans there are no stretches: each is a condition of its own."""
Window = tuple[datetime, datetime]
"""From when (included) to when (not included), in UTC."""
_NEVER: Window = (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC))


def windows(
    first: date, last: date, zone: tzinfo, weekday: int | None, hour: int | None
) -> tuple[Window, ...]:
    """When it was that weekday (Monday is 0) and that hour (0–23) in the days from first to last.

    None of either: any. There is always one at least; where it never was, an empty one.
    """
    days = (first + timedelta(days=one) for one in range((last - first).days + 1))
    some = (one for one in days if weekday in (None, one.weekday()))
    return tuple(_hours_of(one, hour, zone) for one in some) or (_NEVER,)


def start_of(day: date, zone: tzinfo) -> datetime:
    """The instant in UTC at which the day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


@cache
def zone_names() -> frozenset[str]:
    """The zones that this system knows (IANA)."""
    return frozenset(available_timezones())


def _hours_of(day: date, hour: int | None, zone: tzinfo) -> Window:
    """From when to when it is that hour of the day, or that day; twice the hour when clocks go back."""
    if hour is None:
        return start_of(day, zone), start_of(day + timedelta(days=1), zone)
    begin = datetime.combine(day, time(hour))
    end = begin + timedelta(hours=1)
    return begin.replace(tzinfo=zone).astimezone(UTC), end.replace(tzinfo=zone).astimezone(UTC)
