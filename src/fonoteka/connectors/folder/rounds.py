"""Something that is looked at again and again, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod

from fonoteka.connectors.folder import metrics
from fonoteka.connectors.folder.report import Problem
from fonoteka.domain.errors import FonotekaError

_SHARE_OF_TIME = 0.1
"""What is large takes long to look at; looking then takes at most this share of the time."""
_LOGGED_MAX = 10_000

_log = logging.getLogger(__name__)


class Rounds(ABC):
    """Looks every `poll_s`; errors are logged, and the next round tries again."""

    def __init__(self, name: str, poll_s: float) -> None:
        self.name, self._poll_s = name, poll_s
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name=name, daemon=True)
        self._logged: set[str] = set()

    @abstractmethod
    def look(self) -> object:
        """One round. May raise any of our errors, and OSError."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, patience_s: float = 20.0) -> None:
        """End after what is in hand."""
        self.stopping.set()
        if self._thread.is_alive():
            self._thread.join(patience_s)

    def run(self) -> None:
        """Look until `stop`."""
        while True:
            began = time.monotonic()
            try:
                self.look()
            except (FonotekaError, OSError) as error:
                metrics.FAILURES.inc()
                self.warn(Problem("", "watch", str(error)))
            took_s = time.monotonic() - began
            if self.stopping.wait(max(self._poll_s, took_s / _SHARE_OF_TIME)):
                return

    def warn(self, problem: Problem) -> None:
        """Say it once, not with every look."""
        said = f"{problem.path}\n{problem.code}\n{problem.detail}"
        if said not in self._logged:
            if len(self._logged) >= _LOGGED_MAX:
                self._logged.clear()
            self._logged.add(said)
            _log.warning("%s: %r left out (%s): %s", self.name, problem.path, problem.code, problem.detail)
