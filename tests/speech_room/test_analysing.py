"""Orders and analyses on both databases: once each, in order, and nothing of what is gone."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from fonoteka.archive import Archive, bin_recording, empty_bin, get_recording
from fonoteka.domain.analysis import AnalysisState, SpeechTask
from fonoteka.domain.errors import FonotekaError, ObjectsUnavailable
from fonoteka.domain.mark import Mark, MarkKind
from fonoteka.domain.recording import Recording
from fonoteka.domain.spans import Span
from fonoteka.objects import ObjectStore
from fonoteka.speech import (
    Analyst,
    KnownTalk,
    Progress,
    RerunScope,
    SpeechRoom,
    VoiceDetector,
    known_talk,
    order_again,
    order_speech,
    speech_progress,
)
from fonoteka.store import Store
from tests.examples import NOON, actor
from tests.speech_room.recordings import shelved, talk


@pytest.fixture
def archive(store: Store, tmp_path: Path) -> Archive:
    return Archive(store, ObjectStore.open(tmp_path / "objects"), tmp_path / "cache", 5)


@pytest.fixture
def room(archive: Archive) -> SpeechRoom:
    return SpeechRoom(archive.store, archive.objects, VoiceDetector.ENERGY)


def known(archive: Archive, room: SpeechRoom, recording: Recording) -> KnownTalk:
    who = actor(recording.tenant_id)
    return known_talk(room, who, get_recording(archive, who, recording.id))


def work(room: SpeechRoom, *, with_backlog: bool = True) -> int:
    analyst = Analyst(room)
    done = 0
    while analyst.work(with_backlog=with_backlog):
        done += 1
    return done


def test_a_recording_is_analysed_once(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    _, recording = shelved(archive, tmp_path, talk())
    assert known(archive, room, recording).state is AnalysisState.NONE
    order_speech(room, recording.id, recording.tenant_id)
    order_speech(room, recording.id, recording.tenant_id)
    assert known(archive, room, recording).state is AnalysisState.WAITING
    assert work(room) == 1
    found = known(archive, room, recording)
    assert found.state is AnalysisState.READY
    analysis = found.analysis
    assert analysis is not None
    assert analysis.figures is not None
    assert analysis.analyser == "talk 1, energy 1"
    assert analysis.figures.recorded_ms == 6_000
    assert [len(spans) > 0 for spans in analysis.speech] == [True, True]
    assert all(one.spoken_ms > 500 for one in analysis.figures.parties)
    assert speech_progress(room) == Progress(0, 0)
    order_speech(room, recording.id, recording.tenant_id)
    work(room)
    again = known(archive, room, recording).analysis
    assert again is not None
    assert replace(again, analysed_at=analysis.analysed_at) == analysis


def test_silero_is_taken_where_it_is_installed(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    _, recording = shelved(archive, tmp_path, talk())
    order_speech(room, recording.id, recording.tenant_id)
    work(replace(room, voice_detector=VoiceDetector.AUTO))
    analysis = known(archive, room, recording).analysis
    assert analysis is not None
    assert analysis.analyser == "talk 1, silero 5"


def test_without_the_extra_levels_tell_and_nothing_is_missed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.speech_room.plain_installation", str(tmp_path)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert told["analyser"] == "talk 1, energy 1"
    assert all(500 < one < 5_000 for one in told["spoken_ms"])
    assert told["transcripts_ordered"] == 0
    assert "pip install fonoteka[speech]" in told["silero"]
    assert told["indexed"] == "верните деньги please", "as spelled, for want of a dictionary"


def test_holds_of_the_pbx_are_no_conversation(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    _, recording = shelved(archive, tmp_path, talk())
    marks = (Mark(1_000, 2_000, MarkKind.HOLD), Mark(4_000, 5_000, MarkKind.PAUSE))
    with archive.store.transaction() as tx:
        stored = tx.recordings.get_locked(recording.id)
        assert stored is not None
        tx.recordings.replace(replace(stored, marks=marks))
    order_speech(room, recording.id, recording.tenant_id)
    work(room)
    analysis = known(archive, room, recording).analysis
    assert analysis is not None
    assert analysis.figures is not None
    assert analysis.figures.holds == (Span(1_000, 2_000),)
    assert analysis.figures.conversation_ms == 4_000


def test_new_calls_come_before_the_back_log(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    old = [shelved(archive, tmp_path, talk(2))[1] for _ in range(2)]
    assert order_again(room, RerunScope()) == 2
    _, new = shelved(archive, tmp_path, talk(2))
    order_speech(room, new.id, new.tenant_id)
    assert speech_progress(room) == Progress(1, 2)
    assert work(room, with_backlog=False) == 1
    assert known(archive, room, new).state is AnalysisState.READY
    assert Analyst(room).work(with_backlog=True)
    assert [known(archive, room, one).state for one in old] == [AnalysisState.WAITING, AnalysisState.READY]
    assert work(room) == 1
    assert order_again(room, RerunScope()) == 0
    assert order_again(room, RerunScope(everything=True)) == 3
    assert order_again(replace(room, voice_detector=VoiceDetector.AUTO), RerunScope()) == 3


def test_a_rerun_is_of_whom_and_when_it_says(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    shelved(archive, tmp_path, talk(2))
    shelved(archive, tmp_path, talk(2), tenant_id="theirs", started_at=NOON + timedelta(days=1))
    seen: list[int] = []
    assert order_again(room, RerunScope("theirs"), seen.append) == 1
    assert order_again(room, RerunScope("nobody")) == 0
    assert order_again(room, RerunScope(until=NOON)) == 0
    assert order_again(room, RerunScope(since=NOON + timedelta(hours=1))) == 1
    assert speech_progress(room) == Progress(0, 1)
    assert seen == [2]


def test_what_is_no_sound_fails_once_and_says_why(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    _, recording = shelved(archive, tmp_path)
    order_speech(room, recording.id, recording.tenant_id)
    assert work(room) == 1
    found = known(archive, room, recording)
    assert found.state is AnalysisState.FAILED
    assert found.analysis is not None
    assert found.analysis.error_code == "audio.malformed"
    assert work(room) == 0


def test_what_kills_its_worker_is_given_up(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    """As if a worker died at it again and again: it took the order and was never heard of again."""
    _, recording = shelved(archive, tmp_path, talk(2))
    order_speech(room, recording.id, recording.tenant_id)
    now = room.now()
    for _ in range(5):
        now += timedelta(minutes=2)
        with room.store.transaction() as tx:
            order = tx.speech_orders.take(SpeechTask.TALK, now, with_backlog=True)
            assert order is not None
            tx.speech_orders.lease(order, now + timedelta(minutes=1))
            assert tx.speech_orders.take(SpeechTask.TALK, now, with_backlog=True) is None
    assert work(replace(room, now=lambda: now + timedelta(minutes=2))) == 1
    analysis = known(archive, room, recording).analysis
    assert analysis is not None
    assert analysis.error_code == "worker.crashed"


def test_objects_that_are_away_are_waited_for(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    _, recording = shelved(archive, tmp_path, talk(2))
    order_speech(room, recording.id, recording.tenant_id)

    class Away(ObjectStore):
        def read(self, *_: object, **__: object) -> object:  # type: ignore[override]
            raise ObjectsUnavailable

    away = replace(room, objects=Away.open(tmp_path / "objects"))
    now = room.now()
    for minutes in range(0, 20, 2):
        at = now + timedelta(minutes=minutes)
        assert work(replace(away, now=partial(lambda at: at, at))) == 1
    assert speech_progress(room) == Progress(1, 0)
    assert work(replace(room, now=lambda: now + timedelta(hours=1))) == 1
    assert known(archive, room, recording).state is AnalysisState.READY


def test_nothing_is_left_of_what_is_deleted(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    (_, done), (_, waits) = shelved(archive, tmp_path, talk(2)), shelved(archive, tmp_path, talk(2))
    order_speech(room, done.id, done.tenant_id)
    work(room)
    order_speech(room, waits.id, waits.tenant_id)
    for one in (done, waits):
        bin_recording(archive, actor(), one.id)
        assert known(archive, room, one) == KnownTalk(AnalysisState.NONE)
    empty_bin(archive, actor(), [done.id, waits.id])
    assert speech_progress(room) == Progress(0, 0)
    with archive.store.reading() as tx:
        assert tx.talks.get("default", done.id) is None


def test_another_tenants_talk_is_not_ours(archive: Archive, room: SpeechRoom, tmp_path: Path) -> None:
    _, recording = shelved(archive, tmp_path, talk(2))
    order_speech(room, recording.id, recording.tenant_id)
    work(room)
    with pytest.raises(FonotekaError):
        known_talk(room, actor("theirs"), recording)
    with archive.store.reading() as tx:
        assert tx.talks.get("theirs", recording.id) is None
        assert not tx.speech_orders.is_waiting("theirs", recording.id, SpeechTask.TALK)
