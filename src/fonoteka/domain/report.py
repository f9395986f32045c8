"""What the heads of departments look at: figures of a period, and of the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from fonoteka.domain.call import CallOutcome
from fonoteka.domain.direction import Direction
from fonoteka.domain.query import WANTED_OUTCOMES

DAYS_MAX = 400
"""How long a period may be: a year, and a month to compare it with."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days of the tenant's time zone, both included."""

    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Days:
        """As many days, those that end where these begin."""
        return Days(self.first - timedelta(days=len(self)), self.first - timedelta(days=1))

    def all(self) -> tuple[date, ...]:
        """Each of them, in order."""
        return tuple(self.first + timedelta(days=one) for one in range(len(self)))


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What calls are counted by. There is one of each (`kind_of`): sums look it up ten thousand times."""

    direction: Direction
    outcome: CallOutcome


@cache
def kind_of(direction: str, outcome: str) -> Kind:
    """The kind with these values. Raises ValueError for values that are none."""
    return Kind(Direction(direction), CallOutcome(outcome))


CALL = 1 << 64
"""A call in a count: a count is calls × `CALL` + their milliseconds, one number, because reports add many."""
Counted = Mapping[Kind, int]
"""Counts by kind."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over calls. `missed` are incoming calls that nobody answered, `unanswered` all the others.

    `talk_ms` is the length of what was answered. Of the `wanted` calls, which should have a recording,
    `recorded` have one.
    """

    calls: int = 0
    incoming: int = 0
    outgoing: int = 0
    internal: int = 0
    answered: int = 0
    missed: int = 0
    unanswered: int = 0
    talk_ms: int = 0
    wanted: int = 0
    recorded: int = 0

    @classmethod
    def of(cls, counted: Counted) -> Figures:
        """The sums of what was counted."""

        by_direction = dict.fromkeys(Direction, 0)
        every = answered = missed = talk_ms = wanted = recorded = 0
        for kind, count in counted.items():
            calls, duration_ms = divmod(count, CALL)
            every += calls
            by_direction[kind.direction] += calls
            if kind.outcome is not CallOutcome.MISSED:
                answered += calls
                talk_ms += duration_ms
            elif kind.direction is Direction.INCOMING:
                missed += calls
            if kind.outcome in WANTED_OUTCOMES:
                wanted += calls
            if kind.outcome is CallOutcome.RECORDED:
                recorded += calls
        return cls(
            calls=every,
            incoming=by_direction[Direction.INCOMING],
            outgoing=by_direction[Direction.OUTGOING],
            internal=by_direction[Direction.INTERNAL],
            answered=answered,
            missed=missed,
            unanswered=every - answered - missed,
            talk_ms=talk_ms,
            wanted=wanted,
            recorded=recorded,
        )

    @property
    def answered_share(self) -> float | None:
        """Which part of the incoming calls was answered, 0 to 1; None when there was none."""
        return 1 - self.missed / self.incoming if self.incoming else None

    @property
    def recorded_share(self) -> float | None:
        """Which part of the wanted calls is recorded, 0 to 1; None when none was wanted."""
        return self.recorded / self.wanted if self.wanted else None

    @property
    def mean_ms(self) -> int | None:
        """How long an answered call lasts; None when there was none."""
        return self.talk_ms // self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class SubjectFigures:
    """Figures of an extension (`label` is its number, `name` whose it is) or of a group.

    A call of several counts for each. The calls of none come last, without id and label.
    """

    id: str
    label: str
    name: str
    figures: Figures
    before: Figures


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Figures of a day."""

    day: date
    figures: Figures


@dataclass(frozen=True, slots=True)
class HourFigures:
    """Calls that began in an hour (0–23) of a weekday (Monday is 0), over all weeks of the period."""

    weekday: int
    hour: int
    calls: int
    missed: int


@dataclass(frozen=True, slots=True)
class CallerFigures:
    """Outside numbers that called: `new` ones had never called before the period, `known` ones had.

    How many numbers, and how many incoming calls of theirs.
    """

    new: int = 0
    new_calls: int = 0
    known: int = 0
    known_calls: int = 0


@dataclass(frozen=True, slots=True)
class SoundFigures:
    """Bytes of the period's recordings, of those of the period before, and of everything stored now."""

    added_bytes: int
    before_bytes: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a period that one person may see. `zone` (IANA) is whose days are meant.

    `group_names` are the groups, id and name, that can be chosen. `sound` is None for who may not see the
    storage. `is_counting`: changes of the last moments, or of a great import, are not in it yet.
    """

    days: Days
    zone: str
    group_id: str
    figures: Figures
    before: Figures
    by_day: tuple[DayFigures, ...]
    by_day_before: tuple[DayFigures, ...]
    by_hour: tuple[HourFigures, ...]
    agents: tuple[SubjectFigures, ...]
    groups: tuple[SubjectFigures, ...]
    callers: CallerFigures
    callers_before: CallerFigures
    sound: SoundFigures | None
    group_names: tuple[tuple[str, str], ...] = ()
    is_counting: bool = False
