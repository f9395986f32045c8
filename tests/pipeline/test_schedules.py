"""What runs by the clock runs once over all processes, and again where one died at it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fonoteka.domain.errors import StoreUnavailable
from fonoteka.pipeline.schedules import RETRY_S, Schedule, Scheduler
from fonoteka.store import Store
from tests.service import wait_for

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Start]:
    """Starts a process that takes part, on the machine named."""
    started: list[subprocess.Popen[bytes]] = []

    def start_one(worker_id: str, machine: str, every_s: float, *more: str) -> subprocess.Popen[bytes]:
        places = (str(tmp_path / machine), str(tmp_path / "log"))
        command = (sys.executable, "-m", "tests.pipeline.ticking", database_url, worker_id, *places)
        started.append(subprocess.Popen([*command, str(every_s), *more]))
        return started[-1]

    yield start_one
    for one in started:
        one.kill()
        one.wait()


def _runs(tmp_path: Path) -> list[list[str]]:
    log = tmp_path / "log"
    return [line.split() for line in log.read_text().splitlines()] if log.exists() else []


def test_each_tick_runs_once_over_two_processes(start: Start, tmp_path: Path) -> None:
    processes = [start("a", "here", 0.4), start("b", "there", 0.4)]
    runs = wait_for(lambda: len(_runs(tmp_path)) >= 8 and _runs(tmp_path))
    assert all(one.poll() is None for one in processes)
    assert max(Counter(tick for _, tick in runs).values()) == 1


@pytest.mark.parametrize("machine", ["here", "there"])
def test_a_tick_whose_process_was_killed_runs_again(start: Start, tmp_path: Path, machine: str) -> None:
    victim = start("a", "here", 0.4, "stall")
    wait_for(lambda: _runs(tmp_path))
    other = start("b", machine, 0.4)
    time.sleep(1.5)
    assert [who for who, _ in _runs(tmp_path)] == ["a"], "a is at it and alive"
    victim.kill()
    victim.wait()
    wait_for(lambda: [who for who, _ in _runs(tmp_path)][1:3] == ["b", "b"])
    assert other.poll() is None


def test_what_fails_is_tried_again_soon(store: Store) -> None:
    def fails() -> None:
        raise StoreUnavailable("The database does not answer.")

    nightly = Schedule("nightly", 86_400, fails)
    scheduler = Scheduler(store, "a", [nightly])
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with store.transaction() as tx:
        tx.schedules.ensure("nightly", yesterday)
    scheduler.look()
    scheduler.stop(30)
    soon = datetime.now(UTC) + timedelta(seconds=RETRY_S)
    with store.reading() as tx:
        assert tx.schedules.due(["nightly"], datetime.now(UTC)) == ()
        assert tx.schedules.due(["nightly"], soon) == ("nightly",)


def test_a_clock_that_was_wrong_does_not_stop_a_schedule(store: Store) -> None:
    ran: list[int] = []
    hourly = Schedule("hourly", 3_600, lambda: ran.append(1))
    with store.transaction() as tx:
        tx.schedules.ensure("hourly", datetime.now(UTC) + timedelta(days=3_000))
    Scheduler(store, "a", [hourly]).look()
    with store.reading() as tx:
        assert tx.schedules.due(["hourly"], hourly.after(datetime.now(UTC))) == ("hourly",)
    assert not ran
