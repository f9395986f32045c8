"""How times, lengths, sizes and numbers are written for one visitor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from babel.dates import format_date as babel_date
from babel.numbers import format_decimal

from fonoteka.web.languages import Language

_RUSSIAN_NUMBER = re.compile(r"(\+?7|8)(\d{3})(\d{3})(\d{2})(\d{2})")
_MONDAY = date(2024, 1, 1)
_NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Formats:
    """Writes values in the visitor's language and time zone; `now` is aware and fixed for one page."""

    language: Language
    zone: tzinfo
    now: datetime

    @property
    def today(self) -> date:
        """The visitor's date."""
        return self.now.astimezone(self.zone).date()

    def day_of(self, instant: datetime) -> date:
        """The visitor's date at that instant."""
        return instant.astimezone(self.zone).date()

    def time(self, instant: datetime) -> str:
        """`14:32`."""
        return instant.astimezone(self.zone).strftime("%H:%M")

    def day(self, day: date) -> str:
        """`24 April`, with the year when it is another one."""
        pattern = "d MMMM" if day.year == self.today.year else "d MMMM y"
        return babel_date(day, pattern, locale=self.language.locale)

    def short_day(self, day: date) -> str:
        """`24 Apr`, in narrow columns; another year with its number: `24.04.2025`."""
        if day.year != self.today.year:
            return day.strftime("%d.%m.%Y")
        return babel_date(day, "d MMM", locale=self.language.locale).rstrip(".")

    def short_month(self, day: date) -> str:
        """`Apr`, below a chart."""
        return babel_date(day, "LLL", locale=self.language.locale).rstrip(".")

    def weekday(self, weekday: int) -> str:
        """`Monday` for 0, as a heading."""
        name = babel_date(_MONDAY + timedelta(days=weekday), "EEEE", locale=self.language.locale)
        return f"{name[:1].upper()}{name[1:]}"

    def short_weekday(self, weekday: int) -> str:
        """`Mon` for 0, in narrow columns."""
        name = babel_date(_MONDAY + timedelta(days=weekday), "EEE", locale=self.language.locale).rstrip(".")
        return f"{name[:1].upper()}{name[1:]}"

    def hour(self, hour: int) -> str:
        """`9:00–10:00` for 9."""
        return f"{hour}:00–{(hour + 1) % 24}:00"

    def day_heading(self, day: date) -> str:
        """`Today, 24 April`, `Wednesday, 22 April`."""
        gettext = self.language.gettext
        if day == self.today:
            name = gettext("Today")
        elif day == self.today - timedelta(days=1):
            name = gettext("Yesterday")
        else:
            name = babel_date(day, "EEEE", locale=self.language.locale)
        return f"{name[:1].upper()}{name[1:]}, {self.day(day)}"

    def moment(self, instant: datetime) -> str:
        """`Friday, 24 April 2026, 14:32` in running text (the weekday in lower case in Russian)."""
        day = babel_date(self.day_of(instant), "EEEE, d MMMM y", locale=self.language.locale)
        return f"{day}, {self.time(instant)}"

    def span(self, since: date, until: date) -> str:
        """`1–24 April`, `28 March – 3 April`; both days included."""
        if since == until:
            return self.day(since)
        if (since.year, since.month) == (until.year, until.month):
            return f"{since.day}–{self.day(until)}"
        return f"{self.day(since)} – {self.day(until)}"

    def short_span(self, since: date, until: date) -> str:
        """`29 Jan – 3 Feb`, beside a day that has the year."""
        ends = (babel_date(day, "d MMM", locale=self.language.locale).rstrip(".") for day in (since, until))
        return " – ".join(ends)

    def clock(self, duration_ms: int) -> str:
        """`3:24`, `1:02:03`: a length in rows."""
        minutes, seconds = divmod(duration_ms // 1000, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    def length(self, duration_ms: int) -> str:
        """`3 min 24 s`, `43 h 08 min`: a length in prose."""
        gettext = self.language.gettext
        minutes, seconds = divmod(duration_ms // 1000, 60)
        hours, minutes = divmod(minutes, 60)
        if hours:
            text = gettext("%(hours)s h %(minutes)s min") % {
                "hours": self.number(hours),
                "minutes": f"{minutes:02}",
            }
        elif minutes:
            text = gettext("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": f"{seconds:02}"}
        else:
            text = gettext("%(seconds)s s") % {"seconds": seconds}
        return text.replace(" ", _NBSP)

    def bound(self, seconds: int) -> str:
        """`10 min`, `1 min 30 s`: a length that people chose."""
        minutes, rest = divmod(seconds, 60)
        if rest or not minutes:
            return self.length(seconds * 1000)
        return (self.language.gettext("%(minutes)s min") % {"minutes": minutes}).replace(" ", _NBSP)

    def number(self, value: float) -> str:
        """`1,284` or `1 284`."""
        return str(format_decimal(value, locale=self.language.locale))

    def typed(self, value: float) -> str:
        """`1284.5` or `1284,5`: as one types it into a field, up to three decimals."""
        return str(format_decimal(value, "0.###", locale=self.language.locale))

    def percent(self, share: float) -> str:
        """`44%` or `44 %` for 0.44; one decimal below ten percent unless whole."""
        value = round(share * 100, 1 if 0 < share < 0.1 else 0)
        space = _NBSP if self.language.code == "ru" else ""
        return f"{self.number(int(value) if value == int(value) else value)}{space}%"

    def size(self, size_bytes: int) -> str:
        """`320 KB`, `1.4 MB`, `412 GB` (powers of 1000)."""
        gettext = self.language.gettext
        units = (gettext("KB"), gettext("MB"), gettext("GB"), gettext("TB"))
        value = size_bytes / 1000
        step = 0
        while value >= 999.5 and step < len(units) - 1:
            value /= 1000
            step += 1
        shown = round(value, 1) if value < 10 and step else max(round(value), 1 if size_bytes else 0)
        return f"{self.number(shown)}{_NBSP}{units[step]}"

    def phone(self, number: str) -> str:
        """A Russian number in the groups people read, any other as it came."""
        found = _RUSSIAN_NUMBER.fullmatch(number)
        if found is None:
            return number
        country, area, *rest = found.groups()
        return f"{'8' if country == '8' else '+7'}{_NBSP}{area}{_NBSP}{'-'.join(rest)}"
