"""Whether two accounts are of one call: by the numbers in them, however each source writes them."""

from __future__ import annotations

from collections.abc import Iterable

_WITHHELD = frozenset({"anonymous", "unavailable", "restricted", "private", "unknown", "withheld", "s", "h"})
_OUTSIDE_DIGITS_MIN = 7
_COMPARED_DIGITS = 10
"""Country codes, trunk prefixes and 8 for +7 stand before the last ten."""


def likeness(one: Iterable[str], other: Iterable[str]) -> int:
    """How many numbers the two accounts share; 0 when these cannot be of one call.

    Two shared numbers are enough. A single one is, where the rest cannot contradict: one account names nobody
    else (a withheld number), or a PBX speaks of the extension where a border controller knows the company's
    number. An account without any number is like no other.
    """
    mine, theirs = _keys(one), _keys(other)
    shared = mine & theirs
    if len(shared) >= 2:
        return len(shared)
    if not shared:
        return 0
    mine, theirs = mine - shared, theirs - shared
    if not mine or not theirs:
        return 1
    if not _is_outside(next(iter(shared))):
        return 0
    return 0 if set(map(_is_outside, mine)) & set(map(_is_outside, theirs)) else 1


def number_key(number: str) -> str:
    """What numbers are compared by; empty for a withheld one."""
    text = number.strip().lower()
    digits = "".join(sign for sign in text if sign in "0123456789")
    if len(digits) >= _OUTSIDE_DIGITS_MIN and not any(sign.isalpha() for sign in text):
        return digits[-_COMPARED_DIGITS:]
    return "" if text in _WITHHELD else text


def _keys(numbers: Iterable[str]) -> set[str]:
    return {key for number in numbers if (key := number_key(number))}


def _is_outside(key: str) -> bool:
    return key.isdecimal() and len(key) >= _OUTSIDE_DIGITS_MIN
