"""What one may ask the archive for: filters of the call list and a page of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fonoteka.domain.call import Call
from fonoteka.domain.direction import Direction


@dataclass(frozen=True, slots=True)
class CallQuery:
    """Filters of a list of calls, newest first. Times are aware UTC, `until` exclusive.

    `number` is matched by its digits anywhere in a participant's number, or by a part of the name.
    """

    since: datetime | None = None
    until: datetime | None = None
    number: str = ""
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class CallPage:
    """A page of calls; `next` is the cursor of the page after it, None at the end."""

    items: tuple[Call, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class CallTotals:
    """How many calls a query finds and how long they are together."""

    calls: int
    duration_ms: int
