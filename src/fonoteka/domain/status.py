"""How the running system is, as pages, the health endpoint and `doctor` show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SystemStatus:
    """`recording_calls` are calls being recorded now; `sealed_waiting` wait for the worker."""

    recorder_alive: bool
    worker_alive: bool
    recording_calls: int
    sealed_waiting: int
    failed: int
    sip_address: str
    disk_free_bytes: int
