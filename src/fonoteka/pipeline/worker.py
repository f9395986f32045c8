"""The worker: watches for sealed folders and keeps the engine running."""

from __future__ import annotations

import logging
import os
import threading
import time

from fonoteka.domain.ids import is_id
from fonoteka.domain.running import HEARTBEAT_S, beat, only_one
from fonoteka.pipeline import engine, workflow
from fonoteka.pipeline.ledger_watch import LedgerWatch
from fonoteka.pipeline.metrics import WAITING
from fonoteka.pipeline.steps import Bench

log = logging.getLogger(__name__)

WATCH_S = 0.05
RETRY_FIRST_S, RETRY_MOST_S = 5.0, 300.0
STOP_PATIENCE_S = 20


class Worker:
    """Turns sealed spool folders into recordings until told to stop. Not thread-safe; one for a process."""

    def __init__(self, bench: Bench, work_database: str, concurrency: int) -> None:
        self._bench = bench
        self._work_database = work_database
        self._concurrency = concurrency
        self._stopping = threading.Event()
        self._next_try_at: dict[str, tuple[float, float]] = {}

    def run(self) -> None:
        """Work until `stop`. Raises `DataFolderInUse` when another worker has this data folder."""
        with only_one(self._bench.folder.run / "worker.lock"):
            workflow.bind(self._bench)
            engine.launch(self._work_database, self._concurrency)
            try:
                self._watch()
            finally:
                engine.stop(STOP_PATIENCE_S)

    def stop(self) -> None:
        """Ask `run` to return; safe in a signal handler."""
        self._stopping.set()

    def _watch(self) -> None:
        beat_at = 0.0
        ledger = LedgerWatch(self._bench.archive)
        while not self._stopping.wait(WATCH_S):
            now = time.monotonic()
            self._take_new(now)
            ledger.look(now)
            if now >= beat_at:
                beat_at = now + HEARTBEAT_S
                beat(self._bench.folder.run / "worker.json")

    def _take_new(self, now: float) -> None:
        present = {entry.name for entry in os.scandir(self._bench.folder.spool_sealed) if is_id(entry.name)}
        WAITING.set(len(present))
        for gone in self._next_try_at.keys() - present:
            del self._next_try_at[gone]
        for recording_id in sorted(present):
            try_at, pause_s = self._next_try_at.get(recording_id, (0.0, RETRY_FIRST_S))
            if now >= try_at:
                engine.submit(recording_id)
                self._next_try_at[recording_id] = (now + pause_s, min(2 * pause_s, RETRY_MOST_S))
