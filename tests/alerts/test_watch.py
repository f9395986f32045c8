"""What the watch sees in a data folder: parts that are down, the disk, lost recordings."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from fonoteka.alerts import Machine, Watch, look_after_alerts, open_alerts
from fonoteka.domain.alerts import Condition
from fonoteka.domain.call import CallOutcome
from fonoteka.domain.refusals import CALLS_MAX_REACHED, PLAN_FULL
from fonoteka.domain.running import beat
from tests.alerts.conftest import House
from tests.examples import call

LONG_AGO = "2020-01-01T00:00:00+00:00"


@dataclass
class Folder:
    """A data folder that is watched; `mono_s` is the clock that nobody sets."""

    root: Path
    house: House
    mono_s: float = 1000.0

    def __post_init__(self) -> None:
        for name in ("run", "spool/open", "spool/sealed", "spool/failed"):
            (self.root / name).mkdir(parents=True)
        self.machine = Machine.of(self.root, 0, 0)
        self.watch = self.anew()

    def anew(self, *, outlives_worker: bool = False) -> Watch:
        return Watch(self.house.room, self.machine, outlives_worker, lambda: self.mono_s)

    def alive(self, *parts: str, **facts: object) -> None:
        for part in ("recorder", "worker"):
            path = self.root / "run" / f"{part}.json"
            beat(path, **facts)
            if part not in parts:
                path.write_text(json.dumps({**json.loads(path.read_text()), "at": LONG_AGO}))

    def wrong(self, after_s: float = 0.0) -> set[Condition]:
        """What is wrong after so long, clocks going alike."""
        self.mono_s += after_s
        self.house.clock.pass_(seconds=after_s)
        self.watch.look()
        look_after_alerts(self.house.room)
        return {one.condition for one in open_alerts(self.house.room, self.house.admin)}


@pytest.fixture
def folder(small_house: House, tmp_path: Path) -> Folder:
    return Folder(tmp_path / "data", small_house)


def test_a_recorder_that_is_down_and_up_again(folder: Folder) -> None:
    folder.alive("recorder")
    assert folder.wrong() == set()
    folder.alive()
    assert folder.wrong(5) == set(), "it may just be starting again"
    assert folder.wrong(15) == set()
    assert folder.wrong(5) == {Condition.RECORDER_DOWN}
    folder.alive("recorder")
    assert folder.wrong(5) == {Condition.RECORDER_DOWN}, "is it steady?"
    assert folder.wrong(61) == set()


def test_a_machine_without_a_recorder_misses_none(folder: Folder) -> None:
    folder.watch = folder.anew(outlives_worker=True)
    assert folder.wrong() == set()
    assert folder.wrong(60) == set()


def test_the_pages_look_for_the_worker_and_do_its_work_while_it_is_down(folder: Folder) -> None:
    folder.watch = folder.anew(outlives_worker=True)
    folder.alive("worker")
    (folder.root / "spool" / "failed" / "one").mkdir()
    assert folder.wrong() == set(), "that is for the worker to see"
    folder.alive("recorder")
    (folder.root / "spool" / "sealed" / "two").mkdir()
    folder.wrong()
    assert folder.wrong(21) == {Condition.WORKER_DOWN, Condition.RECORDING_FAILED}
    worker = next(
        one
        for one in open_alerts(folder.house.room, folder.house.admin)
        if one.condition is Condition.WORKER_DOWN
    )
    assert (worker.facts["waiting"], worker.key) == (1, folder.machine.node)


def test_a_pbx_that_is_away(folder: Folder) -> None:
    def since(minutes: float) -> str:
        return (folder.house.clock.at - timedelta(minutes=minutes)).isoformat()

    folder.alive("recorder", connectors={"Asterisk a": None, "Asterisk b": since(1)})
    assert folder.wrong() == set()
    folder.alive("recorder", connectors={"Asterisk a": None, "Asterisk b": since(3)})
    assert folder.wrong() == {Condition.CONNECTOR_LOST}
    folder.watch = folder.anew()
    assert folder.wrong(300) == {Condition.CONNECTOR_LOST}, "a worker started anew knows it too"
    folder.alive("recorder", connectors={"Asterisk a": None})
    folder.wrong()
    assert folder.wrong(61) == set(), "it is no longer set"


def test_a_disk_that_fills(folder: Folder) -> None:
    folder.alive("recorder")
    for low, full, level in ((10**18, 0, 1), (10**18, 10**18, 2)):
        folder.machine = replace(folder.machine, disk_low_bytes=low, disk_full_bytes=full)
        folder.watch = folder.anew()
        assert folder.wrong(61) == {Condition.DISK_LOW}
        assert open_alerts(folder.house.room, folder.house.admin)[0].level == level
    folder.machine = replace(folder.machine, disk_low_bytes=0, disk_full_bytes=0)
    folder.watch = folder.anew()
    folder.wrong()
    assert folder.wrong(61) == set()


def test_recordings_that_are_missing_or_failed(folder: Folder) -> None:
    folder.alive("recorder")
    with folder.house.room.store.transaction() as tx:
        one = replace(call(recordings=()), outcome=CallOutcome.MISSING, created_at=folder.house.clock.at)
        tx.calls.add(one)
        for reason in (CALLS_MAX_REACHED, PLAN_FULL):
            refused = {"outcome": CallOutcome.REFUSED, "reason": reason, "created_at": one.created_at}
            tx.calls.add(replace(call(recordings=()), **refused))
    (folder.root / "spool" / "failed" / "one").mkdir()
    assert folder.wrong() == {Condition.RECORDING_MISSING, Condition.RECORDING_FAILED}
    told = {one.condition: one.facts for one in open_alerts(folder.house.room, folder.house.admin)}
    assert told[Condition.RECORDING_MISSING] == {"calls": 2}, "of a full plan another alert tells"
    (folder.root / "spool" / "failed" / "one").rmdir()
    folder.wrong(90_000)
    assert folder.wrong(61) == set()


def test_a_data_folder_keeps_its_name(folder: Folder) -> None:
    assert Machine.of(folder.root, 0, 0).node == folder.machine.node
    assert len(folder.machine.node) == 8
    assert [one.name for one in folder.root.glob("node*")] == ["node"]
