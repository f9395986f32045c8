"""Finds the phrases of topics among the words of a call, in dictionary forms.

Each phrase waits under the rarest two of its words that come one after the other (the longest: what is said
often is short); only where both were said is it looked at. So five hundred phrases cost hardly more than one
look at each word.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from fonoteka.domain.topics import (
    HIT_WORDS_CHARACTERS_MAX,
    HITS_MAX,
    Item,
    Phrase,
    Speaker,
    TopicHit,
    Words,
)
from fonoteka.domain.transcript import Utterance

BREAK = ""
"""In the place of a word: between utterances, so that no phrase is found across them."""
Lemmas = Callable[[str], Words]
"""The dictionary forms of a word as it is written; none where it is no word."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording's words: `forms` one after the other, and where each stands (utterance, word).

    `speakers` says by channel whose it is; a channel that is not there is anybody's.
    """

    forms: Sequence[str]
    places: Sequence[tuple[int, int]]
    utterances: Sequence[Utterance]
    speakers: Sequence[Speaker]
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Match:
    """Where a topic (its place among those of the dictionary) was found: `forms` from here to there."""

    topic: int
    start: int
    end: int


def heard(
    utterances: Sequence[Utterance], speakers: Sequence[Speaker], duration_ms: int, lemmas: Lemmas
) -> Heard:
    """A recording's words in dictionary forms."""
    forms: list[str] = []
    places: list[tuple[int, int]] = []
    for number, one in enumerate(utterances):
        for place, word in enumerate(one.words):
            for form in lemmas(word.text):
                forms.append(form)
                places.append((number, place))
        forms.append(BREAK)
        places.append((number, len(one.words)))
    return Heard(forms, places, utterances, speakers, duration_ms)


def in_forms(phrase: Phrase, lemmas: Lemmas) -> Phrase | str:
    """The phrase in dictionary forms; a word of it that has none."""

    def of_item(item: Item) -> Item:
        some = (tuple(form for word in words for form in _forms(word)) for words in item.alternatives)
        return replace(item, alternatives=tuple(dict.fromkeys(some)))

    def _forms(word: str) -> Words:
        found = lemmas(word)
        if not found:
            raise _NoForm(word)
        return found

    try:
        return replace(
            phrase,
            items=tuple(of_item(one) for one in phrase.items),
            unless_before=None if phrase.unless_before is None else of_item(phrase.unless_before),
            unless_after=None if phrase.unless_after is None else of_item(phrase.unless_after),
        )
    except _NoForm as error:
        return str(error)


class _NoForm(ValueError):
    """A word without dictionary forms."""


class Dictionary:
    """The phrases (in dictionary forms) of some topics, made to be looked for together."""

    def __init__(self, topics: Sequence[Iterable[Phrase]]) -> None:
        self._index: dict[str, _Node] = {}
        for topic, phrases in enumerate(topics):
            for phrase in dict.fromkeys(phrases):
                for first, second, entry in _entries(topic, phrase):
                    self._index.setdefault(first, _Node()).add(second, entry)

    def find(self, said: Heard) -> list[Match]:
        """Where each topic is, in the order of topics and time; of what overlaps within one the first.

        Of several that begin with one word the longest.
        """
        found: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
        for place, entry in self._candidates(said.forms):
            for start in _starts(said.forms, entry, place):
                end = _end(said, entry.phrase, start)
                if end:
                    found[entry.topic].add((start, end))
        return [Match(topic, start, end) for topic in sorted(found) for start, end in _apart(found[topic])]

    def _candidates(self, forms: Sequence[str]) -> Iterator[tuple[int, _Entry]]:
        """The places of phrases' two words that come together, as far apart as they may."""
        look, last = self._index.get, len(forms) - 1
        for place, form in enumerate(forms):
            node = look(form)
            if node is None:
                continue
            for entry in node.alone:
                yield place, entry
            seconds = node.seconds
            for at in range(place + 1, min(place + node.reach, last) + 1):
                second = forms[at]
                if second in seconds:
                    for entry in seconds[second]:
                        if at - place <= entry.apart:
                            yield place, entry
                elif second == BREAK:
                    break


def hit_of(said: Heard, match: Match, topic_id: str, version: int) -> TopicHit:
    """A match as it is kept."""
    number, first = said.places[match.start]
    last = said.places[match.end - 1][1]
    utterance = said.utterances[number]
    words = utterance.words[first : last + 1]
    return TopicHit(
        topic_id=topic_id,
        version=version,
        channel=utterance.channel,
        party=speaker_at(said, match.start),
        since_ms=words[0].since_ms,
        until_ms=words[-1].until_ms,
        words=" ".join(one.text for one in words)[:HIT_WORDS_CHARACTERS_MAX],
    )


def speaker_at(said: Heard, place: int) -> Speaker:
    """Who says the word at that place."""
    channel = said.utterances[said.places[place][0]].channel
    return said.speakers[channel] if channel < len(said.speakers) else Speaker.ANYONE


@dataclass(frozen=True, slots=True)
class _Entry:
    """A phrase that waits under a word of it, from which its begin lies `nearest` to `farthest` words back.

    The word that must follow stands at most `apart` words on.
    """

    topic: int
    phrase: Phrase
    nearest: int
    farthest: int
    apart: int


