"""Topics: what to listen for in calls, as phrases; and where they were heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fonoteka.domain.annotations import checked_text
from fonoteka.domain.errors import RequestInvalid

TOPICS_MAX = 200
"""Of a tenant."""
PHRASES_MAX = 500
"""Of a topic."""
ACTIVE_PHRASES_MAX = 5_000
"""Of all active topics of a tenant together: so many are looked for in each call."""
TEXT_CHARACTERS_MAX = 50_000
PHRASE_CHARACTERS_MAX = 400
WORDS_MAX = 20
"""Of a phrase, each alternative counted."""
GAP_MAX = 20
SECONDS_MAX = 3_600
NAME_CHARACTERS_MAX, DESCRIPTION_CHARACTERS_MAX = 60, 500
HITS_MAX = 50
"""Of a topic in one recording so many places are kept."""
HIT_WORDS_CHARACTERS_MAX = 300
UNDO_DAYS = 30
WORDED = ""
"""In the place of a topic's id: calls that have words at all."""


class Speaker(StrEnum):
    """Who says it."""

    ANYONE = "anyone"
    AGENT = "agent"
    """One of ours."""
    CUSTOMER = "customer"
    """The other side."""


Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One of these, each a row of words, after at most `gap` other words (0: directly)."""

    alternatives: tuple[Words, ...]
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Items one after the other, all in one utterance.

    Not where one of `unless_before` ends at most its `gap` words before the first item, or one of
    `unless_after` begins at most its `gap` words behind the last. `first_s`: begun in the first seconds of
    the recording, `last_s`: ended in its last.
    """

    items: tuple[Item, ...]
    unless_before: Item | None = None
    unless_after: Item | None = None
    speaker: Speaker = Speaker.ANYONE
    first_s: int | None = None
    last_s: int | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """A dictionary. `phrases` is its text, as people write it (`topic_notation`).

    `version` grows with each change of the phrases, `edits` with any. One that is not active is looked for
    nowhere; one that `alerts` tells people of each new call with it.
    """

    id: str
    tenant_id: str
    name: str
    description: str
    phrases: str
    is_active: bool
    alerts: bool
    version: int
    edits: int
    author_id: str
    author_name: str
    created_at: datetime
    changed_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TopicHit:
    """Where a topic was heard: the words that were said, and when (ms from the recording's start).

    `party` is `ANYONE` where nobody can tell whose channel it is.
    """

    topic_id: str
    version: int
    channel: int
    party: Speaker
    since_ms: int
    until_ms: int
    words: str


@dataclass(frozen=True, slots=True)
class HeardTopic:
    """A topic in a recording: how often, and in ms when first."""

    topic_id: str
    call_id: str
    recording_id: str
    hits: int
    first_ms: int


@dataclass(frozen=True, slots=True)
class TopicNews:
    """A new call with a topic that alerts: its first place."""

    topic_id: str
    call_id: str
    recording_id: str
    since_ms: int
    at: datetime


def checked_name(name: str) -> str:
    """A topic's name without superfluous spaces. Raises `RequestInvalid` (field `name`)."""
    plain = " ".join(checked_text("name", name, 10 * NAME_CHARACTERS_MAX, may_be_empty=True).split())
    if not plain or len(plain) > NAME_CHARACTERS_MAX or not plain.isprintable():
        raise RequestInvalid(
            "name", f"A topic's name has 1 to {NAME_CHARACTERS_MAX} printable characters.", "body"
        )
    return plain


def checked_description(text: str) -> str:
    """A topic's description. Raises `RequestInvalid` (field `description`)."""
    return checked_text("description", text, DESCRIPTION_CHARACTERS_MAX)


def words_in(phrase: Phrase) -> int:
    """How many words a phrase has, those of all alternatives counted."""
    return sum(len(words) for item in all_items(phrase) for words in item.alternatives)


def all_items(phrase: Phrase) -> Iterable[Item]:
    """Its items and what it must not stand beside."""
    yield from phrase.items
    if phrase.unless_before is not None:
        yield phrase.unless_before
    if phrase.unless_after is not None:
        yield phrase.unless_after
