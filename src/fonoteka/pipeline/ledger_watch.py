"""Looks for calls that should have a recording and have none."""

from __future__ import annotations

import logging

from fonoteka.archive import Archive, report_missing
from fonoteka.domain.errors import FonotekaError
from fonoteka.domain.ports import LiveCall, LiveControl

log = logging.getLogger(__name__)

LOOK_S = 10.0


class LedgerWatch:
    """Asks the ledger every `LOOK_S`; a database that does not answer is asked again next time."""

    def __init__(self, archive: Archive, live: LiveControl | None = None) -> None:
        """`live` is the recorder whose calls in progress are not missing yet."""
        self._archive = archive
        self._live = live
        self._look_at = 0.0

    def look(self, now: float) -> None:
        """Look if it is time, by the monotonic clock. Never raises for the database's sake."""
        if now < self._look_at:
            return
        self._look_at = now + LOOK_S
        try:
            report_missing(self._archive, in_progress=self._in_progress())
        except FonotekaError as error:
            log.warning("the ledger could not be looked at: %s", error)

    def _in_progress(self) -> tuple[LiveCall, ...]:
        try:
            return () if self._live is None else self._live.calls()
        except FonotekaError as error:
            log.debug("which calls are in progress is not known: %s", error)
            return ()
