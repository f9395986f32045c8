"""Telephone numbers as PBXs write them, to E.164 (`+74951234567`), by the rules of a region's numbering plan.

The numbering plans are libphonenumber's (the `phonenumbers` package: about 3 MB of memory for the plans in
use and 100 µs for a number that was not asked for lately).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from phonenumbers import (
    SUPPORTED_REGIONS,
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    ValidationResult,
    format_number,
    is_possible_number_with_reason,
    is_valid_number,
    parse,
)

from fonoteka.wire.aor import number_of

CACHED_NUMBERS = 16_384
"""Some 4 MB at most; a company calls few other numbers."""
_TEXT_MAX = 256
_DIGITS_MIN, _DIGITS_MAX = 7, 20
"""Fewer are an extension, a service or a number inside a town, which is nothing without its code."""
_SEPARATORS = re.compile(r"[\s()\-.~/\u00ad\u2010-\u2015\u2060\ufeff]+")
_ADDRESS = re.compile(r"[@:<;]")
_IPV4 = re.compile(r"\s*(?:[0-9]{1,3}\.){3}[0-9]{1,3}\s*")
_NUMBER = re.compile(
    r"(\+?)([0-9]+)"
    r"(?:(?:[#,;x]|ext|доб|вн)[^0-9]{0,12}[0-9]{0,11})?",  # an extension behind it
    re.IGNORECASE,
)


def to_e164(text: str, region: str) -> str | None:
    """The number in E.164; None for an extension, a name, and what is no number in any reading.

    `text` is a number in any notation (`8 (495) 123-45-67`, `810442079460000`, `0044…`, `7495…`, with an
    extension behind it) or an address of record, of which the user part counts. `region` (ISO 3166, upper
    case) tells how numbers without a country code are read; with an unknown region none are.
    """
    if len(text) > _TEXT_MAX or _IPV4.fullmatch(text):
        return None
    return _to_e164(number_of(text) if _ADDRESS.search(text) else text, region)


def is_region_known(region: str) -> bool:
    """Whether there is a numbering plan of that region (ISO 3166, upper case)."""
    return region in SUPPORTED_REGIONS


def is_same_number(one: str, other: str, region: str) -> bool:
    """Whether two notations mean one number; extensions and names are compared as they are."""
    left, right = to_e164(one, region), to_e164(other, region)
    if left is None and right is None:
        return number_of(one) == number_of(other) != ""
    return left == right


@lru_cache(CACHED_NUMBERS)
def _to_e164(text: str, region: str) -> str | None:
    match = _NUMBER.fullmatch(_SEPARATORS.sub("", text))
    if match is None or not _DIGITS_MIN <= len(match[2]) <= _DIGITS_MAX:
        return None
    read = list(_readings(match[1] == "+", match[2], region))
    best = next((one for one in read if is_valid_number(one)), None) or next(
        # Plans grow faster than tables of them: a number of the right length is good enough at last.
        (one for one in read if is_possible_number_with_reason(one) == ValidationResult.IS_POSSIBLE),
        None,
    )
    return None if best is None else format_number(best, PhoneNumberFormat.E164)


def _readings(is_international: bool, digits: str, region: str) -> Iterator[PhoneNumber]:
    """The ways to understand the digits, the likeliest first."""
    ways: list[tuple[str, str | None]] = [("+" + digits, None)]
    if not is_international:
        ways.insert(0, (digits, region))
        if digits.startswith("00"):
            # ITU's international prefix, which PBXs send whatever their country's is.
            ways.append(("+" + digits[2:], None))
    for text, home in ways:
        try:
            yield parse(text, home)
        except NumberParseException:
            continue
