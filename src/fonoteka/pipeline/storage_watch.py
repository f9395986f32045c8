"""Keeps the storage in order beside the worker: sweeps, and tells the recorder whose plan is full."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from fonoteka.archive import Archive, refusing_tenants, sweep_retention
from fonoteka.domain.errors import FonotekaError
from fonoteka.domain.refusals import tell_refusals

log = logging.getLogger(__name__)

TELL_S = 2.0
SWEEP_S = 60.0


class StorageWatch:
    """A thread of its own: a sweep of a million recordings must not keep new ones waiting."""

    def __init__(self, archive: Archive, run_folder: Path) -> None:
        self._archive = archive
        self._run_folder = run_folder
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(self.tell, TELL_S), daemon=True),
            threading.Thread(target=self._repeat, args=(self.sweep, SWEEP_S), daemon=True),
        ]

    def start(self) -> None:
        """Begin."""
        for one in self._threads:
            one.start()

    def stop(self, patience_s: float) -> None:
        """End; a sweep that is still under way is cut, which does no harm."""
        self._stopping.set()
        for one in self._threads:
            one.join(patience_s)

    def tell(self) -> None:
        """Tell the recorder whose new calls are refused. Raises `StoreUnavailable`."""
        tell_refusals(self._run_folder, refusing_tenants(self._archive))

    def sweep(self) -> None:
        """One sweep. Raises `ObjectsUnavailable`, `StoreUnavailable`."""
        sweep_retention(self._archive)

    def _repeat(self, do: Callable[[], None], every_s: float) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                do()
            except (FonotekaError, OSError) as error:
                log.warning("the storage could not be looked after: %s", error)
            self._stopping.wait(max(0.0, every_s - (time.monotonic() - began)))
