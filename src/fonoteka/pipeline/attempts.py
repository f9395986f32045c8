"""How often a step of a recording ended its worker: what always does ends in `failed/`, not in a circle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fonoteka.domain.errors import WorkerCrashed

CRASHES_MAX = 5


@contextmanager
def one_attempt(work: Path, recording_id: str) -> Iterator[None]:
    """One try of a step. Raises `WorkerCrashed` when so many tries before had no end at all.

    Kept in a file beside the work, one byte a try: it needs neither database nor engine, and is of the host
    that crashed.
    """
    path = work / f"{recording_id}.attempts"
    tried = path.stat().st_size if path.exists() else 0
    if tried >= CRASHES_MAX:
        path.unlink()
        raise WorkerCrashed(f"Processing ended the worker {tried} times.")
    with path.open("ab") as file:
        file.write(b".")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
