"""Until when a recording is kept and by what, as a sentence."""

from __future__ import annotations

from datetime import datetime

from fonoteka.domain.retention import Kept, NamedTerm, TermScope
from fonoteka.web.formats import Formats

_YEAR_DAYS = 365


def kept_sentence(formats: Formats, kept: Kept) -> str:
    """Such as “until 12 May 2031: rule 3, 5 years”; what protects longest is said first."""
    gettext = formats.language.gettext
    if kept.is_held:
        cases = ", ".join(kept.holds)
        return (
            gettext("under a legal hold: %(cases)s") % {"cases": cases}
            if cases
            else gettext("under a legal hold")
        )
    if kept.until is not None:
        return _until(formats, kept.until, kept.by)
    if kept.protected_until is not None and kept.protected_until > formats.now:
        told = _until(formats, kept.protected_until, kept.protected_by)
        return gettext("at least %(until)s") % {"until": told}
    return gettext("for ever")


def _until(formats: Formats, at: datetime, by: NamedTerm | None) -> str:
    gettext = formats.language.gettext
    told = gettext("until %(day)s") % {"day": formats.day(formats.day_of(at))}
    return told if by is None else f"{told}: {_source(formats, by)}"


def _source(formats: Formats, by: NamedTerm) -> str:
    gettext, ngettext = formats.language.gettext, formats.language.ngettext
    years, rest = divmod(by.days, _YEAR_DAYS)
    if years and not rest:
        term = ngettext("%(num)d year", "%(num)d years", years) % {"num": years}
    else:
        term = ngettext("%(num)d day", "%(num)d days", by.days) % {"num": by.days}
    who = {
        TermScope.TENANT: gettext("the term for all"),
        TermScope.RULE: gettext("rule %(n)s") % {"n": by.position}
        if by.position
        else gettext("a former rule"),
        TermScope.GROUP: gettext("the group %(name)s") % {"name": by.name or "–"},
        TermScope.TAG: gettext("the tag %(name)s") % {"name": by.name},
    }[by.scope]
    return f"{who}, {term}"
