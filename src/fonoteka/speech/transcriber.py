"""Finds the words of a recording: each party's speech, cut into pieces, through the language's engine."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from fonoteka.audio.decode import open_stored
from fonoteka.domain.analysis import SpeechOrder, SpeechTask
from fonoteka.domain.errors import ObjectMissing
from fonoteka.domain.recording import Recording
from fonoteka.domain.transcript import Transcript, Word, utterances_of
from fonoteka.speech.engines.engine import EngineKind
from fonoteka.speech.engines.loading import Engines
from fonoteka.speech.languages import language_of_call
from fonoteka.speech.metrics import SOUND_SECONDS
from fonoteka.speech.models import language_for
from fonoteka.speech.pieces import cut, plan_pieces
from fonoteka.speech.room import SpeechRoom
from fonoteka.speech.tasks import TaskWorker
from fonoteka.speech.topics.dictionaries import Dictionaries
from fonoteka.speech.topics.reading import TopicReading, listen, write_reading
from fonoteka.speech.words import indexed
from fonoteka.store import Transaction

_TOGETHER = 8
_NARROW_HZ, _WIDE_HZ = 8_000, 16_000


@dataclass(frozen=True, slots=True)
class Understood:
    """A transcript, its words as they are looked for, and the topics in it."""

    transcript: Transcript
    words: str
    topics: TopicReading


class Transcriber(TaskWorker[Understood]):
    """The task `transcript`; models are loaded when first needed and kept."""

    task = SpeechTask.TRANSCRIPT
    slowness = 2.0

    def __init__(self, room: SpeechRoom) -> None:
        super().__init__(room)
        self._engines = Engines(room.engine)
        self._dictionaries = Dictionaries()

    def find(self, recording: Recording) -> Understood:
        """Understand the recording; where nobody speaks no engine is asked, so that none hears voices."""
        room = self._room
        with room.store.reading() as tx:
            language = language_of_call(tx, recording.tenant_id, recording.call_id)
            talk = tx.talks.get(recording.tenant_id, recording.id)
        if talk is None or talk.figures is None:
            raise ObjectMissing("Who speaks when is not known.")
        engine = self._engines.of_language(language)
        if room.engine.kind is EngineKind.ONNX_ASR:
            language = language_for(room.engine.models, language)
        assert recording.object_key is not None
        sound = open_stored(room.objects.read(recording.object_key), recording.codec)
        sound = sound.at_rate(_NARROW_HZ if sound.sample_rate_hz <= _NARROW_HZ else _WIDE_HZ)
        pieces = cut(sound, [plan_pieces(one, recording.duration_ms) for one in talk.speech])
        words: list[list[Word]] = [[] for _ in talk.speech]
        is_approximate = False
        while some := list(islice(pieces, _TOGETHER)):
            texts = engine.transcribe([one.samples for one in some], sound.sample_rate_hz)
            for piece, text in zip(some, texts, strict=True):
                SOUND_SECONDS.labels(self.task.value).inc(len(piece.samples) / sound.sample_rate_hz)
                is_approximate |= text.is_approximate
                words[piece.channel] += [_moved(one, piece.since_ms) for one in text.words]
        transcript = Transcript(
            recording_id=recording.id,
            call_id=recording.call_id,
            tenant_id=recording.tenant_id,
            language=language,
            engine=engine.name,
            made_at=room.now(),
            utterances=utterances_of(sorted(one, key=lambda word: word.since_ms) for one in words),
            is_approximate=is_approximate,
        )
        with room.store.reading() as tx:
            topics = listen(tx, self._dictionaries, recording, transcript)
        return Understood(transcript, indexed(one.text for one in transcript.utterances), topics)

    def failed(self, recording: Recording, code: str) -> Understood:
        """A transcript that only says why there is none."""
        transcript = Transcript(
            recording_id=recording.id,
            call_id=recording.call_id,
            tenant_id=recording.tenant_id,
            language="",
            engine="",
            made_at=self._room.now(),
            error_code=code,
        )
        return Understood(transcript, "", TopicReading(0, ()))

    def save(self, tx: Transaction, found: Understood, order: SpeechOrder) -> None:
        """Write it down, let it be found, and tell of its topics."""
        transcript = found.transcript
        tx.transcripts.save(transcript)
        recording = tx.recordings.get(transcript.tenant_id, transcript.recording_id)
        if recording is not None:
            tx.transcript_search.write(transcript, found.words)
            write_reading(tx, recording, transcript, found.topics, is_new=not order.is_backlog)


def _moved(word: Word, by_ms: int) -> Word:
    return Word(word.text, word.since_ms + by_ms, word.until_ms + by_ms, word.confidence)
