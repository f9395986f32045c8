"""Asking for analyses: of new recordings one by one, of a back archive all at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fonoteka.domain.analysis import SpeechTask
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.speech.detectors import current_analyser
from fonoteka.speech.languages import wants_transcript
from fonoteka.speech.room import SpeechRoom
from fonoteka.store import Transaction

_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class RerunScope:
    """Which recordings to analyse again: of one tenant or all, begun in [since, until).

    Unless `everything`, those alone that this version has not analysed yet.
    """

    tenant_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    everything: bool = False

    def holds(self, recording: Recording) -> bool:
        """Whether the recording is meant, so far as it tells itself."""
        return (
            recording.state is RecordingState.READY
            and self.tenant_id in (None, recording.tenant_id)
            and (self.since is None or recording.started_at >= self.since)
            and (self.until is None or recording.started_at < self.until)
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How many tasks wait: of new recordings, and of the back-log."""

    new: int
    backlog: int


def order_speech(room: SpeechRoom, recording_id: str, tenant_id: str) -> None:
    """Have a recording analysed that has just been shelved. May run twice. Raises `StoreUnavailable`."""
    with room.store.transaction() as tx:
        tx.speech_orders.add([(recording_id, tenant_id)], SpeechTask.TALK, room.now(), is_backlog=False)


def order_again(room: SpeechRoom, scope: RerunScope, progress: Callable[[int], None] = lambda _: None) -> int:
    """Have the back archive analysed, behind all that is new; how many recordings that are.

    `progress` is told how many recordings more were looked at. May be cut and repeated: what waits already is
    not ordered twice. Raises `StoreUnavailable`.
    """
    analyser = current_analyser(room.voice_detector)
    ordered, after = 0, ""
    while True:
        with room.store.reading() as tx:
            some = tx.recordings.after(after, _TOGETHER)
            wanted = [one for one in some if scope.holds(one)]
            if not scope.everything:
                wanted = _lacking(tx, room, wanted, analyser)
        if not some:
            return ordered
        if wanted:
            with room.store.transaction() as tx:
                rows = [(one.id, one.tenant_id) for one in wanted]
                tx.speech_orders.add(rows, SpeechTask.TALK, room.now(), is_backlog=True)
        ordered += len(wanted)
        after = some[-1].id
        progress(len(some))


def _lacking(
    tx: Transaction, room: SpeechRoom, recordings: list[Recording], analyser: str
) -> list[Recording]:
    """Those that this version has not analysed, or whose words are wanted and not known."""
    ids = [one.id for one in recordings]
    known, transcribed = tx.talks.analysers(ids), tx.transcripts.engines(ids)
    return [
        one
        for one in recordings
        if known.get(one.id) != analyser
        or (one.id not in transcribed and wants_transcript(tx, room, one.tenant_id, one.call_id))
    ]


def speech_progress(room: SpeechRoom) -> Progress:
    """What waits now, of all tenants. Raises `StoreUnavailable`."""
    with room.store.reading() as tx:
        new, backlog = (
            sum(tx.speech_orders.count(task, is_backlog=is_backlog) for task in SpeechTask)
            for is_backlog in (False, True)
        )
    return Progress(new, backlog)
