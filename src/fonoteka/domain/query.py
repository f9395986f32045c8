"""What one may ask the archive for: filters of the call list and a page of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from fonoteka.domain.annotations import Gist
from fonoteka.domain.call import Call, CallOutcome
from fonoteka.domain.direction import Direction
from fonoteka.domain.recording import RecordingState

WORDS_MAX = 10
"""So many words a search text has at most."""


class CallSort(StrEnum):
    """The order of a list of calls."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST = "longest"


class CallerKind(StrEnum):
    """Whether an outside number had called before the time that is looked at."""

    NEW = "new"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Callers:
    """Incoming calls of outside numbers that had, or had not, called before that instant."""

    kind: CallerKind
    since: datetime


@dataclass(frozen=True, slots=True)
class CallQuery:
    """Filters of a list of calls, newest first. Times are aware UTC, `until` exclusive.

    `number` is a search text of up to `WORDS_MAX` words, each of which must be found in somebody who took
    part: by its digits anywhere in the number, or as a part of the name. A number may be written in any
    notation, with spaces too; words in quotes belong together. A word may stand in the call's note or its
    comments instead, from the word's beginning; `#name` asks for a tag.
    No `outcomes` means the ordinary list: calls that have a recording, if only a failed one. Calls of which
    one can hear no party, or one alone, are left out unless `include_unheard`; with `only_unheard` all others
    are. Of one of `group_ids` a member took part, of an `extension` that own number; `NOBODY`: none of ours
    did.
    `known_by` leaves out what the archive learned of later: work on what was seen takes no newcomers along.
    Of `states` one recording is (none: of whatever state), of `rule_id` the rule decided (`NOBODY`: the
    default), with `is_held` one is under legal hold; all of `tag_ids` are on it, all of `topic_ids` were
    heard in it (`topics.WORDED`: it has words at all). Bounds of `duration` and of `mark` (1 to 5, the mean
    counts) are inclusive.
    All phrases of `said` (of words in dictionary forms) were said in one recording of the call.
    With `windows` only calls that began in one of these stretches (until exclusive) are found.

    The archive sets the last two by who asks: `reach` are the numbers of which one must have taken part
    (None: any), and with `whole_numbers` a number is found by all of its digits alone.
    """

    since: datetime | None = None
    until: datetime | None = None
    number: str = ""
    direction: Direction | None = None
    outcomes: frozenset[CallOutcome] = frozenset()
    include_unheard: bool = False
    only_unheard: bool = False
    group_ids: frozenset[str] = frozenset()
    extension: str = ""
    duration_min_ms: int | None = None
    duration_max_ms: int | None = None
    source: str = ""
    states: frozenset[RecordingState] = frozenset()
    rule_id: str = ""
    is_held: bool = False
    tag_ids: frozenset[str] = frozenset()
    topic_ids: frozenset[str] = frozenset()
    mark_min: int | None = None
    mark_max: int | None = None
    is_unmarked: bool = False
    """Only calls that nobody has marked."""
    known_by: datetime | None = None
    callers: Callers | None = None
    windows: tuple[tuple[datetime, datetime], ...] = ()
    said: tuple[tuple[str, ...], ...] = ()
    reach: frozenset[str] | None = None
    whole_numbers: bool = False


@dataclass(frozen=True, slots=True)
class CallSelection:
    """Calls that somebody chose: those of `ids`, or, without any, all that `query` finds less `without`."""

    ids: tuple[str, ...] = ()
    query: CallQuery | None = None
    without: frozenset[str] = frozenset()


class Became(StrEnum):
    """What became of calls, as one asks for it: an outcome, or several that belong together."""

    RECORDED = "recorded"
    SKIPPED = "skipped"
    NOT_KEPT = "not_kept"
    MISSED = "missed"
    REFUSED = "refused"
    FAILED = "failed"
    MISSING = "missing"
    EXPECTED = "expected"
    ANSWERED = "answered"
    """Somebody answered, whatever became of the recording."""
    LACKING = "lacking"
    """Should have a recording and has none."""
    UNWANTED = "unwanted"
    """The rules did not want it, or nobody asked for it."""
    ANY = "any"

    @property
    def outcomes(self) -> frozenset[CallOutcome]:
        """The outcomes that are meant."""
        return _TOGETHER.get(self) or frozenset({CallOutcome(self.value)})


@dataclass(frozen=True, slots=True)
class CallPage:
    """A page of calls; `next` is the cursor of the page after it, None at the end.

    `gists` tells by id what is said of each.
    """

    items: tuple[Call, ...]
    next: str | None
    gists: Mapping[str, Gist] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallTotals:
    """How many calls a query finds and how long they are together.

    Unless `is_exact` there are more: they were not counted to the end.
    """

    calls: int
    duration_ms: int
    is_exact: bool = True

    def __add__(self, other: CallTotals) -> CallTotals:
        return CallTotals(
            self.calls + other.calls,
            self.duration_ms + other.duration_ms,
            self.is_exact and other.is_exact,
        )


class LedgerGrouping(StrEnum):
    """By what the ledger's shares are told."""

    DAY = "day"
    GROUP = "group"
    EXTENSION = "extension"


@dataclass(frozen=True, slots=True)
class LedgerShare:
    """What became of the calls of one day (of the tenant's time zone), group or extension.

    `day` is set by days alone, `subject_id` is a group's or an extension's id, `label` its name or number.
    The calls of no own group or extension come last, with an empty `subject_id`. `unheard` of the recorded
    ones are silent or one-sided.
    """

    day: date | None
    subject_id: str
    label: str
    calls: int
    outcomes: dict[CallOutcome, int]
    unheard: int = 0
    by: LedgerGrouping = LedgerGrouping.DAY

    @property
    def wanted(self) -> int:
        """Calls that should have a recording: recorded, refused, failed or missing."""
        return sum(self.outcomes.get(one, 0) for one in WANTED_OUTCOMES)

    @property
    def recorded_share(self) -> float | None:
        """Which part of the wanted calls is recorded, 0 to 1; None when none was wanted."""
        return self.outcomes.get(CallOutcome.RECORDED, 0) / self.wanted if self.wanted else None


LISTED_OUTCOMES = frozenset({CallOutcome.RECORDED, CallOutcome.FAILED})
"""What the ordinary list of calls shows."""
WANTED_OUTCOMES = frozenset(
    {CallOutcome.RECORDED, CallOutcome.REFUSED, CallOutcome.FAILED, CallOutcome.MISSING}
)
NOBODY = "~"
"""In the place of a group or an extension: no member of any, no own extension took part."""
_TOGETHER = {
    Became.LACKING: WANTED_OUTCOMES - {CallOutcome.RECORDED},
    Became.UNWANTED: frozenset({CallOutcome.SKIPPED, CallOutcome.NOT_KEPT}),
    Became.ANSWERED: frozenset(CallOutcome) - {CallOutcome.MISSED},
    Became.ANY: frozenset(CallOutcome),
}
