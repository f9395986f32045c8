"""Why calls are refused for want of room, and whose: what the worker tells the recorder, by a small file.

A recorder believes it only while it is fresh: when the worker is gone, calls are recorded and wait.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from fonoteka.domain.running import beat, last_beat

FILE_NAME = "refusing.json"
PLAN_FULL = "the storage plan is full"
CALLS_MAX_REACHED = "the recorder has as many calls as it may"
DISK_LOW = "the recorder's disk is nearly full"
SPOOL_AWAY = "the recorder cannot write its spool"
MEDIA_AWAY = "the recorder has no media port for it"
_FRESH = timedelta(minutes=2)


def tell_refusals(run_folder: Path, tenant_ids: Iterable[str]) -> None:
    """Write whose calls are refused from now on; to be told again within two minutes."""
    beat(run_folder / FILE_NAME, refusing=sorted(tenant_ids))


def told_refusals(run_folder: Path) -> frozenset[str]:
    """Whose calls are refused now; nobody's when nothing fresh is told. Never raises."""
    told = (last_beat(run_folder / FILE_NAME, dead_after=_FRESH) or {}).get("refusing")
    return frozenset(map(str, told)) if isinstance(told, list) else frozenset()
