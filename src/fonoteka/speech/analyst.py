"""Finds out of a recording what an order asks for. May be interrupted, and run twice to the same end."""

from __future__ import annotations

import logging
from datetime import timedelta

from fonoteka.audio.decode import open_stored
from fonoteka.audio.hearing import hear
from fonoteka.domain.analysis import SpeechOrder, SpeechTask, TalkAnalysis
from fonoteka.domain.errors import (
    AudioMalformed,
    AudioTooLong,
    FonotekaError,
    ObjectMissing,
    WorkerCrashed,
)
from fonoteka.domain.mark import MarkKind
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.domain.spans import Span, common, joined
from fonoteka.domain.talk import measure
from fonoteka.speech.detectors import analyser_name, detector_of
from fonoteka.speech.metrics import SECONDS, SOUND_SECONDS, TASKS
from fonoteka.speech.room import SpeechRoom

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=1)
"""So long, and a tenth of the recording's length, a task may take before another worker begins it anew."""
ATTEMPTS_MAX = 5
_RETRY = timedelta(minutes=1)
_FINAL = (AudioMalformed, AudioTooLong, ObjectMissing, WorkerCrashed)
"""What no repetition mends."""
_HAS_SOUND = (RecordingState.READY, RecordingState.BINNED)


class Analyst:
    """Works on one order after the other; one for a thread."""

    def __init__(self, room: SpeechRoom) -> None:
        """Raises `SettingInvalid` for a voice detector that is not installed."""
        self._room = room
        self._detector = detector_of(room.voice_detector)

    def work(self, *, with_backlog: bool) -> bool:
        """Take the next order and do it; False: there was none. Raises `StoreUnavailable`."""
        room, now = self._room, self._room.now()
        with room.store.reading() as tx:
            if not tx.speech_orders.is_due(SpeechTask.TALK, now, with_backlog=with_backlog):
                return False
        with room.store.transaction() as tx:
            order = tx.speech_orders.take(SpeechTask.TALK, now, with_backlog=with_backlog)
            if order is None:
                return False
            recording = tx.recordings.get(order.tenant_id, order.recording_id)
            length = timedelta(milliseconds=0 if recording is None else recording.duration_ms)
            tx.speech_orders.lease(order, now + LEASE + length / 10)
        with SECONDS.labels(order.task.value).time():
            outcome = self._do(order, recording)
        TASKS.labels(order.task.value, outcome).inc()
        return True

    def _do(self, order: SpeechOrder, recording: Recording | None) -> str:
        if recording is None or recording.state not in _HAS_SOUND:
            self._finish(order, None)
            return "gone"
        try:
            if order.attempts > ATTEMPTS_MAX:
                raise WorkerCrashed(f"Analysing ended the worker {ATTEMPTS_MAX} times.")
            analysis = self._analyse(recording)
        except _FINAL as error:
            log.warning("recording %s cannot be analysed: %s", recording.id, error)
            self._finish(order, self._failed(recording, error.code))
            return "failed"
        except FonotekaError as error:
            log.warning("recording %s is analysed again in a minute: %s", recording.id, error)
            with self._room.store.transaction() as tx:
                tx.speech_orders.postpone(order, self._room.now() + _RETRY)
            return "postponed"
        self._finish(order, analysis)
        return "done"

    def _finish(self, order: SpeechOrder, analysis: TalkAnalysis | None) -> None:
        with self._room.store.transaction() as tx:
            known = tx.recordings.get_locked(order.recording_id)
            # Deleted meanwhile: nothing may be left of it.
            if analysis is not None and known is not None and known.state in _HAS_SOUND:
                tx.talks.save(analysis)
            tx.speech_orders.finish(order)

    def _analyse(self, recording: Recording) -> TalkAnalysis:
        assert recording.object_key is not None
        stored = self._room.objects.read(recording.object_key)
        heard = hear(open_stored(stored, recording.codec), self._detector)
        whole = (Span(0, recording.duration_ms),)
        speech = tuple(common(one, whole) for one in heard.speech)
        SOUND_SECONDS.labels(SpeechTask.TALK.value).inc(heard.duration_ms / 1000)
        by_pbx = _marked(recording, (MarkKind.HOLD,))
        figures = measure(
            recording.duration_ms,
            speech,
            joined((*by_pbx, *(span for channel in heard.music for span in channel))),
            _marked(recording, (MarkKind.PAUSE, MarkKind.RULE)),
        )
        return TalkAnalysis(
            recording_id=recording.id,
            call_id=recording.call_id,
            tenant_id=recording.tenant_id,
            analyser=analyser_name(heard.detector),
            analysed_at=self._room.now(),
            figures=figures,
            speech=speech,
        )

    def _failed(self, recording: Recording, code: str) -> TalkAnalysis:
        return TalkAnalysis(
            recording_id=recording.id,
            call_id=recording.call_id,
            tenant_id=recording.tenant_id,
            analyser="",
            analysed_at=self._room.now(),
            figures=None,
            error_code=code,
        )


def _marked(recording: Recording, kinds: tuple[MarkKind, ...]) -> tuple[Span, ...]:
    return tuple(Span(one.since_ms, one.until_ms) for one in recording.marks if one.kind in kinds)
