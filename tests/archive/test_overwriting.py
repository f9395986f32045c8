"""Two at once never overwrite more than is needed; a kill in the middle of a sweep loses nothing."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from fonoteka.archive import (
    Archive,
    audit_storage,
    change_plan,
    change_retention,
    get_call,
    get_recording,
    place_legal_hold,
    register_call,
    retention_terms,
    shelve_recording,
    storage_overview,
    storage_plan,
    sweep_retention,
)
from fonoteka.domain.call import Call
from fonoteka.domain.errors import QuotaFull
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.retention import RetentionTerm, TermScope
from fonoteka.domain.storage_plan import WhenFull
from fonoteka.objects import ObjectStore
from fonoteka.store import Store
from tests.examples import NOON, actor, call

SIZE = 100_000
PEAKS = b"{}"


def new(folder: Path, minute: int) -> tuple[Call, Path]:
    one = call(started_at=NOON + timedelta(minutes=minute))
    file = folder / f"{one.id}.opus"
    file.write_bytes(one.id.encode().ljust(SIZE - len(PEAKS), b"\0"))
    return one, file


def shelve(archive: Archive, one: Call, file: Path) -> None:
    register_call(archive, one)
    shelve_recording(archive, replace(one.recordings[0], state=RecordingState.READY), file, PEAKS)


def limit(archive: Archive, quota: int | None, when_full: WhenFull = WhenFull.OVERWRITE_OLDEST) -> None:
    plan = replace(storage_plan(archive, actor()), quota_bytes=quota, when_full=when_full)
    change_plan(archive, actor(), plan, agreed=True)


def test_many_at_once_overwrite_exactly_what_is_needed(archive: Archive, tmp_path: Path) -> None:
    limit(archive, 20 * SIZE)
    some = [new(tmp_path, minute) for minute in range(40)]
    for one, file in some[:20]:
        shelve(archive, one, file)
    start = threading.Barrier(4)

    def work(mine: list[tuple[Call, Path]]) -> None:
        start.wait()
        for one, file in mine:
            shelve(archive, one, file)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, [some[20 + n :: 4] for n in range(4)]))
    assert storage_overview(archive, actor()).used.stored_bytes == 20 * SIZE
    states = [get_recording(archive, actor(), one.recordings[0].id).state for one, _ in some]
    assert states.count(RecordingState.DELETED) == 20
    assert len(list(archive.objects.list("default"))) == 2 * 20
    assert audit_storage(archive, safe_age=timedelta(0)).is_clean


def shelve_many(url: str, folder: Path, ids: list[str], start: Event) -> None:
    """A worker process: the recordings of these calls, each at once."""
    archive = Archive(Store.open(url), ObjectStore.open(folder / "objects"), folder / "cache", 5)
    known = [get_call(archive, actor(), one) for one in ids]
    start.wait()
    for one in known:
        ready = replace(one.recordings[0], state=RecordingState.READY)
        shelve_recording(archive, ready, folder / f"{one.id}.opus", PEAKS)
    archive.store.close()


def test_processes_at_once_overwrite_exactly_what_is_needed(
    archive: Archive, database_url: str, tmp_path: Path
) -> None:
    limit(archive, 20 * SIZE)
    some = [new(tmp_path, minute) for minute in range(40)]
    for one, file in some[:20]:
        shelve(archive, one, file)
    for one, _ in some[20:]:
        register_call(archive, one)
    archive.store.close()
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Event()
    workers = [
        spawn.Process(
            target=shelve_many, args=(database_url, tmp_path, [one.id for one, _ in some[20 + n :: 2]], start)
        )
        for n in range(2)
    ]
    for worker in workers:
        worker.start()
    start.set()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert storage_overview(archive, actor()).used.stored_bytes == 20 * SIZE
    states = [get_recording(archive, actor(), one.recordings[0].id).state for one, _ in some]
    assert states == [RecordingState.DELETED] * 20 + [RecordingState.READY] * 20
    assert audit_storage(archive, safe_age=timedelta(0)).is_clean


def test_a_disk_that_fills_up_is_freed_of_the_oldest_and_no_more(
    store: Store, tmp_path: Path, small_disk: Callable[[str], Path]
) -> None:
    disk = small_disk("4m")
    free_min = 1_000_000
    archive = Archive(
        store, ObjectStore.open(disk / "objects"), tmp_path / "cache", 5, disk_free_min_bytes=free_min
    )
    some = [new(tmp_path, minute) for minute in range(25)]
    for one, file in some:
        shelve(archive, one, file)
    free = shutil.disk_usage(disk).free
    assert free < 2 * free_min
    limit(archive, None, WhenFull.REFUSE)
    assert sweep_retention(archive).overwritten == 0, "the plan says no"
    limit(archive, None, WhenFull.OVERWRITE_OLDEST)
    held = some[0][0].recordings[0].id
    place_legal_hold(archive, actor(), "Иск", "суд", recording_ids=[held])
    swept = sweep_retention(archive)
    states = [get_recording(archive, actor(), one.recordings[0].id).state for one, _ in some]
    gone = states.count(RecordingState.DELETED)
    assert swept.overwritten == gone
    assert states == [RecordingState.READY, *[RecordingState.DELETED] * gone, *states[1 + gone :]]
    assert RecordingState.DELETED not in states[1 + gone :]
    assert gone == -(-(2 * free_min - free) // SIZE)
    assert get_recording(archive, actor(), some[1][0].recordings[0].id).removal_cause == "disk"
    assert shutil.disk_usage(disk).free >= 2 * free_min
    sweep_retention(archive)
    assert states == [get_recording(archive, actor(), one.recordings[0].id).state for one, _ in some]


def test_a_quota_lowered_below_use_takes_the_oldest_and_no_more(archive: Archive, tmp_path: Path) -> None:
    some = [new(tmp_path, minute) for minute in range(25)]
    for one, file in some:
        shelve(archive, one, file)
    limit(archive, 1_050_000)
    assert sweep_retention(archive).overwritten == 15
    states = [get_recording(archive, actor(), one.recordings[0].id).state for one, _ in some]
    assert states == [RecordingState.DELETED] * 15 + [RecordingState.READY] * 10
    gone = get_recording(archive, actor(), some[0][0].recordings[0].id)
    assert (gone.removal_cause, gone.removal_detail) == ("plan", "quota_bytes=1050000")
    assert sweep_retention(archive).overwritten == 0


def test_what_does_not_fit_waits_and_fits_later(archive: Archive, tmp_path: Path) -> None:
    limit(archive, 1_000_000, WhenFull.REFUSE)
    some = [new(tmp_path, minute) for minute in range(11)]
    for one, file in some[:10]:
        shelve(archive, one, file)
    assert storage_overview(archive, actor()).refuses
    with pytest.raises(QuotaFull):
        shelve(archive, *some[10])
    assert storage_overview(archive, actor()).used.stored_bytes == 10 * SIZE
    limit(archive, None)
    shelve(archive, *some[10])
    assert not storage_overview(archive, actor()).refuses
    assert storage_overview(archive, actor()).used.stored_bytes == 11 * SIZE


def test_orphans_and_losses_are_found_and_mended(archive: Archive, tmp_path: Path) -> None:
    one, file = new(tmp_path, 0)
    shelve(archive, one, file)
    known = get_recording(archive, actor(), one.recordings[0].id)
    assert known.object_key is not None
    archive.objects.put("default/2026/01/01/nobody/audio.opus", b"stray")
    kept = b"".join(archive.objects.read(known.object_key))
    archive.objects.delete(known.object_key)
    told = audit_storage(archive, safe_age=timedelta(0))
    assert (told.counts["orphan"], told.counts["missing"], told.repaired) == (1, 1, 0)
    assert audit_storage(archive).counts["orphan"] == 0, "a young one may be on its way"
    assert audit_storage(archive, repair=True, safe_age=timedelta(0)).repaired == 2
    assert list(archive.objects.list("quarantine")) == ["quarantine/default/2026/01/01/nobody/audio.opus"]
    assert storage_overview(archive, actor()).used.stored_bytes == 0
    marked = get_recording(archive, actor(), known.id)
    assert (marked.state, marked.error_code) == (RecordingState.READY, "object.missing")
    archive.objects.put(known.object_key, kept)
    audit_storage(archive, repair=True)
    assert storage_overview(archive, actor()).used.stored_bytes == SIZE
    assert audit_storage(archive, safe_age=timedelta(0)).is_clean


def sweep_until_killed(url: str, folder: Path) -> None:
    archive = Archive(Store.open(url), ObjectStore.open(folder / "objects"), folder / "cache", 5)
    (folder / "sweeping").touch()
    sweep_retention(archive)


def test_a_sweep_killed_anywhere_is_finished_by_the_next(
    archive: Archive, database_url: str, tmp_path: Path
) -> None:
    some = [new(tmp_path, minute) for minute in range(30)]
    for one, file in some:
        shelve(archive, one, file)
    plan = replace(storage_plan(archive, actor()), bin_days=0)
    change_plan(archive, actor(), plan, agreed=True)
    terms = replace(
        retention_terms(archive, actor()),
        terms=(RetentionTerm(TermScope.TENANT, delete_after_days=1),),
    )
    change_retention(archive, actor(), terms, agreed=True)
    spawn = multiprocessing.get_context("spawn")
    for pause_s in (0.02, 0.1):
        sweeper = spawn.Process(target=sweep_until_killed, args=(database_url, tmp_path))
        sweeper.start()
        while not (tmp_path / "sweeping").exists() and sweeper.is_alive():
            time.sleep(0.005)
        time.sleep(pause_s)
        if sweeper.pid is not None and sweeper.is_alive():
            os.kill(sweeper.pid, signal.SIGKILL)
        sweeper.join()
        (tmp_path / "sweeping").unlink(missing_ok=True)
    archive.store.close()
    while sweep_retention(archive).emptied:
        pass
    states = {get_recording(archive, actor(), one.recordings[0].id).state for one, _ in some}
    assert states == {RecordingState.DELETED}
    assert storage_overview(archive, actor()).used.stored_bytes == 0
    assert list(archive.objects.list("default")) == []
    assert audit_storage(archive, safe_age=timedelta(0)).is_clean
