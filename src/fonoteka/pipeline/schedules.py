"""What runs by the clock: once for each tick over all workers, again where a worker died at it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fonoteka.domain.errors import FonotekaError
from fonoteka.pipeline.metrics import SCHEDULE_RUNS
from fonoteka.store import Store

log = logging.getLogger(__name__)

LOOK_S = 1.0
RETRY_S = 60.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """A use case every `every_s`, `offset_s` after whole multiples of it since 1970 (UTC).

    Nightly at 02:30 UTC is `Schedule("…", 86_400, …, offset_s=9_000)`. Ticks that nobody was there for
    become one. A use case may run twice, for its worker may die after it and before that is written down;
    when it raises, it is tried again after a minute at most.
    """

    name: str
    every_s: float
    use_case: Callable[[], object]
    offset_s: float = 0.0

    def after(self, now: datetime) -> datetime:
        """The first tick after `now`."""
        passed = (now.timestamp() - self.offset_s) // self.every_s
        return datetime.fromtimestamp((passed + 1) * self.every_s + self.offset_s, UTC)


class Scheduler:
    """Runs what is due, each in a thread of its own. One for a process."""

    def __init__(self, store: Store, worker_id: str, schedules: Sequence[Schedule]) -> None:
        self._store = store
        self._worker_id = worker_id
        self._schedules = {one.name: one for one in schedules}
        self._is_known = False
        self._running: set[threading.Thread] = set()

    def look(self) -> None:
        """Start what is due and nobody is at. Raises `StoreUnavailable`."""
        now = datetime.now(UTC)
        self._running = {thread for thread in self._running if thread.is_alive()}
        if not self._is_known:
            with self._store.transaction() as tx:
                for one in self._schedules.values():
                    tx.schedules.ensure(one.name, one.after(now))
            self._is_known = True
        with self._store.reading() as tx:
            due = tx.schedules.due(tuple(self._schedules), now)
        for name in due:
            with self._store.transaction() as tx:
                claimed = tx.schedules.claim(name, now, self._worker_id)
            if claimed:
                thread = threading.Thread(target=self._run, args=(self._schedules[name],), daemon=True)
                self._running.add(thread)
                thread.start()

    def stop(self, patience_s: float) -> None:
        """Wait for what runs; the rest is run again by another worker once this one is removed."""
        give_up_at = time.monotonic() + patience_s
        for thread in self._running:
            thread.join(max(0.0, give_up_at - time.monotonic()))

    def _run(self, one: Schedule) -> None:
        outcome = "failed"
        try:
            one.use_case()
            outcome = "done"
        except FonotekaError as error:
            log.warning("%s is tried again: %s", one.name, error)
        finally:
            SCHEDULE_RUNS.labels(one.name, outcome).inc()
            now = datetime.now(UTC)
            next_at = one.after(now)
            if outcome == "failed":
                next_at = min(next_at, now + timedelta(seconds=RETRY_S))
            self._finish(one, next_at)

    def _finish(self, one: Schedule, next_at: datetime) -> None:
        """Write down that it ran, however long the database is away."""
        while True:
            try:
                with self._store.transaction() as tx:
                    return tx.schedules.finish(one.name, self._worker_id, next_at)
            except FonotekaError as error:
                log.warning("that %s ran cannot be written down yet: %s", one.name, error)
                time.sleep(LOOK_S)
