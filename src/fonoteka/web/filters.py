"""The filters of the call list: what stands in the address bar, and the query it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fonoteka.domain.direction import Direction
from fonoteka.domain.query import Became, CallerKind, Callers, CallQuery
from fonoteka.speech.words import phrases_of
from fonoteka.web.visitor import zone_names

TEXT_MAX = 100
WINDOW_DAYS_MAX = 400
_NEVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC))
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(2999, 12, 30)  # within what any time zone can express

_Kind = TypeVar("_Kind", bound=StrEnum)


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
    group: str = ""
    extension: str = ""
    callers: CallerKind | None = None
    """Whether the outside number had called before the period; of use with a period alone."""
    weekday: int | None = None
    """Monday is 0; with `hour` (0–23) of use within a period of limited length alone."""
    hour: int | None = None
    said: str = ""
    """Words that were said."""
    zone: str = ""
    """Whose days are meant, where that is not the visitor's zone (IANA)."""

    @classmethod
    def read(cls, address: Mapping[str, str]) -> Filters:
        """Filters from the parameters of an address. What cannot be understood counts as not given."""
        text = _plain(address.get("q", ""))
        period = _member(Period, address.get("period", ""))
        first_day, last_day = _day(address.get("from", "")), _day(address.get("to", ""))
        if period is not None:
            first_day = last_day = None
        if first_day and last_day and first_day > last_day:
            first_day, last_day = last_day, first_day
        return cls(
            text,
            _member(Direction, address.get("direction", "")),
            period,
            first_day,
            last_day,
            _member(Became, address.get("outcome", "")),
            _member(Sound, address.get("sound", "")) or Sound.HEARD,
            _plain(address.get("group", "")),
            _plain(address.get("extension", "")),
            _member(CallerKind, address.get("callers", "")),
            _number(address.get("weekday", ""), 6),
            _number(address.get("hour", ""), 23),
            said=_plain(address.get("said", "")),
            zone=zone if (zone := address.get("zone", "")) in zone_names() else "",
        )

    @property
    def any(self) -> bool:
        """Whether anything is filtered at all."""
        return self != Filters()

    @property
    def has_period(self) -> bool:
        """Whether the list is limited in time."""
        return bool(self.period or self.first_day or self.last_day)

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
            "group": self.group,
            "extension": self.extension,
            "callers": self.callers or "",
            "weekday": "" if self.weekday is None else str(self.weekday),
            "hour": "" if self.hour is None else str(self.hour),
            "said": self.said,
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
        """The same filters for a group."""
        return replace(self, group=group_id)

    def with_extension(self, extension: str) -> Filters:
        """The same filters for an own extension."""
        return replace(self, extension=extension)

    def with_said(self, words: str) -> Filters:
        """The same filters for words that were said, in the place of the search text."""
        return replace(self, text="", said=words)

    def with_callers(self, callers: CallerKind) -> Filters:
        """The same filters for first-time or repeat callers."""
        return replace(self, callers=callers)

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
            group_id=self.group,
            extension=self.extension,
            callers=Callers(self.callers, since) if self.callers and since else None,
            windows=self._windows(first, last, zone) if first and last else (),
            said=phrases_of(self.said),
        )

    def _windows(self, first: date, last: date, zone: tzinfo) -> tuple[tuple[datetime, datetime], ...]:
        """The stretches in which it was that weekday and that hour; none when neither is asked for."""
        if (self.weekday is None and self.hour is None) or (last - first).days >= WINDOW_DAYS_MAX:
            return ()
        days = (first + timedelta(days=one) for one in range((last - first).days + 1))
        some = (one for one in days if self.weekday in (None, one.weekday()))
        return tuple(_hours_of(one, self.hour, zone) for one in some) or (_NEVER,)

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


def start_of(day: date, zone: tzinfo) -> datetime:
    """The instant in UTC at which the day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _hours_of(day: date, hour: int | None, zone: tzinfo) -> tuple[datetime, datetime]:
    """From when to when it is that hour of the day, or that day; twice the hour when clocks go back."""
    if hour is None:
        return start_of(day, zone), start_of(day + timedelta(days=1), zone)
    begin = datetime.combine(day, time(hour))
    end = begin + timedelta(hours=1)
    return begin.replace(tzinfo=zone).astimezone(UTC), end.replace(tzinfo=zone).astimezone(UTC)


def _number(text: str, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 and int(text) <= most else None


def _plain(text: str) -> str:
    return "".join(one for one in text if one.isprintable()).strip()[:TEXT_MAX]


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_DAY <= day <= _LAST_DAY else None


def _member(kind: type[_Kind], text: str) -> _Kind | None:
    try:
        return kind(text)
    except ValueError:
        return None
