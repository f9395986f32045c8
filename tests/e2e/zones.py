"""A time zone in which it is about noon, so that no test meets midnight."""

from __future__ import annotations

from datetime import UTC, datetime


def _noon() -> str:
    ahead = 12 - datetime.now(UTC).hour
    # The sign of these zones is the other way round (POSIX).
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


NOON = _noon()
