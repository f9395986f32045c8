"""One recording session: the dialog between a recording client and us (RFC 7866), from INVITE to its end.

A session is an actor: what comes in the dialog waits in a queue and is dealt with in order by one task, so
that a slow disk or a broken client delays nobody else. Only ACK and CANCEL act at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from fonoteka.capture import sip_metrics
from fonoteka.capture.session_clock import SessionClock
from fonoteka.capture.session_timer import negotiate
from fonoteka.capture.sip_answer import read_offer, sends_audio
from fonoteka.capture.sip_awaited_ack import AwaitedAck
from fonoteka.capture.sip_dialog import Dialog, DialogState
from fonoteka.capture.sip_message import ALLOW, SUPPORTED, IncomingRequest, IncomingResponse, respond
from fonoteka.capture.sip_transaction import InviteTransaction, ServerTransaction, new_branch
from fonoteka.capture.siprec_body import SiprecBody, is_siprec, read_body
from fonoteka.capture.siprec_recording import SiprecRecording
from fonoteka.capture.siprec_tools import SessionTools
from fonoteka.domain.errors import (
    MediaProcessLost,
    PortsExhausted,
    SignallingRefused,
    SpoolUnwritable,
    StorageFull,
)
from fonoteka.domain.recording import EndReason
from fonoteka.domain.refusals import MEDIA_AWAY, SPOOL_AWAY

logger = logging.getLogger(__name__)

WAITING_MAX = 64
"""Requests of one dialog that may wait their turn."""
SEAL_AGAIN_S = 10.0
RETRY_AFTER_S = 10
"""Long enough for a client to try its other recorder first."""

Action = Callable[[], Awaitable[None]]


class RecordingSession:
    """Begins with an INVITE; `run` returns when the recording is sealed, discarded or was refused."""

    def __init__(
        self, invite: InviteTransaction, tools: SessionTools, replaced: RecordingSession | None = None
    ) -> None:
        """`replaced` ends when this one is accepted (RFC 3891 §3), and lives on when it is not.

        Raises `SignallingRefused` when the INVITE cannot open a dialog.
        """
        self.dialog = Dialog.open(invite.request)
        self._invite = invite
        self._tools = tools
        self._replaced = replaced
        self._waiting: asyncio.Queue[tuple[Action, ServerTransaction | None]] = asyncio.Queue()
        self._recording: SiprecRecording | None = None
        self._end_reason: EndReason | None = None
        self._awaited_ack: AwaitedAck | None = None
        self._is_acknowledged = False
        self._shutting_down = asyncio.Event()
        self._clock = SessionClock(
            tools.layer.scheduler,
            tools.layer.timing,
            on_refresh=lambda: self._post(self._refresh),
            on_expired=lambda: self.hang_up(EndReason.SESSION_EXPIRED),
        )

    async def run(self) -> None:
        """The life of the session. A fault of our own program ends this session and no other."""
        transaction: ServerTransaction | None = self._invite
        try:
            await self._open()
            while self._end_reason is None:
                action, transaction = await self._waiting.get()
                await action()
        except Exception:
            # The boundary of a request: one dialog that breaks must not harm another.
            logger.exception("recording session %s failed", self.dialog.call_id)
            sip_metrics.FAULTS.inc()
            if transaction is not None:
                self._send(transaction, 500)
            await self._hang_up(EndReason.FAILED)
        finally:
            await self._finish()

    def receive(self, transaction: ServerTransaction) -> None:
        """An INVITE, UPDATE or BYE in this dialog; it is dealt with in its turn."""
        if self._end_reason is not None:
            self._send(transaction, 481)
            return
        ends = transaction.request.method == "BYE"
        # Whoever has asked too much may still go.
        if self._waiting.qsize() >= (2 * WAITING_MAX if ends else WAITING_MAX):
            self._send(transaction, 500, (("Retry-After", "2"),))
            return
        handler = self._bye if ends else self._renegotiate
        self._post(partial(self._handle, handler, transaction), transaction)

    def acknowledge(self, request: IncomingRequest) -> None:
        """An ACK; one that is not waited for is passed over."""
        if self._awaited_ack is not None and self._awaited_ack.cseq == request.cseq:
            self._stop_repeating()
            self._post(partial(self._acknowledged, request))

    def cancel(self) -> None:
        """The INVITE was cancelled (RFC 3261 §9.2); too late once it is answered."""
        if self.dialog.state is DialogState.EARLY and self._end_reason is None:
            self._end_reason = EndReason.CANCEL
            self._send(self._invite, 487)

    def hang_up(self, reason: EndReason) -> None:
        """End the session from our side."""
        if reason is EndReason.SHUTDOWN:
            self._shutting_down.set()
        self._post(partial(self._hang_up, reason))

    async def _open(self) -> None:
        request = self._invite.request
        try:
            body = read_body(request)
            if body.sdp is not None:
                read_offer(body.sdp)
                if not is_siprec(request, body) and not sends_audio(body.sdp):
                    raise SignallingRefused(488, "neither SIPREC nor audio for us")
            timer = negotiate(request, self._tools.session_expires_s)
            sdp = await self._begin(body)
        except SignallingRefused as error:
            self._refuse(self._invite, error)
            if error.refused_because:
                self._tools.refused.note(request, error.refused_because)
            self._end_reason = self._end_reason or EndReason.FAILED
            return
        if self._end_reason is None:
            self.dialog.state = DialogState.CONFIRMED
            self._clock.start(timer)
            self._accept(self._invite, timer.headers, sdp)
            if self._replaced is not None:
                self._replaced.hang_up(EndReason.BYE)
                self._replaced = None
            logger.info("recording session %s from %s", self.dialog.call_id, request.flow)

    async def _begin(self, body: SiprecBody) -> bytes:
        tools, request = self._tools, self._invite.request
        try:
            self._recording = await SiprecRecording.begin(
                tools.spool, tools.media, tools.policy, request, tools.media_address(request)
            )
            return await self._recording.negotiate(body, may_offer=True, first=True)
        except (StorageFull, SpoolUnwritable, PortsExhausted, MediaProcessLost) as error:
            retry = (("Retry-After", str(RETRY_AFTER_S)),)
            spool = isinstance(error, StorageFull | SpoolUnwritable)
            why = SPOOL_AWAY if spool else MEDIA_AWAY
            raise SignallingRefused(503, f"{error.code}: {error}", retry, refused_because=why) from error

    async def _handle(
        self, handler: Callable[[ServerTransaction], Awaitable[None]], transaction: ServerTransaction
    ) -> None:
        self._keep("in", transaction.request.raw)
        try:
            self.dialog.receive(transaction.request)
            await handler(transaction)
        except SignallingRefused as error:
            self._refuse(transaction, error)

    async def _renegotiate(self, transaction: ServerTransaction) -> None:
        recording = self._recording
        assert recording is not None
        body = read_body(transaction.request)
        invites = isinstance(transaction, InviteTransaction)
        if recording.awaits_answer and (invites or body.sdp is not None):
            raise SignallingRefused(491, "our own offer is not answered yet")
        timer = negotiate(transaction.request, self._tools.session_expires_s)
        sdp = await recording.negotiate(body, may_offer=invites)
        self._clock.start(timer)
        self._accept(transaction, timer.headers, sdp)

    async def _acknowledged(self, request: IncomingRequest) -> None:
        self._keep("in", request.raw)
        assert self._recording is not None
        self._is_acknowledged = True
        try:
            await self._recording.take_answer(read_body(request))
        except SignallingRefused as error:
            logger.info("recording session %s: the ACK's answer: %s", self.dialog.call_id, error)
            await self._hang_up(EndReason.FAILED)

    async def _unacknowledged(self) -> None:
        """64·T1 without ACK (RFC 3261 §13.3.1.4): a call that began well is not given up for a lost ACK."""
        assert self._recording is not None
        if self._is_acknowledged:
            logger.warning("recording session %s: no ACK of a later answer", self.dialog.call_id)
            await self._recording.take_answer(SiprecBody(None, None))
        else:
            await self._hang_up(EndReason.FAILED)

    async def _bye(self, transaction: ServerTransaction) -> None:
        assert self._recording is not None
        self.dialog.state = DialogState.TERMINATED
        self._end_reason = EndReason.BYE
        self._answer(transaction, 200)
        try:
            await self._recording.take_metadata(read_body(transaction.request).metadata, is_last=True)
        except SignallingRefused as error:
            logger.info("recording session %s: the BYE's body: %s", self.dialog.call_id, error)

    async def _refresh(self) -> None:
        self._request("UPDATE", (("Supported", "timer"), *self._clock.refresh_headers), self._refreshed)

    def _refreshed(self, response: IncomingResponse | None) -> None:
        if response is None or response.code in (408, 481):
            self.hang_up(EndReason.SESSION_EXPIRED)
        elif self.dialog.state is DialogState.CONFIRMED:
            self._clock.restart()

    async def _hang_up(self, reason: EndReason) -> None:
        self._end_reason = self._end_reason or reason
        if self.dialog.state is DialogState.CONFIRMED:
            self.dialog.state = DialogState.TERMINATED
            self._request("BYE", (), lambda _: None)

    async def _finish(self) -> None:
        self._clock.stop()
        self._stop_repeating()
        while not self._waiting.empty():
            _, transaction = self._waiting.get_nowait()
            if transaction is not None:
                self._send(transaction, 481)
        answered = self.dialog.state is not DialogState.EARLY
        self.dialog.state = DialogState.TERMINATED
        if self._recording is None:
            return
        if not answered:
            await self._recording.discard()
            return
        reason = self._end_reason or EndReason.FAILED
        sip_metrics.RECORDINGS_ENDED.labels(reason).inc()
        while not await self._seal(self._recording, reason):
            # A full disk may have room again; at shutdown recovery takes over at the next start.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._shutting_down.wait(), SEAL_AGAIN_S)
                return

    async def _seal(self, recording: SiprecRecording, reason: EndReason) -> bool:
        try:
            folder = await recording.seal(reason)
        except (StorageFull, SpoolUnwritable) as error:
            logger.error("recording %s cannot be sealed now: %s", recording.recording_id, error)
            return False
        logger.info("recording session %s ended (%s): %s", self.dialog.call_id, reason, folder.name)
        return True

    def _accept(
        self, transaction: ServerTransaction, headers: tuple[tuple[str, str], ...], sdp: bytes
    ) -> None:
        contact = ("Contact", self._tools.contact(transaction.request))
        data = self._answer(
            transaction, 200, (contact, ("Allow", ALLOW), ("Supported", SUPPORTED), *headers), sdp
        )
        if isinstance(transaction, InviteTransaction):
            # A client that asks for more has had our last answer, though its ACK may be lost.
            self._stop_repeating()
            layer = self._tools.layer
            self._awaited_ack = AwaitedAck(
                transaction, data, layer.scheduler, layer.timing, lambda: self._post(self._unacknowledged)
            )

    def _refuse(self, transaction: ServerTransaction, error: SignallingRefused) -> None:
        logger.info(
            "%s %s refused: %d, %s", transaction.request.method, self.dialog.call_id, error.status, error
        )
        self._answer(transaction, error.status, error.headers)

    def _answer(
        self,
        transaction: ServerTransaction,
        code: int,
        headers: tuple[tuple[str, str], ...] = (),
        sdp: bytes = b"",
    ) -> bytes:
        data = self._send(transaction, code, headers, sdp)
        self._keep("out", data)
        return data

    def _send(
        self,
        transaction: ServerTransaction,
        code: int,
        headers: tuple[tuple[str, str], ...] = (),
        sdp: bytes = b"",
    ) -> bytes:
        data = respond(transaction.request, code, headers, tag=self.dialog.local_tag, body=sdp)
        transaction.respond(data, code)
        if code >= 400:
            sip_metrics.REFUSED.labels(str(code)).inc()
        return data

    def _request(
        self,
        method: str,
        headers: tuple[tuple[str, str], ...],
        on_final: Callable[[IncomingResponse | None], None],
    ) -> None:
        branch, request = new_branch(), self._invite.request
        contact, sent_by = self._tools.contact(request), self._tools.sent_by(request)
        data, there = self.dialog.request(method, branch, sent_by, (("Contact", contact), *headers))
        self._keep("out", data)
        self._tools.layer.request(data, there, branch, method, on_final)

    def _keep(self, direction: str, raw: bytes) -> None:
        if self._recording is not None:
            self._recording.keep(direction, raw)

    def _post(self, action: Action, transaction: ServerTransaction | None = None) -> None:
        self._waiting.put_nowait((action, transaction))

    def _stop_repeating(self) -> None:
        if self._awaited_ack is not None:
            self._awaited_ack.stop()
            self._awaited_ack = None
