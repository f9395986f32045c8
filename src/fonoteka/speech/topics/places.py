"""Where topics were heard in a call, for who may hear it; and phrases tried on calls while being written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.call import Call
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.domain.topic_matching import Dictionary, Heard, Match, speaker_at
from fonoteka.domain.topics import Speaker, Topic, TopicHit
from fonoteka.speech.reading import note_reading
from fonoteka.speech.room import SpeechRoom
from fonoteka.speech.said import Snippet, note_search, snippet_at
from fonoteka.speech.topics.dictionaries import heard_of, read_phrases

TRIED_CALLS_MAX = 200
_SHOWN_OF_CALL, _SHOWN = 3, 60


@dataclass(frozen=True, slots=True)
class TopicPlace:
    """A place in a recording of a call where a topic was heard."""

    topic: Topic
    recording_id: str
    hit: TopicHit


@dataclass(frozen=True, slots=True)
class TriedPlace:
    """Where a phrase was found: in which call, by which line of the text, said by whom."""

    call: Call
    line: int
    speaker: Speaker
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class TopicTrial:
    """What phrases find: in how many of the calls looked at; places, newest calls first, some of each.

    `by_line` counts the places of each line, of those that have any.
    """

    calls: int
    with_words: int
    found: int
    places: tuple[TriedPlace, ...]
    by_line: dict[int, int]


def topic_places(room: SpeechRoom, actor: Actor, call: Call) -> tuple[TopicPlace, ...]:
    """Where topics were heard in a call that the actor sees (`archive.get_call` gives no other), by time.

    The words are written down as read. Raises `AccessDenied`.
    """
    require(actor, Permission.RECORDING_LISTEN, call.tenant_id)
    ready = [one.id for one in call.recordings if one.state is RecordingState.READY]
    with room.store.reading() as tx:
        topics = {one.id: one for one in tx.topics.all(call.tenant_id) if one.is_active}
        found = tx.topic_hits.of_recordings(call.tenant_id, ready, topics.keys())
    for recording_id in found:
        note_reading(room, actor, recording_id)
    return tuple(
        TopicPlace(topics[hit.topic_id], recording_id, hit)
        for recording_id in ready
        for hit in found.get(recording_id, ())
    )


def count_topic_calls(room: SpeechRoom, actor: Actor, since: datetime) -> dict[str, int]:
    """By topic how many calls have had it since then; for who hears the whole company's calls alone.

    Raises `AccessDenied`.
    """
    require(actor, Permission.SPEECH_CHANGE, actor.tenant_id)
    if actor.extensions is not None or not may(actor, Permission.RECORDING_LISTEN, actor.tenant_id):
        return {}
    with room.store.reading() as tx:
        ids = [one.id for one in tx.topics.all(actor.tenant_id) if one.is_active]
        return tx.topic_hits.calls_of(actor.tenant_id, ids, since)


def try_phrases(room: SpeechRoom, actor: Actor, calls: Sequence[Call], text: str) -> TopicTrial:
    """What phrases would find in calls that the actor sees; the search is written down.

    Raises `TopicPhraseInvalid`, `AccessDenied`.
    """
    require(actor, Permission.RECORDING_LISTEN, actor.tenant_id)
    lines = read_phrases(text.replace("\r\n", "\n"))
    note_search(room, actor, text)
    dictionary = Dictionary([[phrase] for _, phrase in lines])
    trial = _Trial([line for line, _ in lines])
    with room.store.reading() as tx:
        for call in calls[:TRIED_CALLS_MAX]:
            for recording in call.recordings:
                transcript = None
                if recording.state is RecordingState.READY:
                    transcript = tx.transcripts.get(call.tenant_id, recording.id)
                if transcript is not None and not transcript.error_code:
                    said = heard_of(transcript, call, recording)
                    trial.add(call, recording, said, dictionary.find(said))
    return trial.told(min(len(calls), TRIED_CALLS_MAX))


class _Trial:
    def __init__(self, lines: list[int]) -> None:
        self._lines = lines
        self._places: list[TriedPlace] = []
        self._by_line: Counter[int] = Counter()
        self._worded: set[str] = set()
        self._found: Counter[str] = Counter()

    def add(self, call: Call, recording: Recording, said: Heard, matches: Sequence[Match]) -> None:
        self._worded.add(call.id)
        for one in sorted(matches, key=lambda one: (one.start, -one.end)):
            self._found[call.id] += 1
            self._by_line[self._lines[one.topic]] += 1
            if self._found[call.id] > _SHOWN_OF_CALL or len(self._places) >= _SHOWN:
                continue
            number, first = said.places[one.start]
            last = said.places[one.end - 1][1] + 1
            snippet = snippet_at(recording.id, said.utterances[number], first, last)
            speaker = speaker_at(said, one.start)
            self._places.append(TriedPlace(call, self._lines[one.topic], speaker, snippet))

    def told(self, calls: int) -> TopicTrial:
        return TopicTrial(
            calls, len(self._worded), len(self._found), tuple(self._places), dict(self._by_line)
        )
