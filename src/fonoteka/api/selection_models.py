"""Chosen calls, and what was done to them, as the API reads and writes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from fonoteka.api.instants import Instant
from fonoteka.api.models import EXAMPLE_CALL_ID
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.domain.bulk import LeftAlone
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.query import Became, CallerKind, Callers, CallQuery, CallSelection
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.windows import WINDOW_DAYS_MAX, Window, windows, zone_names
from fonoteka.speech.words import phrases_of

Ids = Annotated[tuple[Annotated[PlainText, Field(max_length=36)], ...], Field(max_length=1_000)]


class Search(Given):
    """The filters of `GET /calls`, joined by “and”."""

    since: Instant | None = Field(None, description="Calls that began at this time or later.")
    until: Instant | None = Field(None, description="Calls that began before this time.")
    number: PlainText = Field(
        "",
        max_length=100,
        description="Up to ten words, each found in a participant's number (in any notation) or name, or at"
        " the beginning of a word in the call's note or comments. `#name`: a tag. Words in quotes belong"
        " together.",
    )
    direction: Direction | None = Field(None, description="Only calls of this direction.")
    heard: bool = Field(False, description="Leave out calls of which one can hear no party, or one alone.")
    unheard: bool = Field(False, description="Only calls of which one can hear no party, or one alone.")
    outcome: Became | None = Field(
        None,
        description="Only calls of which this became. `lacking`: missing, refused or failed; `unwanted`:"
        " skipped or not kept; `any`: whatever became of them.",
    )
    group: PlainText = Field(
        "",
        max_length=1_000,
        description="A member of one of these groups (`id`s, parted by commas) took part; `~`: of none.",
    )
    extension: PlainText = Field(
        "", max_length=100, description="This own extension took part; `~`: none did."
    )
    duration_min_s: int | None = Field(None, ge=0, le=3_600_000, description="At least so many seconds long.")
    duration_max_s: int | None = Field(None, ge=0, le=3_600_000, description="At most so many seconds long.")
    source: PlainText = Field("", max_length=100, description="Where it came from, such as `siprec`.")
    state: RecordingState | None = Field(None, description="A recording of it is in this state.")
    rule: PlainText = Field("", max_length=100, description="This rule (its `id`) decided; `~`: the default.")
    held: bool = Field(False, description="Only calls with a recording under legal hold.")
    tag: PlainText = Field("", max_length=100, description="This tag (its `id`) is on it.")
    topic: PlainText = Field(
        "", max_length=100, description="This topic (its `id`) was heard in it. Wants `recording.listen`."
    )
    said: PlainText = Field(
        "",
        max_length=200,
        description="Words said, in any form; those in quotes as a phrase. Wants `recording.listen`.",
    )
    mark_min: int | None = Field(None, ge=1, le=5, description="Its mean mark is at least this.")
    mark_max: int | None = Field(None, ge=1, le=5, description="Its mean mark is at most this.")
    unmarked: bool = Field(False, description="Only calls that nobody has marked.")
    callers: CallerKind | None = Field(
        None,
        description="Incoming calls of outside numbers that had (`known`) or had not (`new`) called before"
        " `since`, which has to be given.",
    )
    weekday: int | None = Field(
        None,
        ge=0,
        le=6,
        description="Calls that began on this day of the week, Monday being 0. It wants `since` and `until`,"
        f" at most {WINDOW_DAYS_MAX} days apart; so does `hour`.",
    )
    hour: int | None = Field(None, ge=0, le=23, description="Calls that began in this hour of the day.")
    zone: PlainText = Field(
        "UTC",
        max_length=100,
        description="The time zone of `weekday` and `hour` (IANA), as a report tells it.",
    )
    known_by: Instant | None = Field(
        None,
        description="Only calls that the archive knew at this time: give one for work in steps, so that no"
        " call that comes meanwhile is taken along.",
    )

    def value(self) -> CallQuery:
        """As the rooms take it. Raises `RequestInvalid` (fields `callers`, `weekday`, `zone`)."""
        if self.callers is not None and self.since is None:
            raise RequestInvalid("callers", "Before when had they called? Give `since`.")
        return CallQuery(
            self.since,
            self.until,
            self.number,
            self.direction,
            outcomes=frozenset() if self.outcome is None else self.outcome.outcomes,
            include_unheard=not self.heard,
            only_unheard=self.unheard,
            group_ids=frozenset(one for one in self.group.split(",") if one),
            extension=self.extension,
            duration_min_ms=None if self.duration_min_s is None else self.duration_min_s * 1000,
            duration_max_ms=None if self.duration_max_s is None else self.duration_max_s * 1000,
            source=self.source,
            states=frozenset() if self.state is None else frozenset({self.state}),
            rule_id=self.rule,
            is_held=self.held,
            tag_ids=frozenset({self.tag}) if self.tag else frozenset(),
            topic_ids=frozenset({self.topic}) if self.topic else frozenset(),
            said=phrases_of(self.said),
            mark_min=self.mark_min,
            mark_max=self.mark_max,
            is_unmarked=self.unmarked,
            callers=Callers(self.callers, self.since) if self.callers and self.since else None,
            windows=self._windows(),
            known_by=self.known_by,
        )

    def _windows(self) -> tuple[Window, ...]:
        if self.weekday is None and self.hour is None:
            return ()
        if self.zone not in zone_names():
            raise RequestInvalid("zone", "This time zone is not known.")
        if self.since is None or self.until is None or self.until <= self.since:
            raise RequestInvalid("weekday", "Of which days? Give `since` and `until`.")
        if self.until - self.since > timedelta(days=WINDOW_DAYS_MAX):
            raise RequestInvalid(
                "weekday", f"`since` and `until` are more than {WINDOW_DAYS_MAX} days apart."
            )
        zone = ZoneInfo(self.zone)
        last = (self.until - timedelta(microseconds=1)).astimezone(zone).date()
        return windows(self.since.astimezone(zone).date(), last, zone, self.weekday, self.hour)


class Selection(Given):
    """Calls: either named, or all that a search finds less some."""

    ids: Ids = Field((), description="Calls by `id`.", examples=[[EXAMPLE_CALL_ID]])
    query: Search | None = Field(None, description="Without `ids`: all that this finds.")
    without: Ids = Field((), description="Calls that are left out of what the query finds.")

    def value(self) -> CallSelection:
        """As the rooms take it."""
        query = None if self.query is None else self.query.value()
        return CallSelection(self.ids, query, frozenset(self.without))


class Selected(Given):
    """Chosen calls."""

    selection: Selection = Field(description="Which.")


class Undo(Given):
    """One step of undoing work on chosen calls."""

    operation: PlainText = Field(
        max_length=36,
        description="A UUID (version 7) of yours: it names the work in the access log and undoes it.",
        examples=["01957a3c-5f2a-7c41-9a52-6f0d3b1e8c78"],
    )
    cursor: PlainText | None = Field(
        None, max_length=200, description="`next` of the step before; all else stays the same."
    )


class Step(Undo, Selected):
    """One step of work on chosen calls."""


class TagStep(Step):
    """One step of putting a tag on chosen calls, or of taking it off."""

    tag: PlainText = Field(max_length=100, description="The tag's `id`.")


class HoldStep(Step):
    """One step of putting chosen calls under a legal hold."""

    case_name: PlainText = Field(max_length=500, description="The case.")
    reason: PlainText = Field(max_length=500, description="Why.")


class SelectionLook(Given):
    """What a deletion would do."""

    calls: int = Field(description="Calls that were looked at.")
    duration_ms: int = Field(description="Their length together, in milliseconds.")
    recordings: int = Field(description="Recordings that would go into the bin.")
    left: dict[LeftAlone, int] = Field(description="Recordings that would stay, by why.")
    is_exact: bool = Field(description="Whether all were looked at; else there are more.")


class StepDone(Given):
    """What a step did."""

    calls: int = Field(description="Calls that it looked at.")
    done: int = Field(description="Recordings to which it was done; of tags, calls.")
    left: dict[LeftAlone, int] = Field(
        description="What was left alone, by why. `held`: under legal hold. `protected`: inside its minimum"
        " term. `binned`: in the bin already. `nothing`: a call without a recording. `tagged`,"
        " `untagged`: a call that has, or lacks, the tag already. `full`: one with as many tags as can be."
        " `governed`: the tag keeps or deletes recordings, and you may not change that. `not_found`: no such"
        " call, or none to which you may do this."
    )
    next: str | None = Field(description="Give it back as `cursor` for the next step; null: all is done.")
