"""Reading transcripts for topics: a new one with its words; the back archive when a topic has changed."""

from __future__ import annotations

import time
from collections import defaultdict

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


def read_transcript_for_topics(
    tx: Transaction,
    dictionaries: Dictionaries,
    recording: Recording,
    transcript: Transcript,
    *,
    is_new: bool,
) -> None:
    """Write where the tenant's topics are in a transcript; its recording's row is locked.

    People are told of those of a new call alone.
    """
    if transcript.error_code:
        tx.topic_hits.forget(recording.id)
        return
    listened = dictionaries.of(tx, transcript.tenant_id)
    call = tx.calls.get(transcript.tenant_id, recording.call_id)
    hits = listened.hits(heard_of(transcript, call, recording)) if listened.topics else []
    tx.topic_hits.save(transcript.tenant_id, recording.call_id, recording.id, listened.revision, hits)
    TOPICS_READ.labels("new" if is_new else "backlog").inc()
    if not is_new:
        return
    first: defaultdict[str, list[TopicHit]] = defaultdict(list)
    for hit in hits:
        first[hit.topic_id].append(hit)
    if not first:
        return
    at = transcript.made_at
    tx.topic_hits.tell(
        transcript.tenant_id,
        [
            TopicNews(one.id, recording.call_id, recording.id, min(hit.since_ms for hit in first[one.id]), at)
            for one in tx.topics.all(transcript.tenant_id)
            if one.alerts and one.id in first
        ],
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
        with room.store.transaction() as tx:
            for recording_id in tx.topic_hits.behind_of(tenant_id, _TOGETHER):
                recording = tx.recordings.get(tenant_id, recording_id)
                transcript = tx.transcripts.get(tenant_id, recording_id)
                if recording is None or transcript is None:
                    tx.topic_hits.forget(recording_id)
                else:
                    read_transcript_for_topics(tx, self._dictionaries, recording, transcript, is_new=False)
        return True
