"""Where tests write: in memory, where there is enough of it.

Tests make some hundred thousand small files, most of them PostgreSQL's; on a disk that costs minutes. What a
disk has beyond this (that it fills up, that it is slow) tests make themselves.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
NEEDED_BYTES = 4 * 1024**3


def use_memory() -> None:
    """From now on pytest's temporary folders are in memory, unless a place was chosen."""
    if folder := in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


def in_memory() -> Path | None:
    """The folder in memory, if there is one with room."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < NEEDED_BYTES:
        return None
    return MEMORY
