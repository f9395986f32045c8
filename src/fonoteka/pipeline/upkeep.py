"""Keeps the tallies short and the days of sound counted, in a thread beside the worker's own work."""

from __future__ import annotations

import logging
import threading

from fonoteka.archive import Archive, count_sound, fold_tallies
from fonoteka.domain.errors import FonotekaError

log = logging.getLogger(__name__)

UPKEEP_S = 10.0


class Upkeep:
    """Looks every `UPKEEP_S` for what there is to do; a database that does not answer is asked next time."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        """Begin, with a look at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being done, which is bounded."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        wait_s = 0.0
        while not self._stopping.wait(wait_s):
            wait_s = UPKEEP_S
            try:
                fold_tallies(self._archive)
                # After an upgrade there may be years to count: at once, yet in parts.
                if count_sound(self._archive):
                    wait_s = 0.1
            except FonotekaError as error:
                log.warning("upkeep of the database has to wait: %s", error)
