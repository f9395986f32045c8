"""What an alert says to people, in page and mail alike: in Russian and in English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from fonoteka.alerts import words_en, words_ru
from fonoteka.alerts.facts import FactWriter
from fonoteka.domain.alerts import Alert, Condition, NewsKind

LANGUAGES = ("ru", "en")

Sayer = Callable[[FactWriter, int], tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Said:
    """An alert in words: what is wrong, what that means, what to do (may be empty)."""

    title: str
    text: str
    advice: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Wording:
    """All that one language has to say."""

    conditions: Mapping[Condition, Sayer]
    kinds: Mapping[NewsKind, str]
    phrases: Mapping[str, str]


_WORDINGS = {
    "en": Wording(words_en.CONDITIONS, words_en.KINDS, words_en.PHRASES),
    "ru": Wording(words_ru.CONDITIONS, words_ru.KINDS, words_ru.PHRASES),
}


def language_of(code: str) -> str:
    """A language that we have: the one asked for, else Russian."""
    return code if code in _WORDINGS else LANGUAGES[0]


def wording(language: str) -> Wording:
    """What the language has to say; an unknown one is Russian."""
    return _WORDINGS[language_of(language)]


def say(alert: Alert, language: str, zone: tzinfo) -> Said:
    """The alert in words of that language."""
    language = language_of(language)
    writer = FactWriter(alert.facts, language, zone)
    title, text, advice = wording(language).conditions[alert.condition](writer, alert.level)
    until = "" if alert.cleared_at is None else writer.instant(alert.cleared_at)
    return Said(title, text, advice, writer.instant(alert.raised_at), until)
