"""kill -9 of the worker in each step: afterwards the call is there, once and whole."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fonoteka import wiring
from fonoteka.archive import AudioFormat, AudioPurpose, find_calls, open_audio
from fonoteka.audio.decode import decode_opus
from fonoteka.cli.token import COMMAND_LINE
from fonoteka.domain.query import CallQuery
from fonoteka.domain.recording import RecordingState
from fonoteka.settings import load_settings
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
    (call,) = find_calls(rooms.archive, COMMAND_LINE, CallQuery()).items
    (recording,) = call.recordings
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
