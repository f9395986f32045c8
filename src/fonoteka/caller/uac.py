"""The SIP user agent client of a recording client (SRC, RFC 7866): dialogs, and the requests inside them."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import secrets
from types import TracebackType

import sipmessage

from fonoteka import __version__
from fonoteka.caller.sip_transport import (
    Address,
    Server,
    SipTransport,
    bracketed,
    find_server,
    open_transport,
)
from fonoteka.caller.transactions import Timers, Transactions, new_branch
from fonoteka.domain.errors import CallRefused, WireMalformed
from fonoteka.wire.sip import Message, parse_uri

USER = "fonoteka-call"
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE"
_GOODBYE_PATIENCE_S = 5.0


class UserAgent:
    """One transport to one recording server, and the dialogs over it."""

    def __init__(self, server: Server, transport_name: str, timers: Timers) -> None:
        self.server = server
        self.timers = timers
        self._transport_name = transport_name
        self._transport: SipTransport | None = None
        self._transactions: Transactions | None = None
        self._dialogs: dict[str, RecordingDialog] = {}
        self._replying: set[asyncio.Task[None]] = set()

    @classmethod
    async def of(cls, srs: str, transport_name: str, timers: Timers | None = None) -> UserAgent:
        """A user agent for `sip:HOST:PORT`; raises as `find_server` does."""
        return cls(await find_server(srs), transport_name, timers or Timers())

    async def __aenter__(self) -> UserAgent:
        """Open the transport. Raises OSError, and `RequestInvalid` for an unknown kind."""
        self._transport = await open_transport(self._transport_name, self.server, self)
        self._transactions = Transactions(self._transport, self.timers)
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.transport.close()

    @property
    def transport(self) -> SipTransport:
        """The open transport."""
        assert self._transport is not None
        return self._transport

    @property
    def transactions(self) -> Transactions:
        """The transactions over it."""
        assert self._transactions is not None
        return self._transactions

    def dialog(self) -> RecordingDialog:
        """A new dialog, not yet begun."""
        dialog = RecordingDialog(self)
        self._dialogs[dialog.call_id] = dialog
        return dialog

    def forget(self, dialog: RecordingDialog) -> None:
        """Requests of this dialog are answered 481 from now on."""
        self._dialogs.pop(dialog.call_id, None)

    async def ask_options(self) -> sipmessage.Response:
        """Ask what the server can do (OPTIONS, RFC 3261 §11). Raises `CallRefused` and OSError."""
        request = self.dialogless("OPTIONS")
        request.headers.set("Accept", "application/sdp, application/rs-metadata+xml")
        request.headers.set("Content-Length", "0")
        return await self.transactions.request(request, self.server.address)

    def dialogless(self, method: str) -> sipmessage.Request:
        """A request outside of dialogs, complete but for its body."""
        uri = parse_uri(self.server.uri)
        request = sipmessage.Request(method, uri)
        request.headers.set("Via", self.via())
        request.headers.set("Max-Forwards", "70")
        request.headers.set(
            "From", f"<sip:{USER}@{bracketed(self.transport.local[0])}>;tag={secrets.token_hex(6)}"
        )
        request.headers.set("To", f"<{uri}>")
        request.headers.set("Call-ID", f"{secrets.token_hex(12)}@{bracketed(self.transport.local[0])}")
        request.headers.set("CSeq", f"1 {method}")
        request.headers.set("Contact", self.contact())
        request.headers.set("User-Agent", f"Fonoteka/{__version__} (call)")
        request.headers.set("Allow", ALLOW)
        return request

    def via(self) -> str:
        """A Via with a branch of its own; `rport` asks for the answer to come back here (RFC 3581)."""
        host, port = self.transport.local
        return f"SIP/2.0/{self.transport.name} {bracketed(host)}:{port};rport;branch={new_branch()}"

    def contact(self) -> str:
        """Where requests of the server reach us; `+sip.src` says recording client (RFC 7866 §6.1.1)."""
        host, port = self.transport.local
        transport = ";transport=tcp" if self.transport.reliable else ""
        # As text: sipmessage would write the plus sign of the feature tag as %2B.
        return f"<sip:{USER}@{bracketed(host)}:{port}{transport}>;+sip.src"

    def receive(self, message: Message, source: Address) -> None:
        """Take a message from the transport."""
        if isinstance(message, sipmessage.Response):
            self.transactions.receive(message)
        elif message.method != "ACK":
            dialog = self._dialogs.get(message.call_id)
            code, phrase = (
                (481, "Call/Transaction Does Not Exist") if dialog is None else dialog.serve(message)
            )
            if dialog is None and message.method == "OPTIONS":
                code, phrase = 200, "OK"
            self._reply(message, code, phrase, source)

    def fail(self, destination: Address | None, error: OSError) -> None:
        """Take bad news from the transport."""
        self.transactions.fail(destination, error)

    def _reply(self, request: sipmessage.Request, code: int, phrase: str, source: Address) -> None:
        response = sipmessage.Response(code, phrase)
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            response.headers.setlist(name, request.headers.getlist(name))
        response.headers.set("Allow", ALLOW)
        if request.method == "UPDATE":
            response.headers.set("Contact", self.contact())
        response.headers.set("Content-Length", "0")

        async def send() -> None:
            # The server repeats what we do not answer.
            with contextlib.suppress(OSError):
                await self.transport.send(bytes(response), source)

        task = asyncio.create_task(send())
        self._replying.add(task)
        task.add_done_callback(self._replying.discard)


class RecordingDialog:
    """One RecordingSession: INVITE, ACK, BYE; CANCEL when it is given up before the answer."""

    def __init__(self, agent: UserAgent) -> None:
        self._agent = agent
        self._invite = agent.dialogless("INVITE")
        self._invite.headers.set("Require", "siprec")
        self._to = self._invite.headers["To"]
        self._target = self._invite.uri
        self._routes: list[sipmessage.Address] = []
        self._sequence = 1
        self.call_id = self._invite.call_id
        self.ended_by_server = asyncio.Event()

    async def invite(self, content_type: str, body: bytes) -> sipmessage.Response:
        """Begin the dialog; the acknowledged 2xx.

        Raises `CallRefused` (context: `status`, `phrase`, `response`) for any other answer or none, OSError
        when the server cannot be reached. Cancelled, it sends CANCEL, or BYE if the answer crossed it.
        """
        agent = self._agent
        self._invite.headers.set("Content-Type", content_type)
        self._invite.headers.set("Content-Length", str(len(body)))
        self._invite.body = body
        inviting = asyncio.create_task(
            agent.transactions.invite(self._invite, agent.server.address, lambda _ringing: None)
        )
        try:
            done, _ = await asyncio.wait({inviting}, timeout=agent.timers.answer_s)
        except asyncio.CancelledError:
            await self._give_up(inviting)
            raise
        if not done:
            await self._give_up(inviting)
            raise CallRefused(f"Rang for {agent.timers.answer_s:g} s without an answer.", status=408)
        response = inviting.result()
        if response.code >= 300:
            agent.forget(self)
            raise CallRefused(
                f"{response.code} {response.phrase}",
                status=response.code,
                phrase=response.phrase,
                response=response,
            )
        await self._acknowledge(response)
        return response

    async def hang_up(self) -> sipmessage.Response | None:
        """End the dialog (BYE); None when the server has ended it. Raises `CallRefused` and OSError."""
        try:
            if self.ended_by_server.is_set():
                return None
            request = self._request("BYE")
            return await self._agent.transactions.request(request, await self._next_hop())
        finally:
            self._agent.forget(self)

    def serve(self, request: sipmessage.Request) -> tuple[int, str]:
        """The status for a request of the server inside this dialog."""
        match request.method:
            case "BYE":
                self.ended_by_server.set()
                return 200, "OK"
            case "UPDATE" | "OPTIONS" if not request.body:
                return 200, "OK"  # a session refresh (RFC 4028), or a look whether we live
            case "UPDATE" | "INVITE":
                return 488, "Not Acceptable Here"
            case _:
                return 405, "Method Not Allowed"

    async def _acknowledge(self, response: sipmessage.Response) -> None:
        self._to = response.headers["To"]
        if response.contact:
            self._target = response.contact[0].uri
        self._routes = response.record_route[::-1]
        ack = self._request("ACK")
        await self._agent.transactions.acknowledge(self._invite, ack, await self._next_hop())

    async def _give_up(self, inviting: asyncio.Task[sipmessage.Response]) -> None:
        transactions, timers = self._agent.transactions, self._agent.timers
        if not inviting.done() and await transactions.has_provisional(self._invite, 2 * timers.t1_s):
            with contextlib.suppress(CallRefused, OSError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_PATIENCE_S):
                    await transactions.request(self._cancel(), self._agent.server.address)
            await asyncio.wait({inviting}, timeout=_GOODBYE_PATIENCE_S)
        if inviting.done() and inviting.exception() is None and inviting.result().code < 300:
            # The answer crossed our CANCEL (RFC 3261 §15): end what has begun.
            with contextlib.suppress(CallRefused, OSError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_PATIENCE_S):
                    await self._acknowledge(inviting.result())
                    await self.hang_up()
        inviting.cancel()
        self._agent.forget(self)

    def _cancel(self) -> sipmessage.Request:
        """RFC 3261 §9.1: all of it as in the INVITE, the branch too."""
        cancel = sipmessage.Request("CANCEL", self._invite.uri)
        for name in ("Via", "Max-Forwards", "From", "To", "Call-ID"):
            cancel.headers.set(name, self._invite.headers[name])
        cancel.headers.set("CSeq", f"{self._invite.cseq.sequence} CANCEL")
        cancel.headers.set("Content-Length", "0")
        return cancel

    def _request(self, method: str) -> sipmessage.Request:
        """A request inside the dialog (RFC 3261 §12.2.1.1); ACK keeps the number of its INVITE."""
        if method != "ACK":
            self._sequence += 1
        request = sipmessage.Request(method, self._target)
        request.headers.set("Via", self._agent.via())
        request.headers.set("Max-Forwards", "70")
        if self._routes:
            request.headers.setlist("Route", [str(route) for route in self._routes])
        request.headers.set("From", self._invite.headers["From"])
        request.headers.set("To", self._to)
        request.headers.set("Call-ID", self.call_id)
        request.headers.set("CSeq", f"{self._sequence} {method}")
        request.headers.set("User-Agent", self._invite.headers["User-Agent"])
        request.headers.set("Content-Length", "0")
        return request

    async def _next_hop(self) -> Address:
        """Where requests inside the dialog go: first route, else Contact, else where the INVITE went."""
        uri = self._routes[0].uri if self._routes else self._target
        try:
            found = await find_server(str(sipmessage.URI(scheme="sip", host=uri.host, port=uri.port)))
            if ipaddress.ip_address(found.address[0]).is_unspecified:
                return self._agent.server.address
        except (CallRefused, WireMalformed, ValueError):
            return self._agent.server.address
        return found.address if found.family == self._agent.server.family else self._agent.server.address
