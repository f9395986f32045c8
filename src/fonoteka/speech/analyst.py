"""Finds out who speaks when in a recording, and the figures that follow from it."""

from __future__ import annotations

from fonoteka.audio.decode import open_stored
from fonoteka.audio.hearing import hear
from fonoteka.domain.analysis import SpeechOrder, SpeechTask, TalkAnalysis
from fonoteka.domain.mark import MarkKind
from fonoteka.domain.recording import Recording
from fonoteka.domain.spans import Span, common, joined
from fonoteka.domain.talk import measure
from fonoteka.speech.detectors import analyser_name, detector_of
from fonoteka.speech.languages import wants_transcript
from fonoteka.speech.metrics import SOUND_SECONDS
from fonoteka.speech.room import SpeechRoom
from fonoteka.speech.tasks import TaskWorker
from fonoteka.store import Transaction


class Analyst(TaskWorker[TalkAnalysis]):
    """The task `talk`."""

    task = SpeechTask.TALK
    slowness = 0.1

    def __init__(self, room: SpeechRoom) -> None:
        """Raises `SettingInvalid` for a voice detector that is not installed."""
        super().__init__(room)
        self._detector = detector_of(room.voice_detector)

    def find(self, recording: Recording) -> TalkAnalysis:
        """Listen to the recording."""
        assert recording.object_key is not None
        stored = self._room.objects.read(recording.object_key)
        heard = hear(open_stored(stored, recording.codec), self._detector)
        SOUND_SECONDS.labels(self.task.value).inc(heard.duration_ms / 1000)
        whole = (Span(0, recording.duration_ms),)
        speech = tuple(common(one, whole) for one in heard.speech)
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

    def failed(self, recording: Recording, code: str) -> TalkAnalysis:
        """An analysis that only says why there is none."""
        return TalkAnalysis(
            recording_id=recording.id,
            call_id=recording.call_id,
            tenant_id=recording.tenant_id,
            analyser="",
            analysed_at=self._room.now(),
            figures=None,
            error_code=code,
        )

    def save(self, tx: Transaction, found: TalkAnalysis, order: SpeechOrder) -> None:
        """Write it down, and have the words found where somebody wants them."""
        tx.talks.save(found)
        if found.figures is not None and wants_transcript(tx, self._room, found.tenant_id, found.call_id):
            tx.speech_orders.add(
                [(found.recording_id, found.tenant_id)],
                SpeechTask.TRANSCRIPT,
                self._room.now(),
                is_backlog=order.is_backlog,
            )


def _marked(recording: Recording, kinds: tuple[MarkKind, ...]) -> tuple[Span, ...]:
    return tuple(Span(one.since_ms, one.until_ms) for one in recording.marks if one.kind in kinds)
