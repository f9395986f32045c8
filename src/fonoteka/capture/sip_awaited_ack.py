"""A 2xx to INVITE that is repeated until its ACK comes (RFC 3261 §13.3.1.4), over TCP as well."""

from __future__ import annotations

from collections.abc import Callable

from fonoteka.capture.sip_timing import Repeater, Scheduler, SipTiming
from fonoteka.capture.sip_transaction import InviteTransaction


class AwaitedAck:
    """Runs from the answer to `stop`; calls `on_missing` once when no ACK came in 64·T1."""

    def __init__(
        self,
        transaction: InviteTransaction,
        answer: bytes,
        scheduler: Scheduler,
        timing: SipTiming,
        on_missing: Callable[[], None],
    ) -> None:
        self.cseq = transaction.request.cseq
        self._repeater = Repeater(scheduler, timing, lambda: transaction.respond(answer, 200))
        self._end = scheduler.call_later(timing.give_up_s, lambda: self._give_up(on_missing))

    def stop(self) -> None:
        """The ACK came, or does not matter any more."""
        self._repeater.stop()
        self._end.cancel()

    def _give_up(self, on_missing: Callable[[], None]) -> None:
        self.stop()
        on_missing()
