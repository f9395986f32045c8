"""Phrases and a transcript to look for them in: words as often as words of a language are."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import accumulate

from fonoteka.domain.topic_matching import Dictionary, Heard, heard
from fonoteka.domain.topics import Item, Phrase
from fonoteka.domain.transcript import Utterance, Word

PHRASES, WORDS, UTTERANCE = 500, 1_500, 12
_VOCABULARY = 5_000


def make_phrases(seed: int = 1) -> list[Phrase]:
    """Of two to four words or alternatives, half of them with gaps, some with what must not stand beside."""
    chance = random.Random(seed)
    words = _words(chance)
    return [
        Phrase(
            tuple(
                Item(
                    tuple((next(words),) for _ in range(chance.choice((1, 1, 1, 3)))),
                    chance.choice((0, 0, 2)) if place else 0,
                )
                for place in range(chance.randint(2, 4))
            ),
            Item(((next(words),),)) if chance.random() < 0.2 else None,
        )
        for _ in range(PHRASES)
    ]


def make_transcript(phrases: Sequence[Phrase], seed: int = 2) -> Heard:
    """Ten minutes of two people; every twentieth utterance says one of the phrases."""
    chance = random.Random(seed)
    words = _words(chance)
    said = []
    for number in range(WORDS // UTTERANCE):
        texts = [next(words) for _ in range(UTTERANCE)]
        if number % 20 == 0:
            texts += [item.alternatives[0][0] for item in chance.choice(phrases).items]
        at = number * 4_800
        made = tuple(Word(text, at + 400 * n, at + 400 * n + 300) for n, text in enumerate(texts))
        said.append(Utterance(number % 2, made))
    return heard(said, (), 600_000, lambda word: (word,))


def naive(phrases: Sequence[Phrase], said: Heard) -> int:
    """How many places begin some phrase, each phrase tried at each place."""
    return sum(_fits(said.forms, one, start) for one in phrases for start in range(len(said.forms)))


def indexed(dictionary: Dictionary, said: Heard) -> int:
    """How many places the dictionary finds."""
    return len(dictionary.find(said))


def _fits(forms: Sequence[str], phrase: Phrase, start: int) -> bool:
    before = phrase.unless_before
    if before is not None and start and (forms[start - 1],) in before.alternatives:
        return False
    ends = {start}
    for item in phrase.items:
        ends = {
            end + gap + 1
            for end in ends
            for gap in range(item.gap + 1)
            if tuple(forms[end + gap : end + gap + 1]) in item.alternatives
            and "" not in forms[end : end + gap]
        }
    return bool(ends)


def _words(chance: random.Random) -> Iterator[str]:
    """Words by Zipf's law: the often said ones are short."""
    names = [_name(number) for number in range(_VOCABULARY)]
    weights = list(accumulate(1 / (number + 2.7) for number in range(_VOCABULARY)))
    while True:
        yield from chance.choices(names, cum_weights=weights, k=100)


def _name(number: int) -> str:
    name = ""
    while number or not name:
        number, letter = divmod(number, 24)
        name += "аеиокнтрслвдпмузыбгйхжшю"[letter]
    return name + "ние"[: len(name)]
