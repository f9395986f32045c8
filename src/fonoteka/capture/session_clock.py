"""The running session timer of one dialog (RFC 4028 §10)."""

from __future__ import annotations

from collections.abc import Callable

from fonoteka.capture.session_timer import SessionTimer
from fonoteka.capture.sip_timing import Scheduler, SipTiming, Timer


class SessionClock:
    """Calls `on_expired` when the client should have refreshed and has not, `on_refresh` when we should."""

    def __init__(
        self,
        scheduler: Scheduler,
        timing: SipTiming,
        *,
        on_refresh: Callable[[], None],
        on_expired: Callable[[], None],
    ) -> None:
        self._scheduler = scheduler
        self._second_s = timing.second_s
        self._on_refresh = on_refresh
        self._on_expired = on_expired
        self._agreed: SessionTimer | None = None
        self._timer: Timer | None = None

    def start(self, agreed: SessionTimer) -> None:
        """Begin anew with what an INVITE or UPDATE has agreed on."""
        self._agreed = agreed
        self.restart()

    def restart(self) -> None:
        """Begin the interval anew: the other side has just proved to live."""
        self.stop()
        if self._agreed is None:
            return
        if self._agreed.refresher == "uac":
            delay_s, callback = self._agreed.expires_after_s, self._on_expired
        else:
            delay_s, callback = self._agreed.refresh_after_s, self._on_refresh
        self._timer = self._scheduler.call_later(delay_s * self._second_s, callback)

    def stop(self) -> None:
        """No more calls."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def refresh_headers(self) -> tuple[tuple[str, str], ...]:
        """What our refreshing UPDATE says; nothing to a client that has never heard of timers."""
        if self._agreed is None or not self._agreed.announced:
            return ()
        return (("Session-Expires", f"{self._agreed.interval_s};refresher=uac"),)
