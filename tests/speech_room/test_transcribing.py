"""From sound to words: the real loader with a small model, broken folders, where speech is cut."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.archive import Archive, bin_recording, empty_bin, get_recording
from fonoteka.audio.sound import Sound
from fonoteka.domain.access import Role
from fonoteka.domain.analysis import AnalysisState
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import AccessDenied, LanguageInvalid
from fonoteka.domain.people import Extension, Group
from fonoteka.domain.recording import Recording
from fonoteka.domain.spans import Span, Spans, common, joined, total_ms
from fonoteka.domain.transcript import Transcript, Word, decode_utterances, encode_utterances, utterances_of
from fonoteka.objects import ObjectStore
from fonoteka.policy import PolicyRoom, save_extension, save_group
from fonoteka.speech import (
    Analyst,
    EngineConfig,
    EngineKind,
    KnownTranscript,
    RerunScope,
    SpeechRoom,
    Transcriber,
    VoiceDetector,
    change_languages,
    order_again,
    order_speech,
    read_transcript,
    speech_languages,
)
from fonoteka.speech.models import describe_model, read_model, use_model
from fonoteka.speech.pieces import PIECE_MS_MAX, cut, plan_pieces
from fonoteka.store import Store
from tests.examples import NOON, actor
from tests.speech_room.recordings import shelved
from tests.tone_model import tone_talk, write_tone_model

TURNS = ((0, "хочу вернуть деньги"), (1, "верните договор"), (0, "спасибо"))


@pytest.fixture
def archive(store: Store, tmp_path: Path) -> Archive:
    return Archive(store, ObjectStore.open(tmp_path / "objects"), tmp_path / "cache", 5)


@pytest.fixture
def room(archive: Archive, tmp_path: Path) -> SpeechRoom:
    """With the tone model in use for Russian."""
    models = tmp_path / "models"
    describe_model(write_tone_model(models / "tone"), "t-one-ctc")
    use_model(models, read_model(models, "tone"), "ru")
    engine = EngineConfig(EngineKind.ONNX_ASR, models)
    return SpeechRoom(archive.store, archive.objects, VoiceDetector.ENERGY, engine)


def transcribed(room: SpeechRoom, *recordings: Recording) -> None:
    for one in recordings:
        order_speech(room, one.id, one.tenant_id)
    for worker in (Analyst(room), Transcriber(room)):
        while worker.work(with_backlog=True):
            pass


def known(archive: Archive, room: SpeechRoom, recording: Recording) -> KnownTranscript:
    who = actor(recording.tenant_id)
    return read_transcript(room, who, get_recording(archive, who, recording.id))


def text_of(found: KnownTranscript) -> list[tuple[int, str]]:
    assert found.transcript is not None
    return [(one.channel, one.text) for one in found.transcript.utterances]


def test_each_party_says_its_words(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    _, recording = shelved(archive, tmp_path, tone_talk(*TURNS))
    order_speech(room, recording.id, recording.tenant_id)
    Analyst(room).work(with_backlog=True)
    assert known(archive, room, recording).state is AnalysisState.WAITING
    assert Transcriber(room).work(with_backlog=True)
    found = known(archive, room, recording)
    assert text_of(found) == list(TURNS)
    assert found.transcript is not None
    assert (found.transcript.language, found.transcript.is_approximate) == ("ru", False)
    assert found.transcript.confidence is not None
    assert 0.5 < found.transcript.confidence <= 1
    first = found.transcript.utterances[0].words
    assert [one.text for one in first] == ["хочу", "вернуть", "деньги"]
    for word, letters_before in zip(first, (0, 5, 13), strict=True):
        assert word.since_ms == pytest.approx(1_000 + letters_before * 90, abs=120)
    before = found.transcript
    transcribed(room, recording)
    after = known(archive, room, recording).transcript
    assert after is not None
    assert replace(after, made_at=before.made_at) == before


def test_reading_words_is_written_down_once(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    _, recording = shelved(archive, tmp_path, tone_talk((0, "да")))
    transcribed(room, recording)
    for _ in range(3):
        known(archive, room, recording)
    later = room.now() + timedelta(hours=1)
    known(archive, replace(room, now=lambda: later), recording)
    with archive.store.reading() as tx:
        events = tx.audit.newest("default", 9)
    assert [one.action for one in events] == [AuditAction.TRANSCRIPT_READ] * 2
    who = replace(actor(), role=Role.AUDITOR)
    with pytest.raises(AccessDenied):
        read_transcript(room, who, get_recording(archive, who, recording.id))


def test_where_nobody_speaks_no_engine_is_asked(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    _, recording = shelved(archive, tmp_path, np.zeros((2, 40_000), np.int16))
    transcribed(room, recording)
    found = known(archive, room, recording)
    assert (found.state, text_of(found)) == (AnalysisState.READY, [])


def test_a_group_has_a_language_of_its_own(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    policy = PolicyRoom(archive.store, tmp_path / "policy.json")
    save_extension(policy, actor(), Extension("", "default", "101"))
    group = save_group(policy, actor(), Group("", "default", "Sales", frozenset({"101"})))
    change_languages(room, actor(), {"": "ru", group.id: "none", "gone": "en"})
    assert speech_languages(room, actor()) == {"": "ru", group.id: "none"}
    assert speech_languages(room, actor("theirs")) == {}
    _, silent = shelved(archive, tmp_path, tone_talk((0, "да")))
    transcribed(room, silent)
    assert known(archive, room, silent).state is AnalysisState.NONE
    change_languages(room, actor(), {"": "none", group.id: "ru"})
    assert order_again(room, RerunScope()) == 1
    transcribed(room)
    assert text_of(known(archive, room, silent)) == [(0, "да")]
    with pytest.raises(LanguageInvalid):
        change_languages(room, actor(), {"": "Russian!"})
    with pytest.raises(AccessDenied):
        change_languages(room, replace(actor(), role=Role.SUPERVISOR), {})


def test_nothing_is_left_of_what_is_deleted(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    _, recording = shelved(archive, tmp_path, tone_talk((0, "да")))
    transcribed(room, recording)
    bin_recording(archive, actor(), recording.id)
    assert known(archive, room, recording) == KnownTranscript(AnalysisState.NONE)
    empty_bin(archive, actor(), [recording.id])
    with archive.store.reading() as tx:
        assert tx.transcripts.get("default", recording.id) is None


def half_there(folder: Path) -> None:
    (folder / "model.onnx").write_bytes((folder / "model.onnx").read_bytes()[:30_000])


def of_another_kind(folder: Path) -> None:
    about = json.loads((folder / "fonoteka.json").read_text())
    (folder / "fonoteka.json").write_text(json.dumps({**about, "kind": "gigaam-v3-ctc"}))


def without_vocabulary(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "t-one-ctc"}')


def no_json(folder: Path) -> None:
    (folder / "fonoteka.json").write_text("{")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (half_there, "speech.model_invalid"),
        (of_another_kind, "speech.model_invalid"),
        (without_vocabulary, "speech.model_invalid"),
        (no_json, "speech.model_invalid"),
        (shutil.rmtree, "speech.model_missing"),
    ],
)
def test_a_folder_that_is_wrong_is_said_and_the_call_stays(
    archive: Archive, room: SpeechRoom, tmp_path: Path, spoil: Callable[[Path], None], code: str
) -> None:
    spoil(room.engine.models / "tone")
    (_, one), (_, other) = (shelved(archive, tmp_path, tone_talk((0, "да"))) for _ in range(2))
    transcribed(room, one, other)
    for recording in (one, other):
        found = known(archive, room, recording)
        assert found.state is AnalysisState.FAILED
        assert found.transcript is not None
        assert found.transcript.error_code == code
        with archive.store.reading() as tx:
            assert tx.talks.get("default", recording.id) is not None


def test_without_a_model_nothing_is_ordered(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    _, recording = shelved(archive, tmp_path, tone_talk((0, "да")))
    for spoilt in ("{}", '{"en": "tone"}', "no JSON"):
        (room.engine.models / "use.json").write_text(spoilt)
        change_languages(room, actor(), {"": "ru"})
        transcribed(room, recording)
        assert known(archive, room, recording).state is AnalysisState.NONE


lists = st.lists(st.tuples(st.integers(0, 200_000), st.integers(1, 40_000)), max_size=12).map(
    lambda some: joined((Span(since, min(since + length, 200_000)) for since, length in some), 200)
)


@given(lists)
def test_pieces_hold_all_speech_once(speech: Spans) -> None:
    planned = plan_pieces(speech, 200_000)
    assert all(one.until_ms <= two.since_ms for one, two in pairwise(planned))
    assert total_ms(common(speech, joined(planned))) == total_ms(speech)
    samples = np.arange(400_000).astype(np.int16)
    sound = Sound.of(samples[None], 2_000)
    covered: list[Span] = []
    for piece in cut(sound, [planned]):
        length_ms = len(piece.samples) / 2
        assert 0 < length_ms <= PIECE_MS_MAX
        assert abs(int(piece.samples[0]) - int(samples[piece.since_ms * 2])) in (0, 1, 65_535)
        covered.append(Span(piece.since_ms, piece.since_ms + round(length_ms)))
    assert total_ms(covered) == pytest.approx(total_ms(planned), abs=2 * len(covered) + 1)


def test_words_become_utterances_in_the_order_of_time() -> None:
    theirs = [Word("раз", 0, 300), Word("два", 400, 700, 0.5), Word("три", 2_000, 2_300)]
    ours = [Word("да", 1_000, 1_200)]
    found = utterances_of((theirs, ours))
    assert [(one.channel, one.text) for one in found] == [(0, "раз два"), (1, "да"), (0, "три")]
    assert decode_utterances(encode_utterances(found)) == found
    told = Transcript("r", "c", "t", "ru", "e", NOON, found)
    assert (told.words, told.confidence) == (4, 0.5)
