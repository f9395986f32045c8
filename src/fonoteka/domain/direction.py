"""Where a call went."""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    """Where a call went, seen from the company."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    INTERNAL = "internal"
    UNKNOWN = "unknown"
