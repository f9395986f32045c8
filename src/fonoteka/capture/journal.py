"""The journal of a spool folder: what was said in signalling, one JSON object a line, ASCII, append-only.

A line is an event: `at_ms` (since the recording was opened), `event` (its kind) and the kind's fields.
After `kill -9` the last line may be torn; a reader takes what is whole.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections import deque
from pathlib import Path
from typing import Any

from fonoteka.domain.errors import SpoolCorrupt

Event = dict[str, Any]

READ_BYTES_MAX = 64 * 1024 * 1024
"""Longer than any journal that we write (`spool` keeps to a quarter of it)."""


class Journal:
    """An open journal. Lines that could not be written stay in memory and go out with the next ones."""

    def __init__(self, path: Path) -> None:
        """Create the file (0600). Raises OSError, also when it is there already.

        While it is open it is locked: recovery leaves the folder alone.
        """
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        self._length = 0
        self._lines: deque[bytes] = deque()
        self._unwritten = b""

    def add(self, event: Event) -> int:
        """Take a line, which the next `commit` writes; never waits. Returns its length in bytes."""
        line = json.dumps(event, separators=(",", ":")).encode("ascii") + b"\n"
        self._lines.append(line)
        return len(line)

    def commit(self) -> None:
        """Bring all lines to the disk (fdatasync). One thread at a time.

        Raises OSError (disk full, input/output error); nothing is lost then, the next call tries again.
        """
        if self._descriptor < 0:
            return
        while self._lines:
            self._unwritten += self._lines.popleft()
        # At a position, not appended: half a line that a full disk left is overwritten by the next try.
        while self._unwritten:
            written = os.pwrite(self._descriptor, self._unwritten, self._length)
            self._length += written
            self._unwritten = self._unwritten[written:]
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Commit and close; the journal takes nothing more. Raises OSError, closed all the same."""
        try:
            self.commit()
        finally:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1


def read_journal(path: Path) -> list[Event]:
    """The whole lines of a journal in their order; torn or damaged lines are left out.

    Raises `SpoolCorrupt` when the file is missing or is no file of ours, OSError when it cannot be read.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise SpoolCorrupt("there is no journal") from error
    if size > READ_BYTES_MAX:
        raise SpoolCorrupt(f"a journal of {size} bytes")
    found = (_event(line) for line in path.read_bytes().split(b"\n")[:-1])
    return [event for event in found if event is not None]


def _event(line: bytes) -> Event | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    known = isinstance(event, dict) and isinstance(event.get("event"), str)
    return event if known and type(event.get("at_ms")) is int else None
