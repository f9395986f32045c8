"""Topics as the API reads and writes them."""

from __future__ import annotations

from pydantic import Field

from fonoteka.api.instants import Instant
from fonoteka.api.models import EXAMPLE_CALL_ID, EXAMPLE_RECORDING_ID
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.domain.topics import (
    DESCRIPTION_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    Speaker,
)
from fonoteka.domain.topics import Topic as KnownTopic
from fonoteka.speech.topics import TopicContent, TopicPlace, TopicTrial


class TopicGiven(Given):
    """What a topic listens for."""

    name: PlainText = Field(max_length=200, description="1 to 60 characters.", examples=["Complaint"])
    description: str = Field(
        "", max_length=2 * DESCRIPTION_CHARACTERS_MAX, description="What it is for; up to 500 characters."
    )
    phrases: str = Field(
        max_length=2 * TEXT_CHARACTERS_MAX,
        description="A phrase a line, in the notation of docs/operate/topics.md.",
        examples=["(complain | complaint) @customer\nspeak to [2] manager"],
    )
    is_active: bool = Field(True, description="Whether calls are read for it.")
    alerts: bool = Field(False, description="Whether people are told of each new call with it.")

    def value(self) -> TopicContent:
        """As the rooms take it."""
        return TopicContent(self.name, self.description, self.phrases, self.is_active, self.alerts)


class TopicChanged(TopicGiven):
    """A topic anew."""

    edits: int = Field(description="`edits` of the topic that was looked at.", ge=0, le=2**31)


class Topic(TopicGiven):
    """A topic."""

    id: str = Field(description="Its id.")
    version: int = Field(description="Grows with each change of the phrases.")
    edits: int = Field(description="Grows with any change.")
    author_name: str = Field(description="Who changed it last.")
    changed_at: Instant = Field(description="When.")


class Topics(Given):
    """Topics by name."""

    items: tuple[Topic, ...] = Field(description="All topics.")
    recordings_to_read: int | None = Field(
        description="Recordings that are still to be read for the topics as they are now; null for who may"
        " not change them."
    )


class Rereading(Given):
    """All calls are read anew."""

    recordings_to_read: int = Field(description="How many recordings that are.")


class TrialGiven(Given):
    """Phrases to try."""

    phrases: str = Field(max_length=2 * TEXT_CHARACTERS_MAX, description="As those of a topic.")
    calls: int = Field(100, ge=1, le=200, description="On how many of the newest calls with words.")


class TriedPlace(Given):
    """Where a phrase was found."""

    call_id: str = Field(description="In which call.", examples=[EXAMPLE_CALL_ID])
    recording_id: str = Field(description="In which recording.", examples=[EXAMPLE_RECORDING_ID])
    line: int = Field(description="By which line of the phrases, from 1.")
    party: Speaker = Field(description="Who says it; `anyone` where nobody can tell.")
    since_ms: int = Field(description="From there it plays, in milliseconds from the recording's start.")
    before: str = Field(description="Some words before.")
    words: str = Field(description="The words found.")
    after: str = Field(description="Some words after.")


class Trial(Given):
    """What phrases find."""

    calls: int = Field(description="Calls with words that were looked at.")
    found: int = Field(description="In how many of them something was found.")
    places: tuple[TriedPlace, ...] = Field(description="Some of the places, newest calls first.")
    by_line: dict[int, int] = Field(description="Places by line, of the lines that found any.")


class Place(Given):
    """A place in a call where a topic was heard."""

    topic_id: str = Field(description="Which topic.")
    topic: str = Field(description="Its name.")
    version: int = Field(description="With which version of its phrases.")
    recording_id: str = Field(description="In which recording.", examples=[EXAMPLE_RECORDING_ID])
    channel: int = Field(description="In which channel of it.")
    party: Speaker = Field(description="Who says it; `anyone` where nobody can tell.")
    since_ms: int = Field(description="From when, in milliseconds from the recording's start.")
    until_ms: int = Field(description="Until when.")
    words: str = Field(description="The words.")


class Places(Given):
    """Where topics were heard in a call."""

    items: tuple[Place, ...] = Field(description="By recording and time.")


def topic_of(known: KnownTopic) -> Topic:
    """As the API tells it."""
    return Topic.model_validate({name: getattr(known, name) for name in Topic.model_fields})


def trial_of(trial: TopicTrial) -> Trial:
    """As the API tells it."""
    return Trial(
        calls=trial.with_words,
        found=trial.found,
        places=tuple(
            TriedPlace(
                call_id=one.call.id,
                recording_id=one.snippet.recording_id,
                line=one.line,
                party=one.speaker,
                since_ms=one.snippet.since_ms,
                before=one.snippet.before,
                words=one.snippet.hit,
                after=one.snippet.after,
            )
            for one in trial.places
        ),
        by_line=trial.by_line,
    )


def place_of(one: TopicPlace) -> Place:
    """As the API tells it."""
    hit = one.hit
    return Place(
        topic_id=hit.topic_id,
        topic=one.topic.name,
        version=hit.version,
        recording_id=one.recording_id,
        channel=hit.channel,
        party=hit.party,
        since_ms=hit.since_ms,
        until_ms=hit.until_ms,
        words=hit.words,
    )
