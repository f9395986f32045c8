"""The UAS core (RFC 3261 §8.2): which request opens a recording session, belongs to one, or is refused.

Every datagram passes one boundary here: what is malformed is answered or dropped and counted, a fault of
our own is logged and counted, and nothing gets past it.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import sipmessage

from fonoteka.capture import sip_metrics
from fonoteka.capture.log_limit import LogLimit
from fonoteka.capture.sip_dialog import DialogId, dialog_id, new_tag
from fonoteka.capture.sip_headers import parameters_of
from fonoteka.capture.sip_message import (
    ACCEPT,
    ALLOW,
    SUPPORTED,
    Flow,
    IncomingRequest,
    read_request,
    read_response,
    respond,
)
from fonoteka.capture.sip_salvage import refuse_malformed
from fonoteka.capture.sip_transaction import InviteTransaction, Send, ServerTransaction
from fonoteka.capture.sip_transactions import TransactionLayer
from fonoteka.capture.siprec_session import RecordingSession
from fonoteka.capture.siprec_tools import SessionTools
from fonoteka.domain.errors import SignallingRefused, WireMalformed
from fonoteka.domain.recording import EndReason
from fonoteka.domain.refusals import CALLS_MAX_REACHED, DISK_LOW, SPOOL_AWAY
from fonoteka.wire.sip import parse_message

logger = logging.getLogger(__name__)

EXTENSIONS = frozenset({"siprec", "timer", "replaces", "100rel"})
"""Option tags that may be required. 100rel costs nothing: no provisional response but 100 is ever sent."""
METHODS = frozenset(ALLOW.split(", "))
IN_DIALOG = frozenset({"INVITE", "UPDATE", "BYE"})
BUSY_RETRY_S = 10
DISK_FULL_RETRY_S = 60


class UserAgent:
    """All recording sessions of a recorder; a `TransactionUser`."""

    def __init__(
        self,
        send: Send,
        make_tools: Callable[[UserAgent], tuple[TransactionLayer, SessionTools]],
        *,
        recordings_max: int,
        disk_free_min_bytes: int,
        folder: Path,
    ) -> None:
        self._send = send
        self._layer, self._tools = make_tools(self)
        self._recordings_max = recordings_max
        self._disk_free_min_bytes = disk_free_min_bytes
        self._folder = folder
        self._sessions: dict[DialogId, RecordingSession] = {}
        self._by_invite: dict[ServerTransaction, RecordingSession] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._complaints = LogLimit(logger)

    @property
    def recordings(self) -> int:
        """Sessions in progress, unanswered ones included."""
        return len(self._sessions)

    def receive(self, data: bytes, flow: Flow) -> None:
        """One framed message. Never raises."""
        request = None
        try:
            message = parse_message(data)
            if isinstance(message, sipmessage.Response):
                self._layer.receive_response(read_response(message, data, flow))
                return
            request = read_request(message, data, flow)
            known = request.method if request.method in METHODS else "other"
            sip_metrics.REQUESTS.labels(known).inc()
            self._layer.receive_request(request)
        except WireMalformed as error:
            self.receive_malformed(data, flow, str(error))
        except Exception:
            # The boundary of a request: one datagram must not end the recorder.
            logger.exception("a SIP message from %s could not be handled", flow)
            sip_metrics.FAULTS.inc()
            # Unanswered it would be remembered for ever.
            if request is not None and (transaction := self._layer.transaction_of(request)) is not None:
                transaction.respond(respond(request, 500, tag=new_tag()), 500)

    def receive_malformed(self, data: bytes, flow: Flow, detail: str = "cannot be framed") -> None:
        """Bytes that are no SIP message: answered where that is possible, counted in any case."""
        sip_metrics.MALFORMED.inc()
        self._complaints.warning("malformed SIP from %s: %s", flow, detail)
        if refusal := refuse_malformed(data, flow):
            self._send(*refusal)

    def on_request(self, transaction: ServerTransaction) -> None:
        """A new request, ACK and CANCEL excepted."""
        request = transaction.request
        try:
            self._check(request)
            if request.to_tag:
                self._in_dialog(transaction)
            elif request.method == "OPTIONS":
                self._check_room()
                self._answer_options(transaction)
            elif isinstance(transaction, InviteTransaction):
                self._open(transaction)
            else:
                raise SignallingRefused(481, f"{request.method} outside a dialog")
        except SignallingRefused as error:
            self._refuse(transaction, error)

    def on_cancel(self, transaction: ServerTransaction, invite: InviteTransaction | None) -> None:
        """A CANCEL: 200 if its INVITE is known, whatever becomes of that (RFC 3261 §9.2)."""
        code = 481 if invite is None else 200
        session = self._by_invite.get(invite) if invite is not None else None
        tag = new_tag() if session is None else session.dialog.local_tag
        transaction.respond(respond(transaction.request, code, tag=tag), code)
        if session is not None:
            session.cancel()

    def on_ack(self, request: IncomingRequest) -> None:
        """The ACK of a 2xx; one for no dialog is dropped."""
        session = self._sessions.get(dialog_id(request))
        if session is not None:
            session.acknowledge(request)

    async def stop(self, patience_s: float) -> None:
        """Refuse what is new, say BYE in every dialog, seal every recording as "shutdown"."""
        self._stopping = True
        for session in self._sessions.values():
            session.hang_up(EndReason.SHUTDOWN)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience_s)
        await self._tools.refused.stop(patience_s)

    def _check(self, request: IncomingRequest) -> None:
        if request.method not in METHODS:
            raise SignallingRefused(405, f"method {request.method[:20]}", (("Allow", ALLOW),))
        unknown = sorted(request.tokens("Require") - EXTENSIONS)
        if unknown:
            raise SignallingRefused(420, f"requires {unknown}", (("Unsupported", ", ".join(unknown)),))

    def _check_room(self) -> None:
        """Raises `SignallingRefused` 503 when nothing more can be recorded."""
        if self._stopping:
            raise SignallingRefused(503, "the recorder is being stopped", _retry(BUSY_RETRY_S))
        if len(self._sessions) >= self._recordings_max:
            raise _no_room(CALLS_MAX_REACHED, BUSY_RETRY_S)
        try:
            free_bytes = shutil.disk_usage(self._folder).free
        except OSError as error:
            raise _no_room(SPOOL_AWAY, DISK_FULL_RETRY_S, str(error)) from error
        if free_bytes < self._disk_free_min_bytes:
            raise _no_room(DISK_LOW, DISK_FULL_RETRY_S, f"{free_bytes} bytes are free")

    def _in_dialog(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        session = self._sessions.get(dialog_id(request))
        if session is None:
            raise SignallingRefused(481, "no such dialog")
        if request.method in IN_DIALOG:
            session.receive(transaction)
        else:
            self._answer_options(transaction)

    def _open(self, invite: InviteTransaction) -> None:
        if self._layer.is_merged(invite.request):
            # Of INVITEs alone: many clients send OPTIONS that differ in nothing but the branch.
            raise SignallingRefused(482, "the same INVITE came by two ways")
        try:
            self._check_room()
        except SignallingRefused as error:
            if error.refused_because:
                self._tools.refused.note(invite.request, error.refused_because)
            raise
        session = RecordingSession(invite, self._tools, self._replaced_by(invite.request))
        self._sessions[session.dialog.id] = session
        self._by_invite[invite] = session
        sip_metrics.RECORDINGS_OPEN.inc()
        task = asyncio.get_running_loop().create_task(session.run())
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._forget(session, invite, done))

    def _forget(self, session: RecordingSession, invite: InviteTransaction, task: asyncio.Task[None]) -> None:
        sip_metrics.RECORDINGS_OPEN.dec()
        self._sessions.pop(session.dialog.id, None)
        self._by_invite.pop(invite, None)
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("recording session %s was not sealed", session.dialog.call_id, exc_info=error)
            sip_metrics.FAULTS.inc()

    def _replaced_by(self, request: IncomingRequest) -> RecordingSession | None:
        """The session that a Replaces header names (RFC 3891 §3). Raises `SignallingRefused` 481."""
        value = request.header("Replaces")
        if not value:
            return None
        call_id, _, rest = value.partition(";")
        tags = dict(parameters_of(rest))
        named = (call_id.strip(), tags.get("to-tag") or "", tags.get("from-tag") or "")
        session = self._sessions.get(named)
        if session is None:
            raise SignallingRefused(481, "Replaces names no dialog")
        return session

    def _answer_options(self, transaction: ServerTransaction) -> None:
        contact = self._tools.contact(transaction.request)
        headers = (("Contact", contact), ("Allow", ALLOW), ("Accept", ACCEPT), ("Supported", SUPPORTED))
        transaction.respond(respond(transaction.request, 200, headers, tag=new_tag()), 200)

    def _refuse(self, transaction: ServerTransaction, error: SignallingRefused) -> None:
        sip_metrics.REFUSED.labels(str(error.status)).inc()
        request = transaction.request
        self._complaints.info(
            "%s from %s refused: %d, %s", request.method[:20], request.flow, error.status, error
        )
        data = respond(request, error.status, error.headers, tag=new_tag())
        transaction.respond(data, error.status)


def _no_room(reason: str, retry_s: int, detail: str = "") -> SignallingRefused:
    return SignallingRefused(503, f"{reason} {detail}".rstrip(), _retry(retry_s), refused_because=reason)


def _retry(seconds: int) -> tuple[tuple[str, str], ...]:
    return (("Retry-After", str(seconds)),)
