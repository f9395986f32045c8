"""The durable workflow of a recording. Workflow id = recording id, so that a folder met twice joins."""

from __future__ import annotations

import logging

from dbos import DBOS

from fonoteka.domain.errors import (
    AudioTooLong,
    CodecUnknown,
    QuotaFull,
    SpoolCorrupt,
    WireMalformed,
    WorkerCrashed,
)
from fonoteka.pipeline import steps
from fonoteka.pipeline.attempts import one_attempt
from fonoteka.pipeline.metrics import RECORDINGS, STEP_SECONDS
from fonoteka.pipeline.steps import Bench

log = logging.getLogger(__name__)

WORKFLOW_NAME = "process_recording"

# What no repetition mends; everything else (a full disk, a locked database) is tried again.
_FINAL = (SpoolCorrupt, CodecUnknown, AudioTooLong, WireMalformed, WorkerCrashed)

_bench: Bench | None = None


def bind(bench: Bench) -> None:
    """Say what the steps work with; once for a process, before the engine is launched."""
    global _bench
    _bench = bench


def _tools() -> Bench:
    if _bench is None:
        raise RuntimeError("bind() comes before the first workflow")
    return _bench


def _again(error: BaseException) -> bool:
    return not isinstance(error, (*_FINAL, QuotaFull))


@DBOS.step(retries_allowed=True, interval_seconds=0.5, max_attempts=6, should_retry=_again)
def register(recording_id: str) -> str | None:
    """Make the call known; whether to go on. None is the answer of a version that always did."""
    with STEP_SECONDS.labels("register").time(), one_attempt(_tools().folder.work, recording_id):
        return steps.register(_tools(), recording_id)


@DBOS.step(retries_allowed=True, interval_seconds=0.5, max_attempts=6, should_retry=_again)
def encode(recording_id: str) -> None:
    """Assemble and encode into the work folder."""
    with STEP_SECONDS.labels("encode").time(), one_attempt(_tools().folder.work, recording_id):
        steps.encode(_tools(), recording_id)


@DBOS.step(retries_allowed=True, interval_seconds=0.5, max_attempts=6, should_retry=_again)
def shelve(recording_id: str) -> None:
    """Objects, then the row."""
    with STEP_SECONDS.labels("shelve").time(), one_attempt(_tools().folder.work, recording_id):
        steps.shelve(_tools(), recording_id)


@DBOS.step(retries_allowed=True, interval_seconds=0.5, max_attempts=6)
def sweep(recording_id: str) -> None:
    """Remove the spool folder."""
    with STEP_SECONDS.labels("sweep").time():
        steps.sweep(_tools(), recording_id)


@DBOS.step(retries_allowed=True, interval_seconds=0.5, max_attempts=6)
def set_aside(recording_id: str, code: str) -> None:
    """Keep what cannot be processed."""
    steps.set_aside(_tools(), recording_id, code)


@DBOS.workflow(name=WORKFLOW_NAME)
def process_recording(recording_id: str) -> None:
    """Take one sealed folder to a playable recording, or to a call that is listed without one."""
    try:
        registered = register(recording_id)
        if registered not in (None, steps.PROCESS):
            if registered != steps.WAITING:
                RECORDINGS.labels(registered).inc()
            return
        encode(recording_id)
        shelve(recording_id)
        sweep(recording_id)
    except QuotaFull as error:
        # The folder stays sealed; the worker comes back to it, less and less often.
        log.warning("recording %s waits in the spool: %s", recording_id, error)
        RECORDINGS.labels("waiting").inc()
    except _FINAL as error:
        set_aside(recording_id, error.code)
        RECORDINGS.labels("failed").inc()
    else:
        RECORDINGS.labels("processed").inc()
