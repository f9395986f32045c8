"""The filters of the call list: what stands in the address bar, and the query it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fonoteka.domain.direction import Direction
from fonoteka.domain.query import WORDS_MAX, Became, CallerKind, Callers, CallQuery, CallSort
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.windows import WINDOW_DAYS_MAX, start_of, windows, zone_names
from fonoteka.speech.words import phrases_of
from fonoteka.web.address_values import day, member, number, plain, seconds

TAGS_MAX = 10
GROUPS_MAX = 20


class Period(StrEnum):
    """A stretch of days that ends today (or yesterday)."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    MONTH = "month"


class Sound(StrEnum):
    """Whether calls are listed of which one can hear no party, or one alone."""

    HEARD = "heard"
    ANY = "any"
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a visitor asked for. A `period` and a range of days (both included) exclude each other."""

    text: str = ""
    direction: Direction | None = None
    period: Period | None = None
    first_day: date | None = None
    last_day: date | None = None
    outcome: Became | None = None
    sound: Sound = Sound.HEARD
    groups: tuple[str, ...] = ()
    """Of any of them somebody took part."""
    extension: str = ""
    callers: CallerKind | None = None
    """Whether the outside number had called before the period; of use with a period alone."""
    weekday: int | None = None
    """Monday is 0; with `hour` (0–23) of use within a period of limited length alone."""
    hour: int | None = None
    longer_s: int | None = None
    """With `shorter_s` the bounds of the length, both included."""
    shorter_s: int | None = None
    source: str = ""
    state: RecordingState | None = None
    rule: str = ""
    held: bool = False
    tags: tuple[str, ...] = ()
    marks: tuple[int, int] | None = None
    """The lowest and the highest mean mark, both included."""
    unmarked: bool = False
    """Only calls that nobody has marked; excludes `marks`."""
    sort: CallSort = CallSort.NEWEST
    said: str = ""
    """Words that were said."""
    topic: str = ""
    zone: str = ""
    """Whose days are meant, where that is not the visitor's zone (IANA)."""

    @classmethod
    def read(cls, address: Mapping[str, str]) -> Filters:
        """Filters from the parameters of an address. What cannot be understood counts as not given."""
        text = " ".join(plain(address.get("q", "")).split()[:WORDS_MAX])
        period = member(Period, address.get("period", ""))
        first_day, last_day = day(address.get("from", "")), day(address.get("to", ""))
        if period is not None:
            first_day = last_day = None
        if first_day and last_day and first_day > last_day:
            first_day, last_day = last_day, first_day
        return cls(
            text,
            member(Direction, address.get("direction", "")),
            period,
            first_day,
            last_day,
            member(Became, address.get("outcome", "")),
            member(Sound, address.get("sound", "")) or Sound.HEARD,
            _several(address.get("group", ""), GROUPS_MAX),
            plain(address.get("extension", "")),
            member(CallerKind, address.get("callers", "")),
            number(address.get("weekday", ""), 6),
            number(address.get("hour", ""), 23),
            *_lengths(address),
            plain(address.get("source", "")),
            member(RecordingState, address.get("state", "")),
            plain(address.get("rule", "")),
            address.get("held", "") == "yes",
            _several(address.get("tags", ""), TAGS_MAX),
            _marks(address.get("mark", "")),
            address.get("mark", "") == "none",
            member(CallSort, address.get("sort", "")) or CallSort.NEWEST,
            plain(address.get("said", "")),
            plain(address.get("topic", "")),
            zone if (zone := address.get("zone", "")) in zone_names() else "",
        )

    @property
    def any(self) -> bool:
        """Whether anything is filtered at all; another order is no filter."""
        return replace(self, sort=CallSort.NEWEST) != Filters()

    @property
    def has_period(self) -> bool:
        """Whether the list is limited in time."""
        return bool(self.period or self.first_day or self.last_day)

    def is_set(self, name: str) -> bool:
        """Whether that field says something."""
        return bool(getattr(self, name) != getattr(Filters(), name))

    def parameters(self) -> dict[str, str]:
        """The parameters of an address that `read` understands as these filters."""
        all_of_them = {
            "q": self.text,
            "period": self.period or "",
            "from": self.first_day.isoformat() if self.first_day else "",
            "to": self.last_day.isoformat() if self.last_day else "",
            "direction": self.direction or "",
            "outcome": self.outcome or "",
            "sound": "" if self.sound is Sound.HEARD else self.sound,
            "group": ",".join(self.groups),
            "extension": self.extension,
            "callers": self.callers or "",
            "weekday": "" if self.weekday is None else str(self.weekday),
            "hour": "" if self.hour is None else str(self.hour),
            "longer": "" if self.longer_s is None else str(self.longer_s),
            "shorter": "" if self.shorter_s is None else str(self.shorter_s),
            "source": self.source,
            "state": self.state or "",
            "rule": self.rule,
            "held": "yes" if self.held else "",
            "tags": ",".join(self.tags),
            "mark": "none" if self.unmarked else "{}-{}".format(*self.marks) if self.marks else "",
            "sort": "" if self.sort is CallSort.NEWEST else self.sort,
            "said": self.said,
            "topic": self.topic,
            "zone": self.zone,
        }
        return {name: str(value) for name, value in all_of_them.items() if value}

    def address(self, path: str = "/calls", **more: str) -> str:
        """`path` with these filters, and with `more` parameters that are not empty."""
        parameters = self.parameters() | {name: value for name, value in more.items() if value}
        return f"{path}?{urlencode(parameters)}" if parameters else path

    def without_period(self) -> Filters:
        """The same filters without a limit in time."""
        return replace(
            self, period=None, first_day=None, last_day=None, zone="", callers=None, weekday=None, hour=None
        )

    def with_period(self, period: Period) -> Filters:
        """The same filters in that period."""
        return replace(self, period=period, first_day=None, last_day=None, zone="")

    def with_direction(self, direction: Direction | None) -> Filters:
        """The same filters for that direction."""
        return replace(self, direction=direction)

    def without(self, *names: str) -> Filters:
        """The same filters without these."""
        nothing = Filters()
        return replace(self, **{name: getattr(nothing, name) for name in names})

    def with_outcome(self, outcome: Became | None) -> Filters:
        """The same filters for what became of calls; all of these, however they sound."""
        return replace(self, outcome=outcome, sound=Sound.HEARD if outcome is None else Sound.ANY)

    def with_group(self, group_id: str) -> Filters:
        """The same filters for a group alone."""
        return replace(self, groups=(group_id,))

    def with_one_group_more(self, group_id: str) -> Filters:
        """The same filters with that group among the others, or without it if it was there."""
        others = tuple(one for one in self.groups if one != group_id)
        return replace(self, groups=others if group_id in self.groups else (*others, group_id))

    def with_extension(self, extension: str) -> Filters:
        """The same filters for an own extension."""
        return replace(self, extension=extension)

    def with_topic(self, topic_id: str) -> Filters:
        """The same filters for calls with a topic."""
        return replace(self, topic=topic_id)

    def with_said(self, words: str) -> Filters:
        """The same filters for words that were said, in the place of the search text."""
        return replace(self, text="", said=words)

    def with_callers(self, callers: CallerKind) -> Filters:
        """The same filters for first-time or repeat callers."""
        return replace(self, callers=callers)

    def having(self, **fields: Any) -> Filters:
        """The same filters, these fields being so."""
        return replace(self, **fields)

    def with_tag(self, tag_id: str) -> Filters:
        """The same filters with that tag, or without it if it was there."""
        others = tuple(one for one in self.tags if one != tag_id)
        return replace(self, tags=others if tag_id in self.tags else (*others, tag_id))

    def with_sound(self, sound: str) -> Filters:
        """The same filters for how calls sound."""
        return replace(self, sound=Sound(sound))

    def query(self, today: date, zone: tzinfo) -> CallQuery:
        """The query of the archive, days being those of the visitor unless the filters name another zone."""
        first, last = self._days(today)
        zone = ZoneInfo(self.zone) if self.zone else zone
        since = start_of(first, zone) if first else None
        return CallQuery(
            since=since,
            until=start_of(last + timedelta(days=1), zone) if last else None,
            number=self.text,
            direction=self.direction,
            outcomes=frozenset() if self.outcome is None else self.outcome.outcomes,
            include_unheard=self.sound is not Sound.HEARD,
            only_unheard=self.sound is Sound.UNHEARD,
            group_ids=frozenset(self.groups),
            extension=self.extension,
            duration_min_ms=None if self.longer_s is None else self.longer_s * 1000,
            # Whoever says “up to a minute” means calls that are shown as one minute too.
            duration_max_ms=None if self.shorter_s is None else self.shorter_s * 1000 + 999,
            source=self.source,
            states=frozenset() if self.state is None else frozenset({self.state}),
            rule_id=self.rule,
            is_held=self.held,
            tag_ids=frozenset(self.tags),
            topic_ids=frozenset({self.topic}) if self.topic else frozenset(),
            mark_min=None if self.marks is None else self.marks[0],
            mark_max=None if self.marks is None else self.marks[1],
            is_unmarked=self.unmarked,
            callers=Callers(self.callers, since) if self.callers and since else None,
            windows=self._windows(first, last, zone) if first and last else (),
            said=phrases_of(self.said),
        )

    def _windows(self, first: date, last: date, zone: tzinfo) -> tuple[tuple[datetime, datetime], ...]:
        """The stretches in which it was that weekday and that hour; none when neither is asked for."""
        if (self.weekday is None and self.hour is None) or (last - first).days >= WINDOW_DAYS_MAX:
            return ()
        return windows(first, last, zone, self.weekday, self.hour)

    def _days(self, today: date) -> tuple[date | None, date | None]:
        match self.period:
            case Period.TODAY:
                return today, today
            case Period.YESTERDAY:
                return today - timedelta(days=1), today - timedelta(days=1)
            case Period.WEEK:
                return today - timedelta(days=6), today
            case Period.MONTH:
                return today - timedelta(days=29), today
            case None:
                return self.first_day, self.last_day


def day_query(query: CallQuery, day: date, zone: tzinfo) -> CallQuery:
    """`query` narrowed to one day of the visitor."""
    since, until = start_of(day, zone), start_of(day + timedelta(days=1), zone)
    return replace(
        query,
        since=max(query.since, since) if query.since else since,
        until=min(query.until, until) if query.until else until,
    )


def _several(text: str, most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain(one) for one in text.split(",") if plain(one)))[:most]


def _lengths(address: Mapping[str, str]) -> tuple[int | None, int | None]:
    longer = seconds(address.get("longer", ""), address.get("min_from", ""))
    shorter = seconds(address.get("shorter", ""), address.get("min_to", ""))
    if longer is not None and shorter is not None and shorter < longer:
        longer, shorter = shorter, longer
    return longer, shorter


def _marks(text: str) -> tuple[int, int] | None:
    first, _, last = text.partition("-")
    lowest, highest = number(first, 5), number(last or first, 5)
    if lowest is None or highest is None:
        return None
    return min(lowest, highest), max(lowest, highest)
