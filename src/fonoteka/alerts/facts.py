"""Facts of an alert, written for people in one language; what is lacking leaves a dash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from fonoteka.domain.alerts import Facts

_NBSP = "\N{NO-BREAK SPACE}"
_UNITS = {"en": ("KB", "MB", "GB", "TB"), "ru": ("КБ", "МБ", "ГБ", "ТБ")}
_TEXT_MAX = 300


@dataclass(frozen=True, slots=True)
class FactWriter:
    """Writes the facts in that language; instants in that time zone."""

    facts: Facts
    language: str
    zone: tzinfo

    @property
    def _locale(self) -> Locale:
        return Locale.parse("en_GB" if self.language == "en" else "ru")

    def has(self, name: str) -> bool:
        """Whether the fact is known."""
        return self.facts.get(name, "") != ""

    def text(self, name: str) -> str:
        """The fact as one line of limited length."""
        return " ".join(str(self.facts.get(name, "–")).split())[:_TEXT_MAX] or "–"

    def number(self, name: str) -> str:
        """`1,284`."""
        value = self._value(name)
        return "–" if value is None else str(format_decimal(round(value, 1), locale=self._locale))

    def size(self, name: str) -> str:
        """`412 GB` (powers of 1000)."""
        value = self._value(name)
        if value is None:
            return "–"
        units, step = _UNITS[self.language], 0
        value /= 1000
        while value >= 999.5 and step < len(units) - 1:
            value /= 1000
            step += 1
        shown = round(value, 1) if value < 10 and step else round(value)
        return f"{format_decimal(shown, locale=self._locale)}{_NBSP}{units[step]}"

    def percent(self, name: str) -> str:
        """`95%`, `95 %`."""
        return self.number(name) + (f"{_NBSP}%" if self.language == "ru" else "%")

    def day(self, name: str) -> str:
        """`12 May 2031` of an ISO date or instant."""
        try:
            found = datetime.fromisoformat(str(self.facts.get(name)))
        except ValueError:
            return "–"
        return str(format_date(found, "d MMMM y", locale=self._locale))

    def moment(self, name: str) -> str:
        """`24 April, 14:32` of an ISO instant."""
        try:
            return self.instant(datetime.fromisoformat(str(self.facts.get(name))))
        except ValueError:
            return "–"

    def instant(self, instant: datetime) -> str:
        """`24 April, 14:32`."""
        return str(format_datetime(instant.astimezone(self.zone), "d MMMM, HH:mm", locale=self._locale))

    def counted(self, name: str, *forms: str) -> str:
        """The number with the word that goes with it: in Russian three forms (1, 2, 5), in English two."""
        value = self._value(name)
        whole = 0 if value is None else int(value)
        names = ("one", "few", "many") if self.language == "ru" else ("one", "other")
        form = self._locale.plural_form(whole)
        return f"{self.number(name)} {forms[names.index(form) if form in names else -1]}"

    def _value(self, name: str) -> float | None:
        value = self.facts.get(name)
        if isinstance(value, str) or value is None:
            return None
        return float(value)
