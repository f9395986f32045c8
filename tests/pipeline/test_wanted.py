"""Calls that nobody wants are listed without audio; on-demand ones wait to be asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fonoteka.archive import find_calls
from fonoteka.cli.token import COMMAND_LINE
from fonoteka.domain.call import Call, CallOutcome, Segment
from fonoteka.domain.direction import Direction
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.sealed import KEPT_NAME, MANIFEST_NAME, SealedRecording
from fonoteka.pipeline import steps
from fonoteka.pipeline.steps import Bench
from fonoteka.settings import DataFolder
from tests.pipeline.folders import EVERY, MARKER, archive_of, begin, files_with, on_demand, sealed
from tests.service import Service, wait_for

UNWANTED = [CallOutcome.SKIPPED, CallOutcome.MISSED, CallOutcome.REFUSED]


def calls_of(data: Path) -> dict[str, Call]:
    with archive_of(data) as archive:
        return {call.id: call for call in find_calls(archive, COMMAND_LINE, EVERY).items}


def left(data: Path) -> set[str]:
    return {path.name for path in (data / "spool" / "sealed").iterdir()}


def test_unwanted_calls_are_listed_and_none_of_their_audio_is_left(service: Service) -> None:
    made = {}
    for outcome in UNWANTED:
        one = begin(service.data)
        one.set_call(
            direction=Direction.OUTGOING, external_id=f"x-{outcome}", segments=[Segment(0, None, ())]
        )
        one.set_outcome(outcome, "because")
        sealed(one)
        made[one.call_id] = outcome
    service.start("fonoteka", "worker")
    wait_for(lambda: not left(service.data))
    wait_for(lambda: not any((service.data / "work").iterdir()))
    found = calls_of(service.data)
    assert found.keys() == made.keys()
    for call in found.values():
        assert call.recordings == ()
        assert call.direction is Direction.OUTGOING
        assert (call.outcome, call.reason) == (made[call.id], "because")
        assert call.external_id == f"x-{call.outcome}"
        assert call.segments == (Segment(0, None, ()),)
    assert not files_with(MARKER, service.data)
    assert not any((service.data / "objects").rglob("*.opus"))


def test_on_demand_recordings_wait_over_restarts_and_in_nobodys_way(service: Service) -> None:
    asked_later, never_asked, asked_in_time, plain = (begin(service.data) for _ in range(4))
    asked_later.set_decision(on_demand(600))
    never_asked.set_decision(on_demand(600))
    asked_in_time.set_decision(on_demand(0))
    asked_in_time.set_kept(True)
    folders = {one.recording_id: sealed(one) for one in (asked_later, never_asked, asked_in_time, plain)}

    worker = service.start("fonoteka", "worker")
    waiting = {asked_later.recording_id, never_asked.recording_id}
    wait_for(lambda: left(service.data) == waiting)
    worker.kill()
    worker.wait()
    assert calls_of(service.data).keys() == {asked_in_time.call_id, plain.call_id}

    (folders[asked_later.recording_id] / KEPT_NAME).touch()
    manifest = folders[never_asked.recording_id] / MANIFEST_NAME
    known = SealedRecording.from_json(manifest.read_text("utf-8"))
    long_ago = replace(known, sealed_at=known.sealed_at - timedelta(seconds=600))
    manifest.write_text(long_ago.to_json(), "utf-8")
    service.start("fonoteka", "worker")
    wait_for(lambda: not left(service.data))
    found = calls_of(service.data)
    states = {call_id: [recording.state for recording in call.recordings] for call_id, call in found.items()}
    ready = [RecordingState.READY]
    assert states == {
        asked_later.call_id: ready,
        asked_in_time.call_id: ready,
        plain.call_id: ready,
        never_asked.call_id: [],
    }
    outcomes = {call_id: call.outcome for call_id, call in found.items()}
    assert outcomes.pop(never_asked.call_id) is CallOutcome.NOT_KEPT
    assert set(outcomes.values()) == {CallOutcome.RECORDED}
    assert found[never_asked.call_id].decision == on_demand(600)
    # A rule that names a profile which is not there loses no call.
    assert found[asked_later.call_id].recordings[0].profile == "standard"
    assert not files_with(MARKER, service.data)
    log = "".join(path.read_text() for path in service.data.parent.glob("fonoteka-*.log"))
    assert f"recording {never_asked.recording_id}: not_kept" in log


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_asked_for_in_the_last_moment(data: Path) -> None:
    one = begin(data)
    one.set_decision(on_demand(0))
    folder = sealed(one)
    with archive_of(data) as archive:
        bench = Bench(archive, DataFolder(data))
        # Killed after the folder was taken away to be removed, and the wish had come just before.
        (folder / KEPT_NAME).touch()
        folder.rename(bench.folder.work / f"{one.recording_id}.{CallOutcome.NOT_KEPT}")
        assert steps.register(bench, one.recording_id) == steps.PROCESS
        assert folder.is_dir()
        (call,) = find_calls(archive, COMMAND_LINE, EVERY).items
        assert [recording.id for recording in call.recordings] == [one.recording_id]


def test_killed_while_forgetting(data: Path) -> None:
    one = begin(data)
    one.set_outcome(CallOutcome.SKIPPED)
    folder = sealed(one)
    with archive_of(data) as archive:
        bench = Bench(archive, DataFolder(data))
        (folder / "manifest.json").unlink()
        folder.rename(bench.folder.work / f"{one.recording_id}.{CallOutcome.SKIPPED}")
        assert steps.register(bench, one.recording_id) == CallOutcome.SKIPPED
        assert not any(bench.folder.work.iterdir())
        assert steps.register(bench, one.recording_id) == steps.PROCESS
        for step in (steps.encode, steps.shelve, steps.sweep):
            step(bench, one.recording_id)
        assert find_calls(archive, COMMAND_LINE, EVERY).items == ()


def test_nothing_is_done_while_one_may_still_ask(data: Path) -> None:
    one = begin(data)
    one.set_decision(on_demand(600))
    folder = sealed(one)
    with archive_of(data) as archive:
        assert steps.register(Bench(archive, DataFolder(data)), one.recording_id) == steps.WAITING
        assert folder.is_dir()
        assert find_calls(archive, COMMAND_LINE, EVERY).items == ()
