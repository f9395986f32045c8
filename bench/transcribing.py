"""What the making of a transcript costs beside the engine that understands the speech.

Told twice: of a model of 66 kB, which leaves nearly all the time to us, as milliseconds of CPU for a minute
of call; and of a speech server on loopback that takes its time, as our CPU's share of that (what the server
does with HTTP is counted as ours). Called by bench/speech.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.cpu import repeated
from fonoteka.archive import Archive
from fonoteka.objects import ObjectStore
from fonoteka.speech import (
    Analyst,
    EngineConfig,
    EngineKind,
    SpeechRoom,
    Transcriber,
    VoiceDetector,
    order_speech,
)
from fonoteka.speech.engines.engine import PieceText, Samples
from fonoteka.speech.engines.onnx_asr import OnnxAsr
from fonoteka.speech.models import describe_model, read_model, use_model
from fonoteka.store import Store
from tests.speech_room.recordings import shelved
from tests.speech_room.speech_servers import serving
from tests.tone_model import tone_talk, write_tone_model

RATE_HZ = 8_000
SERVER_TIMES_REAL_TIME = 50
"""As a fast server is with one request at a time; with a slower one our share is smaller."""
TURNS = ((0, "хочу вернуть деньги за заказ"), (1, "верните договор и ждите звонка"), (0, "спасибо"))
REPLY = (
    b'{"text": "da net", "words": [{"word": "da", "start": 0.1, "end": 0.5}, '
    b'{"word": "net", "start": 0.6, "end": 0.9}]}'
)
GOALS = {"transcript_own_share_of_server": ("<=", 0.1)}
NOTES = {
    "transcript_own_ms_a_minute": "of CPU: reading, decoding, cutting, saving, indexing",
    "transcript_own_share_of_server": f"of a server's time, {SERVER_TIMES_REAL_TIME} times as fast as speech",
}


def figures(sound: np.ndarray) -> dict[str, float]:
    """Of a call with that sound, int16 of shape (2, samples) at 8 kHz, and of tones for as long."""
    length = sound.shape[1]
    minutes = length / RATE_HZ / 60
    tones = repeated(tone_talk(*TURNS), length)
    with tempfile.TemporaryDirectory() as folder:
        local = _by_tone_model(Path(folder) / "local", tones)
        served = _by_server(Path(folder) / "served", sound)
    return {
        "transcript_own_ms_a_minute": 1000 * (local.whole_s - local.engine_s) / minutes,
        "tone_model_ms_a_minute": 1000 * local.engine_s / minutes,
        "transcript_own_share_of_server": served.whole_s / served.engine_s,
    }


@dataclass
class Spent:
    """CPU seconds of a transcript, all threads added; `engine_s` of them in the engine, or a server's own."""

    engine_s: float = 0.0
    whole_s: float = 0.0

    def in_engine(self, transcribe: Callable[..., list[PieceText]]) -> Callable[..., list[PieceText]]:
        """The engine's method, with its time noted."""

        def timed(engine: OnnxAsr, pieces: Sequence[Samples], sample_rate_hz: int) -> list[PieceText]:
            start = time.process_time()
            try:
                return transcribe(engine, pieces, sample_rate_hz)
            finally:
                self.engine_s += time.process_time() - start

        return timed

    def in_all(self, room: SpeechRoom, archive: Archive, folder: Path, sound: np.ndarray) -> None:
        """One recording through the worker's own steps, the second of two, as all is loaded by then."""
        transcriber = Transcriber(room)
        for _ in range(2):
            _, recording = shelved(archive, folder, sound)
            order_speech(room, recording.id, recording.tenant_id)
            assert Analyst(room).work(with_backlog=True)
            self.engine_s = 0.0
            start = time.process_time()
            assert transcriber.work(with_backlog=True)
            self.whole_s = time.process_time() - start
            with room.store.reading() as tx:
                found = tx.transcripts.get(recording.tenant_id, recording.id)
            assert found is not None
            assert found.error_code == "", found.error_code
            assert len(found.utterances) > 10


def _by_tone_model(folder: Path, sound: np.ndarray) -> Spent:
    """A call in which letters are tones, understood by the real loader of local models."""
    models = folder / "models"
    describe_model(write_tone_model(models / "tone"), "t-one-ctc")
    use_model(models, read_model(models, "tone"), "ru")
    archive = _archive(folder)
    engine = EngineConfig(EngineKind.ONNX_ASR, models)
    energy = VoiceDetector.ENERGY  # no other takes tones for speech
    room = SpeechRoom(archive.store, archive.objects, energy, engine)
    spent = Spent()
    plain = OnnxAsr.transcribe
    OnnxAsr.transcribe = spent.in_engine(plain)  # type: ignore[method-assign]
    try:
        spent.in_all(room, archive, folder, sound)
    finally:
        OnnxAsr.transcribe = plain  # type: ignore[method-assign]
    archive.store.close()
    return spent


def _by_server(folder: Path, sound: np.ndarray) -> Spent:
    """Human voices through the engine `openai` and HTTP."""
    archive = _archive(folder)
    spent = Spent()

    def answer(fields: dict[str, str], _before: int) -> tuple[int, bytes]:
        samples = (len(fields["file"]) - 44) // 2
        takes_s = samples / RATE_HZ / SERVER_TIMES_REAL_TIME
        time.sleep(takes_s)
        spent.engine_s += takes_s
        return 200, REPLY

    with serving(answer) as server:
        engine = EngineConfig(EngineKind.OPENAI, Path(), url=server.url)
        spent.in_all(SpeechRoom(archive.store, archive.objects, engine=engine), archive, folder, sound)
    archive.store.close()
    return spent


def _archive(folder: Path) -> Archive:
    folder.mkdir(parents=True, exist_ok=True)
    store = Store.open(f"sqlite:///{folder / 'fonoteka.sqlite3'}")
    store.migrate()
    return Archive(store, ObjectStore.open(folder / "objects"), folder / "cache", 5)
