"""How people write the phrases of a topic: a line each, words in any form.

    вернуть деньги                  one word after the other
    вернуть [3] деньги              up to three words between
    (вернуть | возврат) деньги      one of several; each may be several words
    !не вернуть                     not where “не” stands before; at the end: not where it stands behind
    !не [2] вернуть                 nor where up to two words lie between
    добрый день @agent @first:15    said by the agent (сотрудник), in the first 15 seconds (первые)
    # a note to oneself             nothing is looked for

docs/operate/topics.md is the same for people, with the names of the conditions in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from fonoteka.domain.errors import TopicPhraseInvalid
from fonoteka.domain.topics import (
    GAP_MAX,
    PHRASE_CHARACTERS_MAX,
    PHRASES_MAX,
    SECONDS_MAX,
    TEXT_CHARACTERS_MAX,
    WORDS_MAX,
    Item,
    Phrase,
    Speaker,
    Words,
    words_in,
)

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_GAP = re.compile(r"\[\s*([0-9]{1,4})\s*\]")
_CONDITION = re.compile(r"@\s*([^\W\d_]+)\s*(?:[:=]\s*([0-9]{1,6}))?")
_IGNORED = frozenset(' \t,.;:?…«»“”„"–—\u00a0')
_SPEAKERS = {
    **dict.fromkeys(("agent", "сотрудник", "оператор"), Speaker.AGENT),
    **dict.fromkeys(("customer", "client", "клиент"), Speaker.CUSTOMER),
}
_FIRST, _LAST = ("first", "первые"), ("last", "последние")


class PhraseProblem(StrEnum):
    """Why a phrase cannot be read."""

    EMPTY = "empty"
    TEXT_TOO_LONG = "text_too_long"
    TOO_MANY_PHRASES = "too_many_phrases"
    PHRASE_TOO_LONG = "phrase_too_long"
    TOO_MANY_WORDS = "too_many_words"
    NO_WORDS = "no_words"
    NOT_A_WORD = "not_a_word"
    SIGN = "sign"
    GROUP_OPEN = "group_open"
    GROUP_EMPTY = "group_empty"
    GROUP_NESTED = "group_nested"
    GROUP_CLOSED = "group_closed"
    BAR_OUTSIDE = "bar_outside"
    GAP = "gap"
    GAP_PLACE = "gap_place"
    NEGATION_PLACE = "negation_place"
    CONDITION = "condition"
    CONDITION_PLACE = "condition_place"
    CONDITION_TWICE = "condition_twice"
    SECONDS = "seconds"


_TOLD = {
    PhraseProblem.EMPTY: "A topic needs a phrase.",
    PhraseProblem.TEXT_TOO_LONG: f"All phrases together have at most {TEXT_CHARACTERS_MAX} characters.",
    PhraseProblem.TOO_MANY_PHRASES: f"A topic has at most {PHRASES_MAX} phrases.",
    PhraseProblem.PHRASE_TOO_LONG: f"A phrase has at most {PHRASE_CHARACTERS_MAX} characters.",
    PhraseProblem.TOO_MANY_WORDS: f"A phrase has at most {WORDS_MAX} words, each alternative counted.",
    PhraseProblem.NO_WORDS: "There is no word to look for.",
    PhraseProblem.NOT_A_WORD: "This is no word that can be said.",
    PhraseProblem.SIGN: "This sign means nothing here.",
    PhraseProblem.GROUP_OPEN: "This bracket is not closed.",
    PhraseProblem.GROUP_EMPTY: "An alternative without words.",
    PhraseProblem.GROUP_NESTED: "Within alternatives there are words alone.",
    PhraseProblem.GROUP_CLOSED: "No bracket was opened.",
    PhraseProblem.BAR_OUTSIDE: "Alternatives stand in brackets: (one | other).",
    PhraseProblem.GAP: f"A gap is a number from 1 to {GAP_MAX}: [3].",
    PhraseProblem.GAP_PLACE: "A gap stands between two words.",
    PhraseProblem.NEGATION_PLACE: "An exclamation mark stands before the first or the last word.",
    PhraseProblem.CONDITION: "There is no such condition.",
    PhraseProblem.CONDITION_PLACE: "Conditions come last.",
    PhraseProblem.CONDITION_TWICE: "Such a condition was given already.",
    PhraseProblem.SECONDS: f"Seconds are a number from 1 to {SECONDS_MAX}: @first:30.",
}


def parse_phrases(text: str) -> tuple[tuple[int, Phrase], ...]:
    """The phrases of a text, each with its line (from 1). Raises `TopicPhraseInvalid`."""
    if len(text) > TEXT_CHARACTERS_MAX:
        raise problem(PhraseProblem.TEXT_TOO_LONG, 1, 1)
    found: list[tuple[int, Phrase]] = []
    for number, line in enumerate(text.split("\n"), 1):
        plain = line.strip()
        if not plain or plain.startswith("#"):
            continue
        if len(plain) > PHRASE_CHARACTERS_MAX:
            raise problem(PhraseProblem.PHRASE_TOO_LONG, number, PHRASE_CHARACTERS_MAX + 1)
        if len(found) == PHRASES_MAX:
            raise problem(PhraseProblem.TOO_MANY_PHRASES, number, 1)
        found.append((number, _Reader(line, number).phrase()))
    return tuple(found)


def problem(reason: PhraseProblem, line: int, column: int) -> TopicPhraseInvalid:
    """The error that says so."""
    return TopicPhraseInvalid(reason.value, line, column, _TOLD[reason])


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of a phrase: `kind` is its sign, `w` for a word, `g` for a gap, `@` for a condition."""

    kind: str
    text: str
    column: int
    number: int | None = None


