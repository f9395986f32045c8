"""Session timers (RFC 4028): a recording whose client has died must end.

Clients that know nothing of timers are asked by an UPDATE of ours at half the interval; any answer but
481 and 408 proves that they live.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fonoteka.capture.sip_headers import parameters_of
from fonoteka.capture.sip_message import IncomingRequest
from fonoteka.domain.errors import SignallingRefused

MIN_SE_S = 90
INTERVAL_MAX_S = 24 * 3600
_SECONDS = re.compile(r"\s*([0-9]{1,10})\s*(?:;(.*))?", re.S)


@dataclass(frozen=True, slots=True)
class SessionTimer:
    """What was agreed. `refresher` is "uac" or "uas" as seen in the last INVITE or UPDATE of the client."""

    interval_s: int
    refresher: str
    announced: bool
    """Whether the answer carries Session-Expires."""
    required: bool
    """Whether the answer requires the timer extension: only when the client supports it (RFC 4028 §9)."""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """What a 2xx says of it."""
        if not self.announced:
            return ()
        said: tuple[tuple[str, str], ...] = (
            ("Session-Expires", f"{self.interval_s};refresher={self.refresher}"),
        )
        return (*said, ("Require", "timer")) if self.required else said

    @property
    def refresh_after_s(self) -> float:
        """When we refresh, if we are the refresher."""
        return self.interval_s / 2

    @property
    def expires_after_s(self) -> float:
        """When a session without refresh ends: slightly before the interval does (RFC 4028 §10)."""
        return self.interval_s - min(32.0, self.interval_s / 3)


def negotiate(request: IncomingRequest, preferred_s: int) -> SessionTimer:
    """Agree on a timer for an INVITE or UPDATE (RFC 4028 §9).

    Raises `SignallingRefused`: 422 when the client wants an interval below ours, 400 for a broken header.
    """
    supported = "timer" in request.tokens("Supported") | request.tokens("Require")
    wanted = request.header("Session-Expires")
    floor_s = max(MIN_SE_S, _seconds(request.header("Min-SE") or "0")[0])
    if not wanted:
        interval_s = min(max(preferred_s, floor_s), INTERVAL_MAX_S)
        return SessionTimer(interval_s, "uac" if supported else "uas", supported, supported)
    interval_s, rest = _seconds(wanted)
    if interval_s < MIN_SE_S:
        if supported:
            raise SignallingRefused(422, "session interval too small", (("Min-SE", str(MIN_SE_S)),))
        interval_s = MIN_SE_S
    interval_s = min(interval_s, max(preferred_s, floor_s), INTERVAL_MAX_S)
    refresher = (dict(parameters_of(rest)).get("refresher") or "uac").lower()
    if not supported or refresher not in ("uac", "uas"):
        refresher = "uas" if not supported else "uac"
    return SessionTimer(interval_s, refresher, True, supported and refresher == "uac")


def _seconds(value: str) -> tuple[int, str]:
    found = _SECONDS.fullmatch(value)
    if found is None:
        raise SignallingRefused(400, "a session interval that is no number")
    return int(found[1]), found[2] or ""
