"""Two workers share the work; the survivor of a `kill -9` finishes what the other had in hand."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from fonoteka import wiring
from fonoteka.archive import find_calls
from fonoteka.cli.token import COMMAND_LINE
from fonoteka.domain.query import CallQuery
from fonoteka.domain.recording import RecordingState
from fonoteka.pipeline.attempts import CRASHES_MAX
from fonoteka.settings import load_settings
from tests.crash.test_worker_killed import sealed  # noqa: F401 - a fixture
from tests.service import Service, wait_for

TAKEN_OVER_WITHIN_S = 30


def _wait_at(service: Service, sealed: Path) -> Path:  # noqa: F811 - the fixture
    shutil.copytree(sealed, service.data / "spool" / "sealed" / sealed.name)
    return service.data.parent / "marker"


def test_the_survivor_takes_over(service: Service, sealed: Path, database_url: str) -> None:  # noqa: F811
    service.settings["FONOTEKA_DATABASE_URL"] = database_url
    marker = _wait_at(service, sealed)
    victim = service.start("tests.crash.stalling_worker", "encode", "before", str(marker))
    wait_for(marker.exists, 90)
    assert (service.data / "work" / f"{sealed.name}.attempts").read_bytes() == b"."
    survivor = service.start("fonoteka", "worker")
    wait_for(lambda: len(list((service.data / "run" / "workers").iterdir())) == 2, 90)
    waiting = service.data / "spool" / "sealed" / sealed.name
    time.sleep(1)
    assert waiting.exists(), "it is in other hands"
    victim.kill()
    victim.wait()
    wait_for(lambda: not waiting.exists(), TAKEN_OVER_WITHIN_S)
    assert survivor.poll() is None

    rooms = wiring.open_rooms(load_settings(data=service.data, database_url=database_url))
    wait_for(lambda: not any((service.data / "work").iterdir()))
    (call,) = find_calls(rooms.archive, COMMAND_LINE, CallQuery()).items
    assert [one.state for one in call.recordings] == [RecordingState.READY]
    rooms.close()


def test_what_ends_every_worker_is_set_aside(service: Service, sealed: Path) -> None:  # noqa: F811
    _wait_at(service, sealed)
    (service.data / "work").mkdir()
    (service.data / "work" / f"{sealed.name}.attempts").write_bytes(b"." * CRASHES_MAX)
    service.start("fonoteka", "worker")
    failed = service.data / "spool" / "failed" / sealed.name
    wait_for(failed.exists, 90)
    assert not any((service.data / "work").iterdir())
    shutil.move(failed, service.data / "spool" / "sealed" / sealed.name)
    rooms = wiring.open_rooms(load_settings(data=service.data))
    wait_for(lambda: find_calls(rooms.archive, COMMAND_LINE, CallQuery()).items, 60)
    rooms.close()
