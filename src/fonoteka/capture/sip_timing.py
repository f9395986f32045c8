"""Timers of SIP (RFC 3261 §17 table 4, RFC 4028), scaled by two parameters so that tests need not wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class Timer(Protocol):
    """A running timer."""

    def cancel(self) -> None:
        """Stop it; harmless when it has fired."""


class Scheduler(Protocol):
    """What runs timers: an asyncio loop, or a test's clock."""

    def time(self) -> float:
        """Monotonic seconds."""

    def call_later(self, delay: float, callback: Callable[[], object], /) -> Timer:
        """Call back after `delay` seconds."""


@dataclass(frozen=True, slots=True)
class SipTiming:
    """`t1_s` is the estimated round trip; `second_s` is how long a second of session timers lasts."""

    t1_s: float = 0.5
    second_s: float = 1.0

    @property
    def t2_s(self) -> float:
        """Longest interval between two repetitions."""
        return 8 * self.t1_s

    @property
    def t4_s(self) -> float:
        """How long a message may stay in the network."""
        return 10 * self.t1_s

    @property
    def give_up_s(self) -> float:
        """Timers F, H, J and L, and the wait for the ACK of a 2xx."""
        return 64 * self.t1_s


class Repeater:
    """Repeats an action T1, 2·T1, … up to T2 apart until stopped (timers E and G, 2xx by §13.3.1.4)."""

    def __init__(self, scheduler: Scheduler, timing: SipTiming, action: Callable[[], object]) -> None:
        self._scheduler = scheduler
        self._timing = timing
        self._action = action
        self._interval_s = timing.t1_s
        self._timer: Timer | None = scheduler.call_later(self._interval_s, self._fire)

    def slow_down(self) -> None:
        """From now on T2 apart: the other side has the request (RFC 3261 §17.1.2.2)."""
        self._interval_s = self._timing.t2_s

    def stop(self) -> None:
        """No more repetitions."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._interval_s = min(2 * self._interval_s, self._timing.t2_s)
        self._timer = self._scheduler.call_later(self._interval_s, self._fire)
        self._action()
