"""The call list as people read it: days, and rows with the other side first."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from fonoteka.archive import Archive, count_calls, find_calls
from fonoteka.domain.access import Actor
from fonoteka.domain.annotations import Gist
from fonoteka.domain.call import Call, CallOutcome
from fonoteka.domain.query import CallQuery, CallSort, CallTotals
from fonoteka.domain.recording import EndReason, Recording, RecordingState
from fonoteka.web.filters import day_query
from fonoteka.web.formats import Formats
from fonoteka.web.voices import Side, StripPicture, lanes_of, sides_of, strip_picture

PAGE_CALLS = 50


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call of a list. `recording` is the one that a list plays; None while there is none."""

    call: Call
    them: Side
    us: Side
    recording: Recording | None
    strip: StripPicture | None
    gist: Gist = field(default_factory=Gist)

    @property
    def state(self) -> str:
        """Its recording's state, `interrupted` for a whole one that was cut off.

        Without a recording what became of the call, or `none` while one is on its way.
        """
        if self.call.outcome is not CallOutcome.RECORDED and self.recording is None:
            return str(self.call.outcome)
        if self.recording is None:
            return "none"
        if self.recording.state is RecordingState.READY and is_interrupted(self.recording):
            return "interrupted"
        return self.recording.state

    @property
    def version(self) -> str:
        """Changes whenever the row would look different."""
        parts = (self.state, self.call.duration_ms, len(self.call.recordings), len(self.call.participants))
        said = zlib.crc32(repr(self.gist).encode())
        return "-".join(map(str, (*parts, said)))

    @property
    def order(self) -> str:
        """Sorts as text in the order of the list, oldest first."""
        return f"{int(self.call.started_at.timestamp() * 1000):014}-{self.call.id}"


@dataclass(frozen=True, slots=True)
class Day:
    """Calls of one day of the visitor. `calls` counts all that the filters find, not only those loaded.

    Unless `is_exact` there are more.
    """

    date: date
    calls: int
    is_exact: bool
    rows: tuple[CallRow, ...]
    continued: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list; `next` is the cursor of the page after it."""

    days: tuple[Day, ...]
    next: str | None

    @property
    def last_day(self) -> str:
        """The date of the last row, for the page after this one to go on with."""
        return self.days[-1].date.isoformat() if self.days else ""


def is_interrupted(recording: Recording) -> bool:
    """Whether the recorder was killed while it recorded this."""
    return recording.end_reason is EndReason.INTERRUPTED


def row_of(call: Call, gist: Gist | None = None) -> CallRow:
    """What a list shows of a call."""
    ready = (one for one in call.recordings if one.state is RecordingState.READY)
    recording = next(ready, call.recordings[0] if call.recordings else None)
    them, us = sides_of(call)
    strip = None
    if recording is not None and recording.state is RecordingState.READY:
        strip = strip_picture(recording.strip, lanes_of(call, recording))
    return CallRow(call, them, us, recording, strip, gist or Gist())


def listing(
    archive: Archive,
    actor: Actor,
    query: CallQuery,
    formats: Formats,
    cursor: str | None = None,
    after_day: str = "",
    sort: CallSort = CallSort.NEWEST,
) -> Listing:
    """A page of the list. `after_day` is the `last_day` of the page before. Raises `RequestInvalid`."""
    found = find_calls(archive, actor, query, cursor, PAGE_CALLS, sort)
    if sort is CallSort.LONGEST:
        longest = tuple(row_of(one, found.gists.get(one.id)) for one in found.items)
        together = (Day(formats.today, 0, False, longest, bool(cursor)),) if longest else ()
        return Listing(together, found.next)
    groups = [
        (day, tuple(row_of(one, found.gists.get(one.id)) for one in calls))
        for day, calls in groupby(found.items, lambda call: formats.day_of(call.started_at))
    ]
    days = []
    for place, (day, rows) in enumerate(groups):
        # Only the first and the last day of a page can reach beyond it.
        beyond = (place == 0 and cursor) or (place == len(groups) - 1 and found.next)
        totals = CallTotals(len(rows), 0)
        if beyond:
            totals = count_calls(archive, actor, day_query(query, day, formats.zone))
        continued = place == 0 and day.isoformat() == after_day
        days.append(Day(day, totals.calls, totals.is_exact, rows, continued))
    return Listing(tuple(days), found.next)
