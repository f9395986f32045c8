"""Instants as the API writes and reads them: RFC 3339, always with an offset; written in UTC with `Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
EXAMPLE = "2026-03-02T09:15:30.250000Z"


def format_instant(instant: datetime) -> str:
    """The instant in UTC, with microseconds where it has any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_instant(value: Any) -> Any:
    """The instant in UTC; raises ValueError saying what is wrong. A datetime is taken as it is."""
    if isinstance(value, datetime):
        return value
    text = str(value)
    if not _RFC_3339.fullmatch(text):
        raise ValueError(
            "an RFC 3339 time with an offset is needed, as 2026-03-02T09:15:30Z (write + as %2B)"
        )
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this time lies outside the years 1 to 9999") from error


Instant = Annotated[
    datetime,
    BeforeValidator(parse_instant),
    PlainSerializer(format_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": [EXAMPLE]}),
]
