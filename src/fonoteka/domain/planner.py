"""How much room calls take, and how long a room lasts: arithmetic over what the profiles take a minute."""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.profiles import PROFILES

GB = 1_000_000_000
DAYS_OF_WEEK = 7
_MOST = {
    "extensions": 1_000_000.0,
    "calls_per_day": 10_000.0,
    "minutes_per_call": 1_440.0,
    "days_per_week": 7.0,
    "keep_days": 36_500.0,
    "room_gb": 1_000_000_000.0,
    "price_per_gb": 1_000_000.0,
}
"""The largest that is taken for each; none is below zero."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What a company talks: `calls_per_day` of each extension, on `days_per_week` days, so long each.

    It is to be kept for `keep_days`. `room_gb` is a room to be filled (0: none was asked about), both in
    gigabytes of 10⁹ bytes; `price_per_gb` is that of a month.
    """

    extensions: float = 20
    calls_per_day: float = 25
    minutes_per_call: float = 3
    days_per_week: float = 5
    keep_days: float = 365
    room_gb: float = 0
    price_per_gb: float = 0

    @property
    def minutes_per_day(self) -> float:
        """Minutes of talk on a day of the week's average."""
        return (
            self.extensions * self.calls_per_day * self.minutes_per_call * self.days_per_week / DAYS_OF_WEEK
        )


@dataclass(frozen=True, slots=True)
class RoomOfProfile:
    """What a workload takes in one profile. `days_in_room` is how long a room lasts; None without one."""

    profile: str
    bytes_per_minute: int
    bytes_per_day: float
    bytes_kept: float
    price_per_month: float
    days_in_room: float | None


def plan_room(work: Workload) -> tuple[RoomOfProfile, ...]:
    """The room for a workload in every profile, the smallest first.

    Raises `RequestInvalid` naming a field.
    """
    for field, most in _MOST.items():
        value = getattr(work, field)
        # Written so that NaN is refused too.
        if not 0 <= value <= most:
            raise RequestInvalid(field, f"A number from 0 to {most:.0f} is needed.")
    return tuple(_room(work, one.name, one.bytes_per_minute) for one in PROFILES.values())


def _room(work: Workload, profile: str, bytes_per_minute: int) -> RoomOfProfile:
    per_day = work.minutes_per_day * bytes_per_minute
    kept = per_day * work.keep_days
    days = work.room_gb * GB / per_day if work.room_gb and per_day else None
    return RoomOfProfile(profile, bytes_per_minute, per_day, kept, kept / GB * work.price_per_gb, days)
