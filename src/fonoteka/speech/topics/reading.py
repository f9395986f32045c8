"""Reading transcripts for topics: a new one with its words; the back archive when a topic has changed."""

from __future__ import annotations

import time
from dataclasses import dataclass

from fonoteka.domain.analysis import SpeechTask
from fonoteka.domain.recording import Recording
from fonoteka.domain.topics import TopicHit, TopicNews
from fonoteka.domain.transcript import Transcript
from fonoteka.speech.metrics import TOPICS_READ
from fonoteka.speech.room import SpeechRoom
from fonoteka.speech.topics.dictionaries import Dictionaries, heard_of
from fonoteka.store import Transaction

_TOGETHER = 20
_REST_S = 3.0


@dataclass(frozen=True, slots=True)
class TopicReading:
    """What is heard in a transcript by the topics of that revision."""

    revision: int
    hits: tuple[TopicHit, ...]


def listen(
    tx: Transaction, dictionaries: Dictionaries, recording: Recording, transcript: Transcript
) -> TopicReading:
    """Read a transcript for the topics as they are. Not to be done while others wait to write."""
    listened = dictionaries.of(tx, transcript.tenant_id)
    if not listened.topics or transcript.error_code:
        return TopicReading(listened.revision, ())
    call = tx.calls.get(transcript.tenant_id, recording.call_id)
    return TopicReading(listened.revision, tuple(listened.hits(heard_of(transcript, call, recording))))


def write_reading(
    tx: Transaction, recording: Recording, transcript: Transcript, reading: TopicReading, *, is_new: bool
) -> None:
    """Write where topics are; the recording's row is locked. People are told of those of a new call alone.

    Topics that changed since it was read find it themselves: it says which it was read for.
    """
    if transcript.error_code:
        tx.topic_hits.forget(recording.id)
        return
    tenant_id = transcript.tenant_id
    tx.topic_hits.save(tenant_id, recording.call_id, recording.id, reading.revision, reading.hits)
    TOPICS_READ.labels("new" if is_new else "backlog").inc()
    if not is_new or not reading.hits:
        return
    first: dict[str, int] = {}
    for hit in reading.hits:
        first[hit.topic_id] = min(hit.since_ms, first.get(hit.topic_id, hit.since_ms))
    alerting = [one for one in tx.topics.all(tenant_id) if one.alerts and one.id in first]
    at = transcript.made_at
    tx.topic_hits.tell(
        tenant_id,
        [TopicNews(one.id, recording.call_id, recording.id, first[one.id], at) for one in alerting],
    )


class TopicReader:
    """Reads transcripts anew that were read before a topic changed; may be interrupted at any time."""

    def __init__(self, room: SpeechRoom) -> None:
        self._room = room
        self._dictionaries = Dictionaries()
        self._rests_until = 0.0

    def work(self, *, with_backlog: bool) -> bool:
        """Read some, the newest first; False: there was nothing, or new calls come first.

        Raises `StoreUnavailable`.
        """
        if not with_backlog or time.monotonic() < self._rests_until:
            return False
        room, now = self._room, self._room.now()
        with room.store.reading() as tx:
            tenant_id = tx.topic_hits.behind()
            has_new = any(tx.speech_orders.is_due(one, now, with_backlog=False) for one in SpeechTask)
        if tenant_id is None or has_new:
            self._rests_until = time.monotonic() + _REST_S
            return False
        self._read(tenant_id)
        return True

    def _read(self, tenant_id: str) -> None:
        found: list[tuple[Recording, Transcript, TopicReading]] = []
        gone: list[str] = []
        with self._room.store.reading() as tx:
            for recording_id in tx.topic_hits.behind_of(tenant_id, _TOGETHER):
                recording = tx.recordings.get(tenant_id, recording_id)
                transcript = tx.transcripts.get(tenant_id, recording_id)
                if recording is None or transcript is None:
                    gone.append(recording_id)
                else:
                    reading = listen(tx, self._dictionaries, recording, transcript)
                    found.append((recording, transcript, reading))
        with self._room.store.transaction() as tx:
            for recording_id in gone:
                tx.topic_hits.forget(recording_id)
            for _, transcript, reading in sorted(found, key=lambda one: one[0].id):
                known = tx.recordings.get_locked(transcript.recording_id)
                # Transcribed anew or deleted meanwhile: whoever did that has read it, or there is nothing to.
                if known is not None and tx.transcripts.made_at(known.id) == transcript.made_at:
                    write_reading(tx, known, transcript, reading, is_new=False)
