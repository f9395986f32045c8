"""DBOS, launched and stopped; its settings are those of docs/decisions/0004-durable-work.md."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy
from dbos import DBOS, DBOSConfig, SetWorkflowID

from fonoteka.pipeline import workflow

log = logging.getLogger(__name__)

QUEUE_POLL_S = 0.05
_UNFINISHED = frozenset({"ENQUEUED", "PENDING", "DELAYED"})
_FORGET_AFTER = timedelta(days=1)
_TOGETHER = 500


def launch(work_database: str, concurrency: int, worker_id: str, queue: str) -> None:
    """Start the engine on `work_database` (SQLAlchemy address), which unfinished work goes on from.

    `worker_id` is this process's own: with one id in two processes the engine does work twice. `queue` is
    that of the spool: only who sees a sealed folder can work on it.
    """
    config = DBOSConfig(
        name="fonoteka",
        # Pinned: by default every change of the sources would strand unfinished work.
        application_version="1",
        executor_id=worker_id,
        system_database_url=work_database,
        log_level="WARNING",
        console_log_level="WARNING",
        scheduler_polling_interval_sec=5,
    )
    if work_database.startswith("sqlite"):
        config["system_database_engine"] = _sqlite_engine(work_database)
    logging.getLogger("dbos").setLevel(logging.WARNING)
    DBOS(config=config)
    DBOS.listen_queues([queue])
    DBOS.launch()
    DBOS.register_queue(
        queue,
        worker_concurrency=concurrency or os.cpu_count() or 1,
        polling_interval_sec=QUEUE_POLL_S,
        on_conflict="always_update",
    )


def stop(patience_s: int) -> None:
    """Let running workflows end within `patience_s`; the rest is taken up at the next launch."""
    DBOS.destroy(workflow_completion_timeout_sec=patience_s)


def submit(recording_id: str, queue: str) -> None:
    """Process a sealed recording; one that is under way already is left alone.

    One that waits in another spool's queue was moved here with its disk, or is older than queues of spools.

    A folder that is (again) there although its workflow ended is taken from the beginning: every step
    may run twice, and a folder that stays is audio that nobody can hear.
    """
    status = DBOS.get_workflow_status(recording_id)
    if status is not None:
        if status.status in _UNFINISHED:
            if status.queue_name != queue:
                DBOS.resume_workflow(recording_id, queue_name=queue)
            return
        DBOS.delete_workflow(recording_id)
    with SetWorkflowID(recording_id):
        DBOS.enqueue_workflow(queue, workflow.process_recording, recording_id)


def take_over(worker_id: str) -> int:
    """Let what a dead worker had in hand go on, in the queues it came from; how much that was.

    May run twice. Should the worker live after all, the engine lets it do no further step.
    """
    left = DBOS.list_workflows(status="PENDING", executor_id=worker_id, load_input=False, load_output=False)
    for one in left:
        DBOS.resume_workflow(one.workflow_id, queue_name=one.queue_name)
    return len(left)


def forget_finished() -> None:
    """Remove what the engine remembers of work that ended a day ago; the archive knows the outcome."""
    before = (datetime.now(UTC) - _FORGET_AFTER).isoformat()
    ended = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
    while some := DBOS.list_workflows(
        status=ended, completed_before=before, limit=_TOGETHER, load_input=False, load_output=False
    ):
        DBOS.delete_workflows([one.workflow_id for one in some])


def _sqlite_engine(url: str) -> sqlalchemy.Engine:
    Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = sqlalchemy.create_engine(url, connect_args={"timeout": 30})

    @sqlalchemy.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if sqlite3.sqlite_version_info < (3, 42):
            # DBOS asks for unixepoch('subsec'), which older libraries (Debian 12) answer with NULL.
            connection.create_function("unixepoch", -1, _unixepoch)

    return engine


def _unixepoch(*modifiers: str) -> float | int | None:
    if modifiers == ("subsec",):
        return time.time()
    return int(time.time()) if modifiers in ((), ("now",)) else None
