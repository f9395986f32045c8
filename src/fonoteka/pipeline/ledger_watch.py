"""Looks for calls that should have a recording and have none."""

from __future__ import annotations

import logging

from fonoteka.archive import Archive, report_missing
from fonoteka.domain.errors import FonotekaError
from fonoteka.domain.ports import LiveCall, LiveControl

log = logging.getLogger(__name__)

LOOK_S = 10.0


def watch_ledger(archive: Archive, live: LiveControl | None = None) -> None:
    """Look once. `live` is the recorder whose calls in progress are not missing yet.

    Raises `StoreUnavailable`.
    """
    report_missing(archive, in_progress=_in_progress(live))


def _in_progress(live: LiveControl | None) -> tuple[LiveCall, ...]:
    try:
        return () if live is None else live.calls()
    except FonotekaError as error:
        log.debug("which calls are in progress is not known: %s", error)
        return ()
