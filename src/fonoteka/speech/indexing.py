"""Words that no search finds yet, made findable, the newest first: an earlier version had another index."""

from __future__ import annotations

from fonoteka.domain.ids import LAST_ID
from fonoteka.speech.room import SpeechRoom
from fonoteka.speech.words import indexed
from fonoteka.store import Transaction

_TOGETHER = 20


class Indexer:
    """Goes once through the transcripts that no search finds, behind all that is new; one for a thread.

    May be interrupted, and run beside another: each transcript is indexed under its recording's lock.
    """

    def __init__(self, room: SpeechRoom) -> None:
        self._room = room
        self._before = LAST_ID
        self._is_done = False

    def work(self, *, with_backlog: bool) -> bool:
        """Index some transcripts; False: none are left, or others go first. Raises `StoreUnavailable`."""
        if self._is_done or not with_backlog:
            return False
        with self._room.store.reading() as tx:
            some = tx.transcript_search.missing(self._before, _TOGETHER)
        for recording_id in some:
            with self._room.store.transaction() as tx:
                index(tx, recording_id)
        self._is_done = not some
        self._before = some[-1] if some else self._before
        return bool(some)


def index(tx: Transaction, recording_id: str) -> None:
    """Have the words of a recording found, unless they are gone meanwhile."""
    recording = tx.recordings.get_locked(recording_id)
    if recording is None:
        return
    found = tx.transcripts.get(recording.tenant_id, recording_id)
    if found is not None:
        words = indexed(one.text for one in found.utterances)
        tx.transcript_search.write(found, words)


def unsearchable(room: SpeechRoom) -> int:
    """How many transcripts no search finds yet, of all tenants. Raises `StoreUnavailable`."""
    with room.store.reading() as tx:
        return tx.transcript_search.count_missing()
