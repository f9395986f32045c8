"""Byte ranges and validators of HTTP (RFC 9110 §13 and §14): header text in, numbers out."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from fonoteka.domain.errors import RangeUnsatisfiable

_RANGE_SPEC = re.compile(r"(?P<first>[0-9]*)-(?P<last>[0-9]*)")
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')
_DIGITS_MAX = 18
"""No file needs more digits; longer numbers mean “past every end” and are never converted."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes from `start` up to but not including `stop`; never empty."""

    start: int
    stop: int

    @property
    def size_bytes(self) -> int:
        """How many bytes it covers."""
        return self.stop - self.start

    def content_range(self, size_bytes: int) -> str:
        """The value of Content-Range for a file of that size (RFC 9110 §14.4)."""
        return f"bytes {self.start}-{self.stop - 1}/{size_bytes}"


def first_position(header: str | None) -> int:
    """Where a Range header starts as far as the header alone tells: 0 without a (single, valid) range.

    A suffix range starts somewhere past the beginning, which is all that is known before the size is: 1.
    """
    spec = _single_spec(header)
    if spec is None:
        return 0
    first, _ = spec
    return 1 if first is None else first


def select_range(header: str | None, size_bytes: int) -> ByteRange | None:
    """The range to answer with, or None for the whole file.

    Several ranges, other units and malformed headers are answered with the whole file, as RFC 9110 §14.2
    allows. Raises `RangeUnsatisfiable` when the only range lies outside the file.
    """
    spec = _single_spec(header)
    if spec is None:
        return None
    first, last = spec
    if first is None:
        assert last is not None
        if last == 0:
            raise RangeUnsatisfiable(size_bytes)
        return ByteRange(max(0, size_bytes - last), size_bytes) if size_bytes else None
    if first >= size_bytes:
        raise RangeUnsatisfiable(size_bytes)
    return ByteRange(first, size_bytes if last is None else min(last + 1, size_bytes))


def if_range_holds(header: str | None, entity_tag: str) -> bool:
    """Whether a Range may be honoured (RFC 9110 §13.1.5): strong comparison, and dates never match."""
    return header is None or header.strip(" \t") == entity_tag


def if_none_match_holds(header: str | None, entity_tag: str) -> bool:
    """Whether the client's copy is out of date (RFC 9110 §13.1.2, weak comparison)."""
    if header is None:
        return True
    return header.strip(" \t") != "*" and entity_tag not in _ENTITY_TAG.findall(header)


def _single_spec(header: str | None) -> tuple[int | None, int | None] | None:
    """First and last position of the only range; None when there is not exactly one valid range."""
    unit, _, text = (header or "").partition("=")
    specs = [spec for spec in (one.strip(" \t") for one in text.split(",")) if spec]
    if unit.strip(" \t").lower() != "bytes" or len(specs) != 1:
        return None
    match = _RANGE_SPEC.fullmatch(specs[0])
    if match is None or specs[0] == "-":
        return None
    first, last = _position(match["first"]), _position(match["last"])
    if first is not None and last is not None and last < first:
        return None
    return first, last


def _position(digits: str) -> int | None:
    significant = digits.lstrip("0")
    if len(significant) > _DIGITS_MAX:
        return sys.maxsize - 1
    return int(digits) if digits else None
