"""A full plan: how many recordings a second are stored over the oldest, and what asking for room costs.

Four threads store into a tenant whose quota 2,000 recordings use up, on SQLite and a folder, each object
and row synced; beside them the same without a quota, and the bare durable steps of it on the same disk: a
folder of two files written, another removed, and three commits.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bench.report import report
from fonoteka.archive import (
    Archive,
    change_plan,
    register_call,
    shelve_recording,
    storage_overview,
    storage_plan,
)
from fonoteka.archive.room import check_room
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.storage_plan import WhenFull
from fonoteka.objects import ObjectStore
from fonoteka.store import Store
from tests.examples import NOON, actor, call

STORED = 2_000
NEW = 400
THREADS = 4
SIZE = 2_000
PEAKS = b"{}"


def store(archive: Archive, file: Path, minute: int) -> None:
    one = call(started_at=NOON + timedelta(minutes=minute))
    register_call(archive, one)
    shelve_recording(archive, replace(one.recordings[0], state=RecordingState.READY), file, PEAKS)


def rate(archive: Archive, file: Path, first: int) -> float:
    """Recordings a second."""
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda n: store(archive, file, n), range(first, first + NEW)))
    return NEW / (time.perf_counter() - began)


class Bare:
    """Nothing but what must reach the disk for one recording stored over another."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir()
        self._turn = threading.Lock()
        self._rows = sqlite3.connect(root / "rows.sqlite3", isolation_level=None, check_same_thread=False)
        self._rows.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE r (x)")

    def store(self, number: int) -> None:
        self._commit()
        folder = self._root / str(number)
        folder.mkdir()
        for name, size in (("audio", SIZE), ("peaks", len(PEAKS))):
            (folder / name).write_bytes(bytes(size))
            sync(folder / name)
        sync(folder)
        sync(self._root)
        self._commit()
        shutil.rmtree(folder)
        sync(self._root)
        self._commit()

    def _commit(self) -> None:
        with self._turn:
            self._rows.execute("INSERT INTO r VALUES (?)", (bytes(500),))

    def close(self) -> None:
        self._rows.close()


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def bare_rate(root: Path) -> float:
    """What the disk alone allows, in recordings a second."""
    bare = Bare(root)
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(bare.store, range(NEW)))
    took = time.perf_counter() - began
    bare.close()
    return NEW / took


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        opened = Store.open(f"sqlite:///{root / 'bench.sqlite3'}")
        opened.migrate()
        archive = Archive(opened, ObjectStore.open(root / "objects"), root / "cache", 5)
        file = root / "audio.opus"
        file.write_bytes(bytes(SIZE - len(PEAKS)))
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda n: store(archive, file, n), range(STORED)))
        free = rate(archive, file, STORED)
        used = storage_overview(archive, actor()).used.stored_bytes
        plan = replace(storage_plan(archive, actor()), quota_bytes=used, when_full=WhenFull.OVERWRITE_OLDEST)
        change_plan(archive, actor(), plan, agreed=True)
        over = rate(archive, file, STORED + NEW)
        bare = bare_rate(root / "bare")
        after = storage_overview(archive, actor()).used.stored_bytes
        asked = []
        for _ in range(500):
            with archive.store.reading() as tx:
                began = time.perf_counter()
                check_room(tx, "default", SIZE)
                asked.append(1000 * (time.perf_counter() - began))
        report(
            "overwrite",
            {
                "overwriting_per_s": over,
                "storing_per_s": free,
                "share_of_storing": over / free,
                "bare_disk_per_s": bare,
                "share_of_bare_disk": over / bare,
                "quota_check_p50_ms": statistics.median(asked),
                "bytes_over_quota": float(after - used),
            },
            {
                "overwriting_per_s": (">=", 50.0),
                "quota_check_p50_ms": ("<=", 1.0),
                "bytes_over_quota": ("<=", 0.0),
            },
            {
                "storing_per_s": "the same without a quota",
                "bare_disk_per_s": "the durable steps alone",
                "quota_check_p50_ms": "with the quota used up",
            },
        )
        opened.close()


if __name__ == "__main__":
    main()