@dataclass(slots=True)
class _Node:
    """What waits under a word: phrases of that word alone, and those by the word that must follow.

    `reach` is how far on any of these may stand.
    """

    alone: list[_Entry] = field(default_factory=list)
    seconds: dict[str, list[_Entry]] = field(default_factory=dict)
    reach: int = 0

    def add(self, second: str, entry: _Entry) -> None:
        """Let the entry wait here; without a second word, for the first alone."""
        if not second:
            self.alone.append(entry)
            return
        self.seconds.setdefault(second, []).append(entry)
        self.reach = max(self.reach, entry.apart)


def _entries(topic: int, phrase: Phrase) -> Iterator[tuple[str, str, _Entry]]:
    """Under which two words a phrase waits: the rarest two that come one after the other."""
    if len(phrase.items) == 1:
        for words in phrase.items[0].alternatives:
            yield words[0], words[1] if len(words) > 1 else "", _Entry(topic, phrase, 0, 0, 1)
        return
    pairs = range(len(phrase.items) - 1)
    at = max(pairs, key=lambda one: (_rarity(phrase.items[one], phrase.items[one + 1]), -one))
    before, first, second = phrase.items[:at], phrase.items[at], phrase.items[at + 1]
    nearest = sum(min(map(len, item.alternatives)) for item in before)
    farthest = sum(max(map(len, item.alternatives)) for item in before)
    farthest += sum(item.gap for item in phrase.items[1 : at + 1])
    waiting: dict[tuple[str, str], _Entry] = {}
    for words in first.alternatives:
        # Alternatives of several words wait under their last one, so the phrase may begin that much earlier.
        more = len(words) - 1
        for follow in {other[0] for other in second.alternatives}:
            known = waiting.get((words[-1], follow))
            near, far = nearest + more, farthest + more
            if known is not None:
                near, far = min(near, known.nearest), max(far, known.farthest)
            waiting[words[-1], follow] = _Entry(topic, phrase, near, far, second.gap + 1)
    for (one, other), entry in waiting.items():
        yield one, other, entry


def _rarity(first: Item, second: Item) -> float:
    """The longest are the rarest; each alternative makes it less so."""
    words = min(len(one[-1]) for one in first.alternatives) + min(len(one[0]) for one in second.alternatives)
    return words / math.sqrt(len(first.alternatives) * len(second.alternatives) * (second.gap + 1))


def _starts(forms: Sequence[str], entry: _Entry, place: int) -> Iterable[int]:
    if not entry.farthest:
        return (place,)
    firsts = {words[0] for words in entry.phrase.items[0].alternatives}
    since = max(0, place - entry.farthest)
    return [one for one in range(since, place - entry.nearest + 1) if forms[one] in firsts]


def _end(said: Heard, phrase: Phrase, start: int) -> int:
    """Where the phrase ends that begins there, the nearest if there are several; 0: it does not."""
    forms = said.forms
    ends = _after(forms, phrase.items[0], start)
    for item in phrase.items[1:]:
        ends = {
            end
            for before in ends
            for place in _within(forms, before, item.gap)
            for end in _after(forms, item, place)
        }
        if not ends:
            return 0
    if not ends or (phrase.unless_before is not None and _is_before(forms, phrase.unless_before, start)):
        return 0
    if phrase.speaker is not Speaker.ANYONE and speaker_at(said, start) is not phrase.speaker:
        return 0
    return next((end for end in sorted(ends) if _fits(said, phrase, start, end)), 0)


def _fits(said: Heard, phrase: Phrase, start: int, end: int) -> bool:
    behind = phrase.unless_after
    if behind is not None and any(
        _after(said.forms, behind, place) for place in _within(said.forms, end, behind.gap)
    ):
        return False
    if phrase.first_s is not None:
        number, word = said.places[start]
        if said.utterances[number].words[word].since_ms > 1_000 * phrase.first_s:
            return False
    if phrase.last_s is not None:
        number, word = said.places[end - 1]
        if said.utterances[number].words[word].until_ms < said.duration_ms - 1_000 * phrase.last_s:
            return False
    return True


def _after(forms: Sequence[str], item: Item, place: int) -> set[int]:
    """Where the item ends that begins there."""
    here = forms[place] if place < len(forms) else BREAK
    return {
        place + len(words)
        for words in item.alternatives
        if words[0] == here and (len(words) == 1 or tuple(forms[place : place + len(words)]) == words)
    }


def _within(forms: Sequence[str], place: int, gap: int) -> Iterable[int]:
    """The places from there on that are reached over at most `gap` words of the same utterance."""
    for at in range(place, min(place + gap + 1, len(forms))):
        yield at
        if forms[at] == BREAK:
            return


def _is_before(forms: Sequence[str], item: Item, start: int) -> bool:
    """Whether the item ends there, or up to its gap of words before, in the same utterance."""
    for between in range(item.gap + 1):
        end = start - between
        if end <= 0 or (between and forms[end] == BREAK):
            return False
        for words in item.alternatives:
            if end >= len(words) and tuple(forms[end - len(words) : end]) == words:
                return True
    return False


def _apart(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda one: (one[0], -one[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept[:HITS_MAX]
