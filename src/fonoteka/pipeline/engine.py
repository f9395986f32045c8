"""DBOS, launched and stopped; its settings are those of docs/decisions/0004-durable-work.md."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy
from dbos import DBOS, DBOSConfig, SetWorkflowID

from fonoteka.pipeline import workflow

log = logging.getLogger(__name__)

QUEUE = "recordings"
QUEUE_POLL_S = 0.05
_UNFINISHED = frozenset({"ENQUEUED", "PENDING", "DELAYED"})


def launch(work_database: str, concurrency: int) -> None:
    """Start the engine on `work_database` (SQLAlchemy address); unfinished work goes on by itself.

    One worker per data folder: the executor id is constant, so that a restart takes up what a killed
    predecessor left (the folder's lock keeps a second worker away).
    """
    config = DBOSConfig(
        name="fonoteka",
        # Pinned: by default every change of the sources would strand unfinished work.
        application_version="1",
        executor_id="worker",
        system_database_url=work_database,
        log_level="WARNING",
        console_log_level="WARNING",
        scheduler_polling_interval_sec=5,
    )
    if work_database.startswith("sqlite"):
        config["system_database_engine"] = _sqlite_engine(work_database)
    logging.getLogger("dbos").setLevel(logging.WARNING)
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue(
        QUEUE,
        worker_concurrency=concurrency or os.cpu_count() or 1,
        polling_interval_sec=QUEUE_POLL_S,
        on_conflict="always_update",
    )


def stop(patience_s: int) -> None:
    """Let running workflows end within `patience_s`; the rest is taken up at the next launch."""
    DBOS.destroy(workflow_completion_timeout_sec=patience_s)


def submit(recording_id: str) -> None:
    """Process a sealed recording; one that is under way already is left alone.

    A folder that is (again) there although its workflow ended is taken from the beginning: every step
    may run twice, and a folder that stays is audio that nobody can hear.
    """
    status = DBOS.get_workflow_status(recording_id)
    if status is not None:
        if status.status in _UNFINISHED:
            return
        DBOS.delete_workflow(recording_id)
    with SetWorkflowID(recording_id):
        DBOS.enqueue_workflow(QUEUE, workflow.process_recording, recording_id)


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