@dataclass(frozen=True, slots=True)
class _Unit:
    item: Item
    is_negated: bool
    column: int


class _Reader:
    """Reads one line."""

    def __init__(self, line: str, number: int) -> None:
        self._line, self._number = line, number
        self._tokens = list(self._cut())
        self._at = 0

    def phrase(self) -> Phrase:
        units = self._units()
        known = self._conditions(Phrase(()))
        negated = [place for place, one in enumerate(units) if one.is_negated]
        for place in negated:
            if place not in (0, len(units) - 1):
                raise self._wrong(PhraseProblem.NEGATION_PLACE, units[place].column)
        if len(negated) == len(units):
            raise self._wrong(PhraseProblem.NO_WORDS, 1)
        items = [one.item for one in units if not one.is_negated]
        if 0 in negated:
            # The gap was written before what follows, and belongs to the negation.
            known = replace(known, unless_before=replace(units[0].item, gap=items[0].gap))
            items[0] = replace(items[0], gap=0)
        if negated and negated[-1] > 0:
            known = replace(known, unless_after=units[-1].item)
        whole = replace(known, items=tuple(items))
        if words_in(whole) > WORDS_MAX:
            raise self._wrong(PhraseProblem.TOO_MANY_WORDS, 1)
        return whole

    def _units(self) -> list[_Unit]:
        units: list[_Unit] = []
        gap: _Token | None = None
        while (token := self._peek()) is not None and token.kind != "@":
            self._at += 1
            if token.kind == "g":
                if gap is not None or not units:
                    raise self._wrong(PhraseProblem.GAP_PLACE, token.column)
                gap = token
                continue
            is_negated = token.kind == "!"
            column = token.column
            if is_negated:
                follows = self._peek()
                if follows is None or follows.kind not in ("w", "("):
                    raise self._wrong(PhraseProblem.NEGATION_PLACE, token.column)
                token = follows
                self._at += 1
            words = ((token.text,),) if token.kind == "w" else self._group(token)
            between = 0 if gap is None or gap.number is None else gap.number
            units.append(_Unit(Item(words, between), is_negated, column))
            gap = None
        if gap is not None:
            raise self._wrong(PhraseProblem.GAP_PLACE, gap.column)
        return units

    def _group(self, opened: _Token) -> tuple[Words, ...]:
        if opened.kind != "(":
            outside = {")": PhraseProblem.GROUP_CLOSED, "|": PhraseProblem.BAR_OUTSIDE}
            raise self._wrong(outside[opened.kind], opened.column)
        found: list[list[str]] = [[]]
        while (token := self._peek()) is not None:
            self._at += 1
            if token.kind == "w":
                found[-1].append(token.text)
            elif token.kind in ("|", ")"):
                if not found[-1]:
                    raise self._wrong(PhraseProblem.GROUP_EMPTY, token.column)
                if token.kind == ")":
                    return tuple(dict.fromkeys(tuple(one) for one in found))
                found.append([])
            else:
                raise self._wrong(PhraseProblem.GROUP_NESTED, token.column)
        raise self._wrong(PhraseProblem.GROUP_OPEN, opened.column)

    def _conditions(self, known: Phrase) -> Phrase:
        while (token := self._peek()) is not None:
            self._at += 1
            if token.kind != "@":
                raise self._wrong(PhraseProblem.CONDITION_PLACE, token.column)
            if token.text in _SPEAKERS and token.number is None:
                if known.speaker is not Speaker.ANYONE:
                    raise self._wrong(PhraseProblem.CONDITION_TWICE, token.column)
                known = replace(known, speaker=_SPEAKERS[token.text])
            elif token.text in (*_FIRST, *_LAST):
                if token.number is None or not 1 <= token.number <= SECONDS_MAX:
                    raise self._wrong(PhraseProblem.SECONDS, token.column)
                is_first = token.text in _FIRST
                if (known.first_s if is_first else known.last_s) is not None:
                    raise self._wrong(PhraseProblem.CONDITION_TWICE, token.column)
                known = (
                    replace(known, first_s=token.number) if is_first else replace(known, last_s=token.number)
                )
            else:
                raise self._wrong(PhraseProblem.CONDITION, token.column)
        return known

    def _cut(self) -> Iterator[_Token]:
        at = 0
        while at < len(self._line):
            sign, column = self._line[at], at + 1
            if sign in _IGNORED or sign.isspace():
                at += 1
            elif sign in "()|!":
                yield _Token(sign, sign, column)
                at += 1
            elif match := _WORD.match(self._line, at):
                yield _Token("w", match[0].casefold(), column)
                at = match.end()
            elif sign == "[":
                match = _GAP.match(self._line, at)
                if match is None or not 1 <= int(match[1]) <= GAP_MAX:
                    raise self._wrong(PhraseProblem.GAP, column)
                yield _Token("g", "", column, int(match[1]))
                at = match.end()
            elif match := _CONDITION.match(self._line, at):
                yield _Token("@", match[1].casefold(), column, int(match[2]) if match[2] else None)
                at = match.end()
            else:
                raise self._wrong(PhraseProblem.CONDITION if sign == "@" else PhraseProblem.SIGN, column)

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _wrong(self, reason: PhraseProblem, column: int) -> TopicPhraseInvalid:
        return problem(reason, self._number, column)
