"""The notation of topics, and what their phrases find: as a matcher that tries everything would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from fonoteka.domain.errors import TopicPhraseInvalid
from fonoteka.domain.topic_matching import BREAK, Dictionary, Heard, heard, hit_of, in_forms, speaker_at
from fonoteka.domain.topic_notation import PhraseProblem, parse_phrases
from fonoteka.domain.topics import PHRASES_MAX, Item, Phrase, Speaker, Words
from fonoteka.domain.transcript import Utterance, Word


def phrase(text: str) -> Phrase:
    [(_, found)] = parse_phrases(text)
    return found


def said(*utterances: str, speakers: Sequence[Speaker] = (), duration_ms: int = 0) -> Heard:
    """Utterances of channel 0 and 1 in turn, a word a second, a second between."""
    made, at = [], 0
    for number, text in enumerate(utterances):
        words = []
        for word in text.split():
            words.append(Word(word, at, at + 900))
            at += 1_000
        made.append(Utterance(number % 2, tuple(words)))
        at += 1_000
    return heard(made, speakers, duration_ms or at, lambda word: (word.casefold(),))


def found(phrases: str, told: Heard) -> list[str]:
    dictionary = Dictionary([[one for _, one in parse_phrases(phrases)]])
    return [hit_of(told, one, "t", 1).words for one in dictionary.find(told)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Вернуть деньги", Phrase((Item((("вернуть",),)), Item((("деньги",),))))),
        ("вернуть [3] деньги", Phrase((Item((("вернуть",),)), Item((("деньги",),), 3)))),
        (
            "(вернуть | возврат средств) срочно",
            Phrase((Item((("вернуть",), ("возврат", "средств"))), Item((("срочно",),)))),
        ),
        ("!не вернуть", Phrase((Item((("вернуть",),)),), Item((("не",),)))),
        (
            "!не [2] вернуть !никогда",
            Phrase((Item((("вернуть",),)),), Item((("не",),), 2), Item((("никогда",),))),
        ),
        ("привет @agent @first:15", Phrase((Item((("привет",),)),), speaker=Speaker.AGENT, first_s=15)),
        ("пока @клиент @последние:20", Phrase((Item((("пока",),)),), speaker=Speaker.CUSTOMER, last_s=20)),
        ("что-то, «тут»!нет", Phrase((Item((("что-то",),)), Item((("тут",),))), None, Item((("нет",),)))),
    ],
)
def test_what_people_write_is_what_is_meant(text: str, meant: Phrase) -> None:
    assert phrase(text) == meant


@pytest.mark.parametrize(
    ("text", "reason", "place"),
    [
        ("# note\n\nодин (два", PhraseProblem.GROUP_OPEN, (3, 6)),
        ("один два)", PhraseProblem.GROUP_CLOSED, (1, 9)),
        ("один | два", PhraseProblem.BAR_OUTSIDE, (1, 6)),
        ("(один|)", PhraseProblem.GROUP_EMPTY, (1, 7)),
        ("(один (два))", PhraseProblem.GROUP_NESTED, (1, 7)),
        ("один [0] два", PhraseProblem.GAP, (1, 6)),
        ("один [много] два", PhraseProblem.GAP, (1, 6)),
        ("[2] один", PhraseProblem.GAP_PLACE, (1, 1)),
        ("один [2]", PhraseProblem.GAP_PLACE, (1, 6)),
        ("один !два три", PhraseProblem.NEGATION_PLACE, (1, 6)),
        ("один !", PhraseProblem.NEGATION_PLACE, (1, 6)),
        ("!один", PhraseProblem.NO_WORDS, (1, 1)),
        ("@agent", PhraseProblem.NO_WORDS, (1, 1)),
        ("один @кто", PhraseProblem.CONDITION, (1, 6)),
        ("один @", PhraseProblem.CONDITION, (1, 6)),
        ("один @agent два", PhraseProblem.CONDITION_PLACE, (1, 13)),
        ("один @agent @клиент", PhraseProblem.CONDITION_TWICE, (1, 13)),
        ("один @first", PhraseProblem.SECONDS, (1, 6)),
        ("один @first:0", PhraseProblem.SECONDS, (1, 6)),
        ("один * два", PhraseProblem.SIGN, (1, 6)),
        ("о" * 5_000, PhraseProblem.PHRASE_TOO_LONG, (1, 401)),
        ("а " * 21, PhraseProblem.TOO_MANY_WORDS, (1, 1)),
        ("слово\n" * (PHRASES_MAX + 1), PhraseProblem.TOO_MANY_PHRASES, (PHRASES_MAX + 1, 1)),
        ("о" * 50_001, PhraseProblem.TEXT_TOO_LONG, (1, 1)),
    ],
)
def test_what_cannot_be_read_says_where(text: str, reason: PhraseProblem, place: tuple[int, int]) -> None:
    with pytest.raises(TopicPhraseInvalid) as told:
        parse_phrases(text)
    assert (told.value.reason, (told.value.line, told.value.column)) == (reason, place)


@settings(max_examples=400, deadline=None)
@given(some.text(some.sampled_from("аб1 \t\n()|[]!@#:-,*\u0000\u00a0é~𝒳" + "firstagent"), max_size=80))
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    lines = text.split("\n")
    line = column = 1
    known: tuple[tuple[int, Phrase], ...] = ()
    try:
        known = parse_phrases(text)
    except TopicPhraseInvalid as error:
        line, column = error.line, error.column
    assert 1 <= line <= len(lines)
    assert 1 <= column <= len(lines[line - 1]) + 1
    for _, one in known:
        assert one.items
        assert one.items[0].gap == 0
        assert all(words for item in one.items for words in item.alternatives)


def test_where_phrases_are_found() -> None:
    told = said("я хочу вернуть мои деньги", "не вернуть деньги никогда", "вернуть деньги")
    assert found("вернуть деньги", told) == ["вернуть деньги", "вернуть деньги"]
    assert found("вернуть [1] деньги", told) == ["вернуть мои деньги", "вернуть деньги", "вернуть деньги"]
    assert found("!не вернуть [1] деньги", told) == ["вернуть мои деньги", "вернуть деньги"]
    assert found("вернуть деньги !никогда", told) == ["вернуть деньги"]
    assert found("(хочу вернуть | вернуть) [2] деньги", told)[0] == "хочу вернуть мои деньги"
    assert found("деньги [5] не", told) == []  # never from one utterance into the next
    both = (Speaker.CUSTOMER, Speaker.AGENT)
    assert found("вернуть деньги @agent", said("вернуть деньги", "вернуть деньги", speakers=both)) != []
    assert found("вернуть @agent", said("вернуть деньги", speakers=both)) == []
    assert found("вернуть @agent", said("вернуть деньги")) == []  # nobody can tell
    assert found("деньги @first:1", told) == []
    assert found("хочу @first:1", told) == ["хочу"]
    assert found("деньги @last:2", told) == ["деньги"]


def naive(phrases: Sequence[Iterable[Phrase]], told: Heard) -> list[tuple[int, int, int]]:
    """Every place of every phrase, by trying all of them."""
    kept = []
    for topic, several in enumerate(phrases):
        places = {
            (start, ends[0])
            for one in several
            for start in range(len(told.forms))
            if (ends := sorted(end for end in _ends(one, told, start)))
        }
        last = 0
        for start, end in sorted(places, key=lambda place: (place[0], -place[1])):
            if start >= last:
                kept.append((topic, start, end))
                last = end
    return kept


def _ends(one: Phrase, told: Heard, start: int) -> Iterator[int]:
    before, behind = one.unless_before, one.unless_after
    for end in set(_rest(told.forms, one.items, start)):
        if before and any(
            tuple(told.forms[start - gap - len(words) : start - gap]) == words
            and BREAK not in told.forms[start - gap - len(words) : start]
            for gap in range(before.gap + 1)
            for words in before.alternatives
            if start - gap - len(words) >= 0
        ):
            continue
        if behind and any(True for _ in _rest(told.forms, (behind,), end)):
            continue
        if one.speaker is not Speaker.ANYONE and speaker_at(told, start) is not one.speaker:
            continue
        first, last = (told.places[start], told.places[end - 1])
        if one.first_s and told.utterances[first[0]].words[first[1]].since_ms > one.first_s * 1_000:
            continue
        until = told.utterances[last[0]].words[last[1]].until_ms
        if one.last_s and until < told.duration_ms - one.last_s * 1_000:
            continue
        yield end


def _rest(forms: Sequence[str], items: Sequence[Item], place: int) -> Iterator[int]:
    if not items:
        yield place
        return
    for gap in range(items[0].gap + 1):
        for words in items[0].alternatives:
            at = place + gap
            if tuple(forms[at : at + len(words)]) == words and BREAK not in forms[place:at]:
                yield from _rest(forms, items[1:], at + len(words))


_WORDS = some.sampled_from(["а", "бб", "ввв", "гггг"])
_ITEMS = some.builds(
    Item,
    some.lists(some.lists(_WORDS, min_size=1, max_size=2).map(tuple), min_size=1, max_size=3).map(tuple),
    some.integers(0, 2),
)
_PHRASES = some.builds(
    lambda items, *more: Phrase((Item(items[0].alternatives), *items[1:]), *more),
    some.lists(_ITEMS, min_size=1, max_size=4),
    some.none() | _ITEMS,
    some.none() | _ITEMS,
    some.sampled_from(list(Speaker)),
    some.none() | some.integers(1, 20),
    some.none() | some.integers(1, 20),
)


@settings(max_examples=500, deadline=None)
@given(
    some.lists(some.lists(_PHRASES, min_size=1, max_size=4), min_size=1, max_size=3),
    some.lists(some.lists(_WORDS, min_size=1, max_size=12).map(" ".join), min_size=1, max_size=4),
)
def test_nothing_is_found_otherwise_than_by_trying_everything(
    phrases: list[list[Phrase]], utterances: list[str]
) -> None:
    told = said(*utterances, speakers=(Speaker.CUSTOMER, Speaker.AGENT))
    assert [(one.topic, one.start, one.end) for one in Dictionary(phrases).find(told)] == naive(phrases, told)


def test_a_word_without_forms_is_named() -> None:
    def lemmas(word: str) -> Words:
        return () if word == "漢字" else (word, "x")

    assert in_forms(phrase("слово (漢字 | да)"), lemmas) == "漢字"
    assert in_forms(phrase("слово"), lemmas) == Phrase((Item((("слово", "x"),)),))
