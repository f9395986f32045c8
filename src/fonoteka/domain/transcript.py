"""What was said in a recording, by whom and when, and how sure the engine is of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

UTTERANCE_GAP_MS = 900
UTTERANCE_MS_MAX = 30_000
WORD_MAX = 100
"""Longer “words” are no words of anybody."""
UNCERTAIN = 0.6


@dataclass(frozen=True, slots=True)
class Word:
    """A word, when it was said (ms from the recording's start), how sure the engine is (0 to 1, or None)."""

    text: str
    since_ms: int
    until_ms: int
    confidence: float | None = None

    @property
    def is_uncertain(self) -> bool:
        """Whether it may well be another word."""
        return self.confidence is not None and self.confidence < UNCERTAIN


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one party (a channel of the recording) said in a go; never without words."""

    channel: int
    words: tuple[Word, ...]

    @property
    def since_ms(self) -> int:
        """When it began."""
        return self.words[0].since_ms

    @property
    def until_ms(self) -> int:
        """When it ended."""
        return self.words[-1].until_ms

    @property
    def text(self) -> str:
        """Its words."""
        return " ".join(one.text for one in self.words)


@dataclass(frozen=True, slots=True)
class Transcript:
    """Utterances in the order of time. `is_approximate`: the engine gave no times of words, they are spread.

    With an `error_code` nothing could be understood, and the rest is empty.
    """

    recording_id: str
    call_id: str
    tenant_id: str
    language: str
    engine: str
    made_at: datetime
    utterances: tuple[Utterance, ...] = ()
    is_approximate: bool = False
    error_code: str = ""

    @property
    def words(self) -> int:
        """How many there are."""
        return sum(len(one.words) for one in self.utterances)

    @property
    def confidence(self) -> float | None:
        """The mean over the words; None where the engine tells none."""
        known = [
            word.confidence for one in self.utterances for word in one.words if word.confidence is not None
        ]
        return sum(known) / len(known) if known else None


def utterances_of(channels: Iterable[Sequence[Word]]) -> tuple[Utterance, ...]:
    """The words of each channel (in the order of time) as utterances: a pause ends one, or its length."""
    found: list[Utterance] = []
    for channel, words in enumerate(channels):
        together: list[Word] = []
        for word in words:
            if together and (
                word.since_ms - together[-1].until_ms > UTTERANCE_GAP_MS
                or word.until_ms - together[0].since_ms > UTTERANCE_MS_MAX
            ):
                found.append(Utterance(channel, tuple(together)))
                together = []
            together.append(word)
        if together:
            found.append(Utterance(channel, tuple(together)))
    return tuple(sorted(found, key=lambda one: (one.since_ms, one.channel)))


def encode_utterances(utterances: Iterable[Utterance]) -> str:
    """As JSON: channel; for each word its text, ms since the one before, length, confidence in per cent."""
    value = []
    for one in utterances:
        at, words = 0, []
        for word in one.words:
            percent = None if word.confidence is None else round(word.confidence * 100)
            words.append([word.text, word.since_ms - at, word.until_ms - word.since_ms, percent])
            at = word.until_ms
        value.append([one.channel, words])
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def decode_utterances(text: str) -> tuple[Utterance, ...]:
    """The inverse of `encode_utterances`; confidence comes back in whole per cent."""
    return tuple(Utterance(channel, _words(words)) for channel, words in json.loads(text))


def _words(value: list[list[Any]]) -> tuple[Word, ...]:
    found, at = [], 0
    for text, gap_ms, length_ms, percent in value:
        since_ms = at + gap_ms
        at = since_ms + length_ms
        found.append(Word(text, since_ms, at, None if percent is None else percent / 100))
    return tuple(found)
