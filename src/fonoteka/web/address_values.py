"""Values from the parameters of an address: what cannot be understood counts as not given."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TypeVar

TEXT_MAX = 100
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(2999, 12, 30)  # within what any time zone can express
_SECONDS_MAX = 3_600_000
_Kind = TypeVar("_Kind", bound=StrEnum)


def number(text: str, most: int) -> int | None:
    """A whole number from 0 to `most`."""
    is_number = text.isascii() and text.isdigit() and len(text) < 9
    return int(text) if is_number and int(text) <= most else None


def seconds(text: str, minutes: str) -> int | None:
    """A length in seconds, given so or in whole minutes."""
    told = number(minutes, _SECONDS_MAX // 60)
    return number(text, _SECONDS_MAX) if told is None else told * 60


def plain(text: str) -> str:
    """Printable text of up to `TEXT_MAX` characters."""
    return "".join(one for one in text if one.isprintable()).strip()[:TEXT_MAX]


def day(text: str) -> date | None:
    """A date in ISO 8601."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if _FIRST_DAY <= found <= _LAST_DAY else None


def member(kind: type[_Kind], text: str) -> _Kind | None:
    """A member of an enumeration by its value."""
    try:
        return kind(text)
    except ValueError:
        return None
