"""What is wrong with topics, in the visitor's language, with the place."""

from __future__ import annotations

from fonoteka.domain.errors import TopicPhraseInvalid
from fonoteka.domain.topic_notation import PhraseProblem
from fonoteka.domain.topics import (
    GAP_MAX,
    PHRASE_CHARACTERS_MAX,
    PHRASES_MAX,
    SECONDS_MAX,
    TEXT_CHARACTERS_MAX,
    WORDS_MAX,
)
from fonoteka.web.languages import Language


def phrase_problem(language: Language, error: TopicPhraseInvalid) -> str:
    """Where a phrase cannot be read, and why."""
    told = {"line": error.line, "column": error.column, "what": _what(language, PhraseProblem(error.reason))}
    if error.reason in (PhraseProblem.EMPTY, PhraseProblem.TEXT_TOO_LONG):
        return str(told["what"])
    return language.gettext("Line %(line)s, character %(column)s: %(what)s") % told


def _what(language: Language, reason: PhraseProblem) -> str:
    gettext = language.gettext
    text, limits = {
        PhraseProblem.EMPTY: (gettext("A topic needs at least one phrase."), {}),
        PhraseProblem.TEXT_TOO_LONG: (
            gettext("All phrases together have at most %(n)s characters."),
            {"n": TEXT_CHARACTERS_MAX},
        ),
        PhraseProblem.TOO_MANY_PHRASES: (gettext("a topic has at most %(n)s phrases."), {"n": PHRASES_MAX}),
        PhraseProblem.PHRASE_TOO_LONG: (
            gettext("a phrase has at most %(n)s characters."),
            {"n": PHRASE_CHARACTERS_MAX},
        ),
        PhraseProblem.TOO_MANY_WORDS: (
            gettext("a phrase has at most %(n)s words, all alternatives counted."),
            {"n": WORDS_MAX},
        ),
        PhraseProblem.NO_WORDS: (gettext("there is no word to look for."), {}),
        PhraseProblem.NOT_A_WORD: (gettext("this is no word that can be said."), {}),
        PhraseProblem.SIGN: (gettext("this sign means nothing here."), {}),
        PhraseProblem.GROUP_OPEN: (gettext("the bracket is not closed."), {}),
        PhraseProblem.GROUP_EMPTY: (gettext("an alternative without words."), {}),
        PhraseProblem.GROUP_NESTED: (gettext("within alternatives there are words alone."), {}),
        PhraseProblem.GROUP_CLOSED: (gettext("no bracket was opened."), {}),
        PhraseProblem.BAR_OUTSIDE: (gettext("alternatives stand in brackets: (one | other)."), {}),
        PhraseProblem.GAP: (gettext("a gap is a number from 1 to %(n)s, such as [3]."), {"n": GAP_MAX}),
        PhraseProblem.GAP_PLACE: (gettext("a gap stands between two words."), {}),
        PhraseProblem.NEGATION_PLACE: (
            gettext("an exclamation mark stands before the first or the last word."),
            {},
        ),
        PhraseProblem.CONDITION: (
            gettext("there is no such condition; known are @agent, @customer, @first:30, @last:30."),
            {},
        ),
        PhraseProblem.CONDITION_PLACE: (gettext("conditions with @ come last."), {}),
        PhraseProblem.CONDITION_TWICE: (gettext("such a condition was given already."), {}),
        PhraseProblem.SECONDS: (
            gettext("seconds are a number from 1 to %(n)s, such as @first:30."),
            {"n": SECONDS_MAX},
        ),
    }[reason]
    return text % limits
