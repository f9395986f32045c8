"""How a source's local times are to be read, as settings say it."""

from __future__ import annotations

import re
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fonoteka.domain.errors import SettingInvalid
from fonoteka.domain.people import Tenant

SHIFT_HELP = "Added to all times, for a clock that was off: -3h, 90m, +20s."
_SHIFT = re.compile(r"([+-]?)(\d{1,6})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def zone_of(name: str) -> tzinfo:
    """The time zone of an IANA name; empty: a new tenant's. Raises `SettingInvalid`."""
    try:
        return ZoneInfo(name or Tenant("", "").time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingInvalid(f"There is no time zone “{name}”; Europe/Moscow is one.") from error


def clock_shift(text: str) -> timedelta:
    """The correction of a clock. Raises `SettingInvalid`."""
    match = _SHIFT.fullmatch(text.strip())
    if match is None:
        raise SettingInvalid(f"A shift is a number with s, m, h or d, such as -3h; “{text}” is not.")
    amount = timedelta(**{_UNITS[match[3]]: int(match[2])})
    return -amount if match[1] == "-" else amount
