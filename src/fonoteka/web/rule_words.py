"""Recording rules as sentences of the visitor's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from babel.dates import get_day_names
from babel.lists import format_list
from markupsafe import Markup

from fonoteka.domain.direction import Direction
from fonoteka.domain.people import Directory
from fonoteka.domain.rules import Forwarding, RecordingRule, RuleConditions, RuleOutcome
from fonoteka.web.formats import Formats

_NAMED_MAX = 4
_DAY_MINUTES = 24 * 60
_WORKDAYS, _WEEKEND = frozenset(range(5)), frozenset({5, 6})
_TEXT_MAX = 200
_YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class RuleWords:
    """Says what rules mean; `directory` names the groups."""

    formats: Formats
    directory: Directory

    def sentence(self, rule: RecordingRule) -> Markup:
        """Which calls the rule is about; what tells it from others is bold."""
        one = rule.conditions
        parts = [self._calls(one), *self._who(one)]
        text = Markup(" ").join(parts)
        for more in (self._forwarding(one), self._numbers(one), self._when(one), self._share(one)):
            if more:
                text += Markup(", ") + more
        return text

    def plain(self, rule: RecordingRule) -> str:
        """The sentence as text, for a rule that nobody gave a name."""
        return str(self.sentence(rule).striptags())[:_TEXT_MAX]

    def own_name(self, rule: RecordingRule) -> str:
        """The name that a person gave; empty when it is the sentence itself."""
        return "" if rule.name == self.plain(rule) else rule.name

    def outcome(self, outcome: RuleOutcome) -> str:
        """The verb of a rule."""
        gettext = self.formats.language.gettext
        return {
            RuleOutcome.RECORD: gettext("Record"),
            RuleOutcome.SKIP: gettext("Do not record"),
            RuleOutcome.ON_DEMAND: gettext("On demand"),
        }[outcome]

    def detail(self, rule: RecordingRule) -> str:
        """How long recordings are kept, and until when they can be asked for."""
        gettext = self.formats.language.gettext
        if not rule.enabled:
            return gettext("Switched off")
        if rule.outcome is RuleOutcome.SKIP:
            return ""
        kept = self.keep(rule.keep_days, rule.keep_at_least_days)
        if rule.outcome is RuleOutcome.RECORD:
            return kept
        asked = gettext("Recorded from the start, kept if asked for during the call or within %(time)s")
        return f"{asked % {'time': self.within(rule.keep_within_s)}}. {kept}"

    def keep(self, keep_days: int | None, keep_at_least_days: int | None = None) -> str:
        """`Keep for ever`, `Keep for 90 days`, `Keep for ever, protected for 5 years`."""
        gettext = self.formats.language.gettext
        told = gettext("Keep for ever")
        if keep_days is not None:
            told = gettext("Keep for %(time)s") % {"time": self.days(keep_days)}
        if keep_at_least_days is not None:
            told += gettext(", protected for %(time)s") % {"time": self.days(keep_at_least_days)}
        return told

    def days(self, days: int) -> str:
        """`90 days`, `5 years`."""
        ngettext = self.formats.language.ngettext
        if days % _YEAR_DAYS == 0:
            years = days // _YEAR_DAYS
            return ngettext("%(num)s year", "%(num)s years", years) % {"num": self.formats.number(years)}
        return ngettext("%(num)s day", "%(num)s days", days) % {"num": self.formats.number(days)}

    def within(self, seconds: int) -> str:
        """`10 min`, `1 h 30 min`: a time after the call."""
        minutes, rest = divmod(seconds, 60)
        if rest or minutes >= 60:
            return self.formats.length(seconds * 1000)
        return self.formats.language.gettext("%(minutes)s min") % {"minutes": minutes}

    def weekday(self, day: int) -> str:
        """`Mon`."""
        names = get_day_names("abbreviated", "stand-alone", locale=self.formats.language.locale)
        return str(names[day])

    @staticmethod
    def minute(minute: int) -> str:
        """`9:00`."""
        return f"{minute // 60}:{minute % 60:02}"

    def _calls(self, one: RuleConditions) -> Markup:
        gettext = self.formats.language.gettext
        names = {
            Direction.INCOMING: gettext("incoming"),
            Direction.OUTGOING: gettext("outgoing"),
            Direction.INTERNAL: gettext("internal"),
            Direction.UNKNOWN: gettext("other"),
        }
        wanted = [name for direction, name in names.items() if direction in one.directions]
        if not wanted or set(names) - {Direction.UNKNOWN} <= one.directions:
            return _markup(gettext("All calls"))
        text = gettext("%(kinds)s calls") % {"kinds": self._list(wanted)}
        return Markup("{}").format(text[:1].upper() + text[1:])

    def _who(self, one: RuleConditions) -> list[Markup]:
        gettext, ngettext = self.formats.language.gettext, self.formats.language.ngettext
        known = {group.id: group.name for group in self.directory.groups}
        parts: list[str] = []
        names = sorted(known[id_] for id_ in one.group_ids if id_ in known)
        if names:
            quoted = [Markup("<b>{}</b>").format(gettext("“%(name)s”") % {"name": name}) for name in names]
            said = ngettext("of the group %(names)s", "of the groups %(names)s", _form(names))
            parts.append(_markup(said) % {"names": self._some(quoted)})
        if one.group_ids - known.keys():
            parts.append(gettext("of a group that was deleted"))
        if one.extensions:
            numbers = [Markup("<b>{}</b>").format(number) for number in sorted(one.extensions)]
            said = ngettext("of extension %(names)s", "of extensions %(names)s", _form(numbers))
            parts.append(_markup(said) % {"names": self._some(numbers)})
        if one.newcomers:
            parts.append(Markup("<b>{}</b>").format(gettext("of newcomers")))
        return [self._list_markup(parts)] if parts else []

    def _forwarding(self, one: RuleConditions) -> str:
        gettext = self.formats.language.gettext
        return {
            Forwarding.INCLUDED: "",
            Forwarding.EXCLUDED: gettext("except those forwarded outside"),
            Forwarding.ONLY: Markup("<b>{}</b>").format(gettext("forwarded outside")),
        }[one.forwarded_outside]

    def _numbers(self, one: RuleConditions) -> str:
        if not one.numbers:
            return ""
        ngettext = self.formats.language.ngettext
        shown = [
            f"{number[:-1]}…" if number.endswith("*") else self.formats.phone(number)
            for number in one.numbers
        ]
        said = ngettext("outside number %(names)s", "outside numbers %(names)s", _form(shown))
        return _markup(said) % {"names": self._some([Markup("<b>{}</b>").format(number) for number in shown])}

    def _when(self, one: RuleConditions) -> str:
        gettext = self.formats.language.gettext
        parts = []
        if one.weekdays == _WORKDAYS:
            parts.append(gettext("on workdays"))
        elif one.weekdays == _WEEKEND:
            parts.append(gettext("at weekends"))
        elif one.weekdays and one.weekdays != _WORKDAYS | _WEEKEND:
            days = [self.weekday(day) for day in sorted(one.weekdays) if 0 <= day <= 6]
            parts.append(gettext("on %(days)s") % {"days": ", ".join(days)})
        if (one.from_minute, one.until_minute) != (0, _DAY_MINUTES):
            span = {"since": self.minute(one.from_minute), "until": self.minute(one.until_minute)}
            parts.append(gettext("from %(since)s to %(until)s") % span)
        return " ".join(parts)

    def _share(self, one: RuleConditions) -> str:
        if one.share_percent == 100:
            return ""
        share = self.formats.percent(one.share_percent / 100)
        return self.formats.language.gettext("%(share)s of them") % {"share": share}

    def _some(self, names: Sequence[Markup]) -> Markup:
        """A few of the names, and how many more there are."""
        if len(names) <= _NAMED_MAX:
            return self._list_markup(names)
        more = self.formats.language.ngettext("%(num)s more", "%(num)s more", len(names) - _NAMED_MAX + 1)
        rest = more % {"num": self.formats.number(len(names) - _NAMED_MAX + 1)}
        return self._list_markup([*names[: _NAMED_MAX - 1], rest])

    def _list(self, texts: Sequence[str]) -> str:
        return str(format_list(list(texts), "standard", locale=self.formats.language.locale))

    def _list_markup(self, texts: Sequence[str]) -> Markup:
        """As `_list`, escaping what is no markup yet."""
        escaped = [str(Markup.escape(text)) for text in texts]
        return _markup(self._list(escaped))


def _form(names: Sequence[str]) -> int:
    """Which plural form: names are listed, not counted, so 21 of them are as many as 2."""
    return min(len(names), 2)


def _markup(text: str) -> Markup:
    """A text of the catalogue, or of parts that are escaped."""
    return Markup(text)  # noqa: S704 - see above
