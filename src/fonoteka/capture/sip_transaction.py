"""Server transactions (RFC 3261 §17.2, RFC 6026) and the client transaction of our own requests (§17.1.2).

Sans I/O: a scheduler runs the timers and a function sends, so that a test can turn the clock.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from enum import StrEnum

from fonoteka.capture.sip_message import Flow, IncomingRequest, IncomingResponse, reply_flow, respond
from fonoteka.capture.sip_timing import Repeater, Scheduler, SipTiming, Timer

MAGIC_COOKIE = "z9hG4bK"
TRYING_AFTER_S = 0.2
"""A TU that answers sooner makes 100 Trying superfluous (RFC 3261 §17.2.1)."""

Key = tuple[object, ...]
Send = Callable[[bytes, Flow], None]


class State(StrEnum):
    """Where a server transaction is; ACCEPTED is RFC 6026's, after a 2xx to INVITE."""

    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"


def transaction_key(request: IncomingRequest, method: str) -> Key:
    """What makes two requests the same transaction (RFC 3261 §17.2.3), also for clients of RFC 2543."""
    via = request.via
    if via.branch.startswith(MAGIC_COOKIE) and len(via.branch) > len(MAGIC_COOKIE):
        return (via.branch, via.host.lower(), via.port, method)
    uri = str(request.message.uri)
    return (request.call_id, request.from_tag, request.cseq, uri, request.vias[0], method)


def new_branch() -> str:
    """A branch for a request of ours."""
    return MAGIC_COOKIE + secrets.token_hex(12)


class ServerTransaction:
    """A non-INVITE server transaction (§17.2.2); the INVITE one below differs where the RFC does."""

    def __init__(self, request: IncomingRequest, send: Send, scheduler: Scheduler, timing: SipTiming) -> None:
        self.request = request
        self.state = State.PROCEEDING
        self.on_terminated: Callable[[], None] = lambda: None
        self._send = send
        self._scheduler = scheduler
        self._timing = timing
        self._there = reply_flow(request)
        self._last = b""
        self._end: Timer | None = None

    def respond(self, data: bytes, code: int) -> None:
        """Send a response and remember it for repetitions. After a final one nothing else is sent."""
        if self.state is not State.PROCEEDING:
            return
        self._transmit(data)
        if code >= 200:
            self.state = State.COMPLETED
            # Timer J: a reliable transport repeats nothing.
            self._terminate_after(0 if self._there.reliable else self._timing.give_up_s)

    def repeat(self) -> None:
        """The request came again."""
        if self._last:
            self._send(self._last, self._there)

    def terminate(self) -> None:
        """Forget everything at once."""
        if self.state is not State.TERMINATED:
            self.state = State.TERMINATED
            if self._end is not None:
                self._end.cancel()
            self.on_terminated()

    def _transmit(self, data: bytes) -> None:
        self._last = data
        self._send(data, self._there)

    def _terminate_after(self, delay_s: float) -> None:
        if self._end is not None:
            self._end.cancel()
        if delay_s:
            self._end = self._scheduler.call_later(delay_s, self.terminate)
        else:
            self.terminate()


class InviteTransaction(ServerTransaction):
    """An INVITE server transaction (§17.2.1, RFC 6026 §7.1)."""

    def __init__(self, request: IncomingRequest, send: Send, scheduler: Scheduler, timing: SipTiming) -> None:
        super().__init__(request, send, scheduler, timing)
        self._repeater: Repeater | None = None
        self._trying: Timer = scheduler.call_later(TRYING_AFTER_S, self._say_trying)

    def respond(self, data: bytes, code: int) -> None:
        """Send a response; a 2xx may be sent again by the TU until its ACK comes (§13.3.1.4)."""
        if self.state is State.ACCEPTED and 200 <= code < 300:
            self._transmit(data)
        if self.state is not State.PROCEEDING:
            return
        self._transmit(data)
        if code < 200:
            return
        self._trying.cancel()
        self._terminate_after(self._timing.give_up_s)  # timer H, or L after a 2xx
        self.state = State.ACCEPTED if code < 300 else State.COMPLETED
        if self.state is State.COMPLETED and not self._there.reliable:
            self._repeater = Repeater(self._scheduler, self._timing, super().repeat)  # timer G

    def repeat(self) -> None:
        """The INVITE came again: answered while undecided or refused, absorbed after a 2xx (RFC 6026)."""
        if self.state is State.PROCEEDING and not self._last:
            self._say_trying()
        elif self.state in (State.PROCEEDING, State.COMPLETED):
            super().repeat()

    def acknowledge(self) -> None:
        """The ACK of a refusal came."""
        if self.state is State.COMPLETED:
            self._stop_repeating()
            self.state = State.CONFIRMED
            self._terminate_after(0 if self._there.reliable else self._timing.t4_s)  # timer I

    def terminate(self) -> None:
        self._stop_repeating()
        self._trying.cancel()
        super().terminate()

    def _stop_repeating(self) -> None:
        if self._repeater is not None:
            self._repeater.stop()

    def _say_trying(self) -> None:
        if self.state is State.PROCEEDING and not self._last:
            self._transmit(respond(self.request, 100))


class ClientTransaction:
    """One non-INVITE request of ours (§17.1.2). `on_final` gets the final response, or None after timer F.

    There is no timer K: a repeated final response finds no transaction and is dropped, as K would have it.
    """

    def __init__(
        self,
        data: bytes,
        there: Flow,
        send: Send,
        scheduler: Scheduler,
        timing: SipTiming,
        on_final: Callable[[IncomingResponse | None], None],
    ) -> None:
        self._on_final = on_final
        self._repeater = None
        if not there.reliable:
            self._repeater = Repeater(scheduler, timing, lambda: send(data, there))
        self._end = scheduler.call_later(timing.give_up_s, lambda: self._finish(None))
        self.done = False
        self.on_terminated: Callable[[], None] = lambda: None
        send(data, there)

    def receive(self, response: IncomingResponse) -> None:
        """A response that matches this request."""
        if response.code >= 200:
            self._finish(response)
        elif self._repeater is not None:
            self._repeater.slow_down()

    def _finish(self, response: IncomingResponse | None) -> None:
        if self.done:
            return
        self.done = True
        self._end.cancel()
        if self._repeater is not None:
            self._repeater.stop()
        self.on_terminated()
        self._on_final(response)
