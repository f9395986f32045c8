"""What every use case of accounts works on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from fonoteka.store import Store


def utc_now() -> datetime:
    """Now, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Accounts:
    """The first argument of each use case; threads may share it. A sign-in lasts `session_days`."""

    store: Store
    session_days: int = 30
    now: Callable[[], datetime] = utc_now
