"""So many requests a minute from one address, for pages that need no sign-in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from fonoteka.domain.errors import SignInThrottled

_MINUTE_S = 60.0
_ADDRESSES_MAX = 10_000


class AddressLimit:
    """Counts by address within the running minute, in this process. Threads may share it."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._began = clock()
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def count(self, address: str) -> None:
        """One more request. Raises `SignInThrottled` once there were too many."""
        with self._lock:
            now = self._clock()
            if now - self._began >= _MINUTE_S or len(self._counts) >= _ADDRESSES_MAX:
                self._began, self._counts = now, {}
            self._counts[address] = count = self._counts.get(address, 0) + 1
            left_s = self._began + _MINUTE_S - now
        if count > self._per_minute:
            raise SignInThrottled(int(left_s) + 1)
