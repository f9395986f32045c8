"""kill -9 of the worker in each step: afterwards the call is there, once and whole."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from fonoteka import wiring
from fonoteka.archive import (
    AudioFormat,
    AudioPurpose,
    change_plan,
    find_calls,
    get_recording,
    open_audio,
    register_call,
    shelve_recording,
    storage_plan,
)
from fonoteka.audio.decode import decode_opus
from fonoteka.cli.token import COMMAND_LINE
from fonoteka.domain.query import CallQuery
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.refusals import told_refusals
from fonoteka.settings import load_settings
from tests.examples import call
from tests.service import Service, wait_for

CALL_S = 3


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spool folder sealed by a real recorder after a real call."""
    one = Service(tmp_path_factory.mktemp("recorder") / "data")
    one.data.mkdir()
    one.start("fonoteka.capture.recorder")
    wait_for(lambda: (one.data / "run" / "recorder.json").exists())
    one.run(
        "call",
        "--srs",
        f"sip:{one.sip}",
        "--calling",
        "101",
        "--called",
        "+74951234567",
        "--duration",
        f"{CALL_S}",
    )
    (folder,) = wait_for(lambda: list((one.data / "spool" / "sealed").iterdir()))
    one.down()
    return folder


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["register", "encode", "shelve", "sweep"])
def test_the_call_is_there_once_after_kill_9(
    service: Service, sealed: Path, database_url: str, step: str, when: str
) -> None:
    service.settings["FONOTEKA_DATABASE_URL"] = database_url
    shutil.copytree(sealed, service.data / "spool" / "sealed" / sealed.name)
    marker = service.data.parent / "marker"
    victim = service.start("tests.crash.stalling_worker", step, when, str(marker))
    wait_for(marker.exists)
    victim.kill()
    victim.wait()

    service.start("fonoteka", "worker")
    wait_for(lambda: not any((service.data / "spool" / "sealed").iterdir()))

    rooms = wiring.open_rooms(load_settings(data=service.data, database_url=database_url))
    (known,) = find_calls(rooms.archive, COMMAND_LINE, CallQuery()).items
    (recording,) = known.recordings
    assert recording.state is RecordingState.READY
    assert abs(recording.duration_ms - 1000 * CALL_S) <= 20
    audio = open_audio(rooms.archive, COMMAND_LINE, recording.id, AudioFormat.OPUS, AudioPurpose.LISTEN)
    channels, _ = decode_opus(b"".join(audio.read(0, audio.size_bytes)))
    assert channels.shape[0] == 2
    assert channels.any(axis=1).all()
    stored = [path for path in (service.data / "objects").rglob("*") if path.is_file()]
    assert len(stored) == 2, "audio and peaks, nothing twice"
    rooms.close()
    wait_for(lambda: not any((service.data / "work").iterdir()))


def test_a_call_waits_in_the_spool_while_the_plan_is_full(
    service: Service, sealed: Path, sqlite_template: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'plan.sqlite3')}"
    service.settings["FONOTEKA_DATABASE_URL"] = url
    rooms = wiring.open_rooms(load_settings(data=service.data, database_url=url))
    filling, filler = call(), tmp_path / "filler.opus"
    filler.write_bytes(bytes(1_000_000))
    register_call(rooms.archive, filling)
    ready = replace(filling.recordings[0], state=RecordingState.READY)
    shelve_recording(rooms.archive, ready, filler, b"")
    full = replace(storage_plan(rooms.archive, COMMAND_LINE), quota_bytes=1_000_000)
    plan = change_plan(rooms.archive, COMMAND_LINE, full)
    shutil.copytree(sealed, service.data / "spool" / "sealed" / sealed.name)
    service.start("fonoteka", "worker")
    wait_for(lambda: told_refusals(service.data / "run") == {"default"})
    wait_for(lambda: find_calls(rooms.archive, COMMAND_LINE, CallQuery(number="4951234567")).items)
    assert (service.data / "spool" / "sealed" / sealed.name).exists()
    change_plan(rooms.archive, COMMAND_LINE, replace(plan, quota_bytes=None))
    wait_for(lambda: not (service.data / "spool" / "sealed" / sealed.name).exists())
    recording = get_recording(rooms.archive, COMMAND_LINE, sealed.name)
    assert recording.state is RecordingState.READY
    wait_for(lambda: not told_refusals(service.data / "run"))
    rooms.close()
