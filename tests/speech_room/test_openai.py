"""Servers with OpenAI's address: every shape of answer, and everything that goes wrong."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fonoteka.archive import Archive
from fonoteka.domain.errors import EngineRefused, EngineUnavailable, SettingInvalid
from fonoteka.domain.transcript import Word
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
from fonoteka.speech.engines.engine import PieceText
from fonoteka.speech.engines.openai import OpenAi
from fonoteka.speech.engines.openai_reply import read_reply
from fonoteka.store import Store
from tests.databases import fresh_url
from tests.speech_room.recordings import shelved, talk
from tests.speech_room.speech_servers import SpeechServer, saying, serving

PIECE = np.zeros(16_000, np.int16)  # 2 s
SEGMENT = {"id": 0, "start": 0.2, "end": 1.2, "text": " добрый день", "avg_logprob": -0.1}
WORDS = [{"word": "добрый", "start": 0.2, "end": 0.6}, {"word": " день", "start": 0.7, "end": 1.2}]
EXACT = [("добрый", 200, 600), ("день", 700, 1200)]
SPREAD = [("добрый", 200, 783), ("день", 783, 1200)]
WITH_WORDS = {**SEGMENT, "words": [{**one, "probability": 0.9} for one in WORDS]}
TEXT = "добрый день"
WHOLE = [("добрый", 0, 1166), ("день", 1166, 2000)]
SHAPES: dict[str, tuple[Any, list[tuple[str, int, int]], bool]] = {
    "OpenAI": ({"text": TEXT, "duration": 2.0, "words": WORDS, "segments": [SEGMENT]}, EXACT, False),
    "speaches": ({"text": TEXT, "duration": 2, "words": None, "segments": [SEGMENT]}, SPREAD, True),
    "vLLM": ({"text": TEXT, "duration": "2.0", "segments": [SEGMENT]}, SPREAD, True),
    "whisper.cpp": ({"text": TEXT, "segments": [WITH_WORDS]}, EXACT, False),
    "LocalAI": ({"text": TEXT, "words": None, "segments": []}, WHOLE, True),
    "numbers as texts": ({"words": [{"word": "x", "start": "0.5", "end": "1"}]}, [("x", 500, 1000)], False),
    "beyond the piece": ({"words": [{"word": "x", "start": 1.5, "end": 60}]}, [("x", 1500, 2000)], False),
    "no words said": ({"text": "", "segments": []}, [], False),
    "half a word": ({"text": "x", "words": [{"word": "x"}, {"start": 1}, "x", None]}, [("x", 0, 2000)], True),
    "no number": ({"segments": [{"text": "x", "start": "NaN", "end": 1e99}]}, [("x", 0, 2000)], True),
}


def engine_of(server: SpeechServer, **given: Any) -> OpenAi:
    usual = {"url": server.url, "key": "secret", "model": "m", "timeout_s": 5.0}
    return OpenAi(EngineConfig(EngineKind.OPENAI, Path(), **{**usual, **given}), "ru")


def plain(words: tuple[Word, ...]) -> list[tuple[str, int, int]]:
    return [(one.text, one.since_ms, one.until_ms) for one in words]


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_of_answer(name: str) -> None:
    answer, words, is_approximate = SHAPES[name]
    found = read_reply(json.dumps(answer).encode(), 2_000)
    assert (plain(found.words), found.is_approximate) == (words, is_approximate)


def test_what_is_asked_for() -> None:
    with serving(saying(SHAPES["whisper.cpp"][0])) as server:
        engine = engine_of(server)
        (found,) = engine.transcribe([PIECE], 8_000)
    assert [one.confidence for one in found.words] == [0.9, 0.9]
    (asked,) = server.asked
    assert asked["file"].startswith("RIFF")
    assert len(asked["file"]) == pytest.approx(32_044, abs=2)
    del asked["file"]
    assert asked == {
        "path": "/v1/audio/transcriptions",
        "authorization": "Bearer secret",
        "model": "m",
        "language": "ru",
        "temperature": "0",
        "response_format": "verbose_json",
        "timestamp_granularities[]": "word,segment",
    }


def test_a_server_that_knows_no_times_of_words_is_asked_without_them() -> None:
    def answer(fields: dict[str, str], _before: int) -> tuple[int, bytes]:
        if "timestamp_granularities[]" in fields:
            return 400, b'{"error": "unknown field"}'
        return 200, b'{"text": "da"}'

    with serving(answer) as server:
        found = engine_of(server).transcribe([PIECE, PIECE], 8_000)
    assert found == [PieceText((Word("da", 0, 2_000),), True)] * 2
    assert len(server.asked) == 3  # it remembers


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"<!doctype html><title>Sign in</title>", EngineRefused),
        (200, b"", EngineRefused),
        (200, b"[]", EngineRefused),
        (200, b'{"error": {"message": "no"}}', EngineRefused),
        (200, b'{"text": 7}', EngineRefused),
        (200, b"[" * 100_000, EngineRefused),
        (200, b" " * 4_100_000, EngineRefused),
        (400, b"no", EngineRefused),
        (401, b"who are you", EngineRefused),
        (404, b"<html>", EngineRefused),
        (413, b"too large", EngineRefused),
        (429, b"later", EngineUnavailable),
        (500, b"\xff\xfe", EngineUnavailable),
        (503, b"loading", EngineUnavailable),
    ],
)
def test_what_is_no_answer(status: int, body: bytes, error: type[Exception]) -> None:
    with serving(lambda _fields, _before: (status, body)) as server, pytest.raises(error):
        engine_of(server).transcribe([PIECE], 8_000)


def test_a_server_that_dribbles_is_left() -> None:
    with serving(saying({"text": "x" * 300}), block=1, pause_s=0.05) as server:
        began = time.monotonic()
        with pytest.raises(EngineUnavailable):
            engine_of(server, timeout_s=0.5).transcribe([PIECE], 8_000)
        assert time.monotonic() - began < 5


def test_nobody_there_and_no_address() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(EngineUnavailable):
            OpenAi(EngineConfig(EngineKind.OPENAI, Path(), url=url), "").transcribe([PIECE], 8_000)
    for url in ("", "speech.example.org", "file:///etc/passwd", "http://"):
        with pytest.raises(SettingInvalid):
            OpenAi(EngineConfig(EngineKind.OPENAI, Path(), url=url), "")


def test_a_server_that_is_away_is_left_alone_and_given_up_in_the_end(
    sqlite_template: Path, tmp_path: Path
) -> None:
    """No storm: after an outage nothing is asked for a while, and each recording is tried nine times."""
    store = Store.open(fresh_url(tmp_path))
    store.migrate()
    archive = Archive(store, ObjectStore.open(tmp_path / "objects"), tmp_path / "cache", 5)
    (_, one), (_, _) = (shelved(archive, tmp_path, talk(4)) for _ in range(2))
    with serving(lambda _fields, _before: (503, b"")) as server:
        engine = EngineConfig(EngineKind.OPENAI, Path(), url=server.url)
        room = SpeechRoom(store, archive.objects, VoiceDetector.ENERGY, engine)
        order_speech(room, one.id, one.tenant_id)
        Analyst(room).work(with_backlog=True)
        patient = Transcriber(room)
        assert patient.work(with_backlog=True)
        assert not patient.work(with_backlog=True)
        assert len(server.asked) == 1
        now = room.now()
        for hours in range(1, 20):
            later = now + timedelta(hours=2 * hours)
            Transcriber(replace(room, now=lambda at=later: at)).work(with_backlog=True)  # type: ignore[misc]
        assert len(server.asked) == 9
    with store.reading() as tx:
        found = tx.transcripts.get("default", one.id)
    assert found is not None
    assert found.error_code == "speech.engine_unavailable"
    store.close()
