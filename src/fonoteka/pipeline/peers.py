"""The workers of an installation among each other: each shows that it lives, and the dead have an heir.

docs/decisions/0016-several-workers.md
"""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fonoteka.domain.errors import FonotekaError
from fonoteka.pipeline.metrics import TAKEN_OVER
from fonoteka.store import Store

log = logging.getLogger(__name__)

BEAT_S = 2.5
DEAD_AFTER_S = 15.0
_LOOKS_MIN = 4
"""Dead is only who was seen not counting in so many looks: a database that was away stops them all."""


@dataclass(slots=True)
class _Seen:
    beats: int
    since: float
    looks: int = 0


class Peers:
    """This worker's heartbeat and its eye on the others."""

    def __init__(
        self,
        store: Store,
        worker_id: str,
        folder: Path,
        take_over: Callable[[str], int],
        dead_after_s: float = DEAD_AFTER_S,
    ) -> None:
        """`folder` holds a lock for each worker of this machine's data folder. `take_over` gets a dead
        worker's id, tells how many recordings go on, and may run twice."""
        self._store = store
        self._worker_id = worker_id
        self._folder = folder
        self._take_over = take_over
        self._dead_after_s = dead_after_s
        self._seen: dict[str, _Seen] = {}

    @contextmanager
    def present(self) -> Iterator[None]:
        """Be known to the others for the length of the block."""
        self._folder.mkdir(exist_ok=True, mode=0o700)
        path = self._lock_of(self._worker_id)
        # The row stays at the end, for not all work may be done; the lock's coming free tells the heir.
        with path.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._beat()
            yield

    def look(self, now: float) -> None:
        """Beat, and become the heir of whoever is dead; `now` is monotonic. Raises `StoreUnavailable`."""
        try:
            self._beat()
            with self._store.reading() as tx:
                counted = tx.workers.beats()
        except FonotekaError:
            self._seen.clear()  # what was not seen is no sign of death
            raise
        self._seen = {one: self._look_at(one, beats, now) for one, beats in counted.items()}
        for one, seen in self._seen.items():
            if one != self._worker_id and self._is_dead(one, seen, now):
                self._inherit(one, seen)

    def _beat(self) -> None:
        with self._store.transaction() as tx:
            tx.workers.beat(self._worker_id, datetime.now(UTC))

    def _look_at(self, worker_id: str, beats: int, now: float) -> _Seen:
        seen = self._seen.get(worker_id)
        if seen is None or seen.beats != beats:
            return _Seen(beats, now)
        seen.looks += 1
        return seen

    def _is_dead(self, worker_id: str, seen: _Seen, now: float) -> bool:
        return self._left_its_lock(worker_id) or (
            now - seen.since >= self._dead_after_s and seen.looks >= _LOOKS_MIN
        )

    def _left_its_lock(self, worker_id: str) -> bool:
        """Whether it worked on this data folder and the kernel took its lock back: known dead at once."""
        try:
            with self._lock_of(worker_id).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, FileNotFoundError):
            return False
        return True

    def _inherit(self, dead_id: str, seen: _Seen) -> None:
        with self._store.transaction() as tx:
            if not tx.workers.inherit(dead_id, seen.beats, self._worker_id):
                return
        # Removed last: an heir that dies before is inherited from like any other.
        taken = self._take_over(dead_id)
        if taken:
            TAKEN_OVER.inc(taken)
            log.warning("worker %s died over %d recordings; they go on", dead_id, taken)
        with self._store.transaction() as tx:
            tx.workers.remove(dead_id)
        self._lock_of(dead_id).unlink(missing_ok=True)

    def _lock_of(self, worker_id: str) -> Path:
        return self._folder / f"{worker_id}.lock"


class Rounds:
    """Looks at something every `every_s` in a thread of its own; a database that is away is waited for."""

    def __init__(self, look: Callable[[float], None], every_s: float) -> None:
        self._look = look
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rounds", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, patience_s: float) -> None:
        """End after what is in hand."""
        self._stopping.set()
        self._thread.join(patience_s)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                self._look(time.monotonic())
            except FonotekaError as error:
                log.warning("the database is waited for: %s", error)
