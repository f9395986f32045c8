"""The worker: watches for sealed folders and keeps the engine running."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from fonoteka.archive import refusing_tenants
from fonoteka.domain.errors import SpoolCorrupt
from fonoteka.domain.ids import is_id
from fonoteka.domain.refusals import tell_refusals
from fonoteka.domain.running import HEARTBEAT_S, beat, one_of_several
from fonoteka.domain.sealed import KEPT_NAME
from fonoteka.pipeline import engine, workflow
from fonoteka.pipeline.metrics import ON_DEMAND, WAITING
from fonoteka.pipeline.peers import BEAT_S, Peers, Rounds
from fonoteka.pipeline.schedules import LOOK_S, Schedule, Scheduler
from fonoteka.pipeline.speech_desk import SpeechDesk
from fonoteka.pipeline.spooled import read_manifest
from fonoteka.pipeline.steps import Bench
from fonoteka.pipeline.wanted import asked_until
from fonoteka.settings import DataFolder

log = logging.getLogger(__name__)

WATCH_S = 0.05
ASKED_S = 0.5
"""How often an on-demand recording is looked at that waits to be asked for."""
RETRY_FIRST_S, RETRY_MOST_S = 5.0, 300.0
STOP_PATIENCE_S = 20
SPEECH_PATIENCE_S = 2
TELL_REFUSALS_S = 2.0


class Worker:
    """Turns sealed spool folders into recordings until told to stop. Not thread-safe; one for a process.

    Several may work on one data folder, and on data folders of their own with one database.
    """

    def __init__(
        self,
        bench: Bench,
        work_database: str,
        concurrency: int,
        schedules: Sequence[Schedule] = (),
        speech: SpeechDesk | None = None,
    ) -> None:
        self._speech = speech
        self._waiting = 0
        self._bench = bench
        self._work_database = work_database
        self._concurrency = concurrency
        self._id = f"{socket.gethostname()}-{uuid.uuid4()}"
        store = bench.archive.store
        self._peers = Peers(store, self._id, bench.folder.run / "workers", engine.take_over)
        forget = Schedule("forget_finished_work", 86_400, engine.forget_finished, offset_s=10_800)
        self._scheduler = Scheduler(store, self._id, (*schedules, forget))
        self._queue = ""
        self._stopping = threading.Event()
        self._next_try_at: dict[str, tuple[float, float]] = {}
        self._asked_until: dict[str, datetime | None] = {}

    def run(self) -> None:
        """Work until `stop`. Raises `DataFolderInUse` while this data folder's database is copied."""
        with one_of_several(self._bench.folder.run / "worker.lock"), self._peers.present():
            workflow.bind(self._bench)
            self._queue = spool_queue(self._bench.folder)
            engine.launch(self._work_database, self._concurrency, self._id, self._queue)
            rounds = (
                Rounds(self._peers.look, BEAT_S),
                Rounds(lambda _now: self._scheduler.look(), LOOK_S),
                Rounds(self._tell_refusals, TELL_REFUSALS_S),
            )
            for one in rounds:
                one.start()
            if self._speech is not None:
                self._speech.start(lambda: self._waiting > 0)
            try:
                self._watch()
            finally:
                if self._speech is not None:
                    self._speech.stop(SPEECH_PATIENCE_S)
                engine.stop(STOP_PATIENCE_S)
                for one in rounds:
                    one.stop(STOP_PATIENCE_S)
                self._scheduler.stop(STOP_PATIENCE_S)

    def stop(self) -> None:
        """Ask `run` to return; safe in a signal handler."""
        self._stopping.set()

    def _tell_refusals(self, _now: float) -> None:
        tell_refusals(self._bench.folder.run, refusing_tenants(self._bench.archive))

    def _watch(self) -> None:
        beat_at = 0.0
        while not self._stopping.wait(WATCH_S):
            now = time.monotonic()
            self._take_new(now)
            if now >= beat_at:
                beat_at = now + HEARTBEAT_S
                beat(self._bench.folder.run / "worker.json")

    def _take_new(self, now: float) -> None:
        present = {entry.name for entry in os.scandir(self._bench.folder.spool_sealed) if is_id(entry.name)}
        for gone in self._asked_until.keys() - present:
            del self._asked_until[gone]
            self._next_try_at.pop(gone, None)
        for recording_id in sorted(present):
            try_at, pause_s = self._next_try_at.get(recording_id, (0.0, RETRY_FIRST_S))
            if now < try_at:
                continue
            if self._waits(recording_id):
                self._next_try_at[recording_id] = (now + ASKED_S, RETRY_FIRST_S)
            else:
                engine.submit(recording_id, self._queue)
                self._next_try_at[recording_id] = (now + pause_s, min(2 * pause_s, RETRY_MOST_S))
        asked = sum(until is not None for until in self._asked_until.values())
        ON_DEMAND.set(asked)
        self._waiting = len(present) - asked
        WAITING.set(self._waiting)

    def _waits(self, recording_id: str) -> bool:
        """Whether somebody may still ask for an on-demand recording; so long it takes no place in the queue.

        Known from folder and clock alone, so a restart changes nothing.
        """
        folder = self._bench.folder.spool_sealed / recording_id
        if recording_id not in self._asked_until:
            try:
                self._asked_until[recording_id] = asked_until(read_manifest(folder))
            except (SpoolCorrupt, OSError):
                self._asked_until[recording_id] = None  # the workflow deals with it
        until = self._asked_until[recording_id]
        if until is None:
            return False
        if datetime.now(UTC) < until and not (folder / KEPT_NAME).exists():
            return True
        self._asked_until[recording_id] = None
        return False


def spool_queue(folder: DataFolder) -> str:
    """The queue of this data folder's spool; workers elsewhere do not see its folders and leave it alone."""
    path = folder.spool_queue
    if not path.exists():
        making = path.with_suffix(f".{os.getpid()}")
        making.write_text(f"recordings-{uuid.uuid4()}\n")
        with contextlib.suppress(FileExistsError):
            os.link(making, path)  # whoever is first, all have the same
        making.unlink()
    return path.read_text().strip()
