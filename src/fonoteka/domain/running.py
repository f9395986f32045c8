"""Proofs of life in the data folder: a lock, so that one only runs; a heartbeat, so that others see it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fonoteka.domain.errors import DataFolderInUse

HEARTBEAT_S = 2.0
_DEAD_AFTER = timedelta(seconds=4 * HEARTBEAT_S)


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; the kernel gives it back however the process ends.

    Raises `DataFolderInUse` when another process holds it.
    """
    with _held(path, fcntl.LOCK_EX):
        yield


@contextmanager
def one_of_several(path: Path) -> Iterator[None]:
    """Hold the lock file `path` together with others that do so; it keeps `only_one` away."""
    with _held(path, fcntl.LOCK_SH):
        yield


@contextmanager
def _held(path: Path, how: int) -> Iterator[None]:
    with path.open("a") as file:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataFolderInUse(
                f"Another Fonoteka works on {path.parent.parent}: end it, or name another folder with --data."
            ) from error
        yield


def beat(path: Path, **facts: object) -> None:
    """Write a heartbeat with `facts`; call it every `HEARTBEAT_S`."""
    making = path.with_suffix(f".{os.getpid()}")
    making.write_text(json.dumps({"at": datetime.now(UTC).isoformat(), "pid": os.getpid(), **facts}))
    making.replace(path)


def last_beat(path: Path, dead_after: timedelta = _DEAD_AFTER) -> dict[str, object] | None:
    """The facts of the heartbeat at `path`; None when there is none or it is too old to believe."""
    try:
        facts = json.loads(path.read_text())
        fresh = datetime.now(UTC) - datetime.fromisoformat(facts["at"]) < dead_after
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return facts if fresh else None
