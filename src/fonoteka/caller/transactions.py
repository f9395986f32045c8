"""Client transactions of SIP (RFC 3261 §17.1): retransmission, timeouts, matching responses to requests."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

import sipmessage

from fonoteka.caller.sip_transport import Address, SipTransport
from fonoteka.domain.errors import CallRefused
from fonoteka.wire.sip import vias

logger = logging.getLogger(__name__)

_BRANCH_COOKIE = "z9hG4bK"
_RESPONSES_KEPT = 32
FOREVER_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Timers:
    """RFC 3261 table 4. `answer_s`: how long a ringing server may take until we cancel."""

    t1_s: float = 0.5
    t2_s: float = 4.0
    t4_s: float = 5.0
    answer_s: float = 60.0

    @property
    def timeout_s(self) -> float:
        """Timers B and F."""
        return 64 * self.t1_s


@dataclass(slots=True)
class _Client:
    """One transaction under way. `absorbing`: what answers a retransmitted final response, if anything."""

    request: sipmessage.Request
    destination: Address
    responses: asyncio.Queue[sipmessage.Response | OSError] = field(
        default_factory=lambda: asyncio.Queue(_RESPONSES_KEPT)
    )
    provisional: asyncio.Event = field(default_factory=asyncio.Event)
    completed: bool = False
    absorbing: bytes | None = None
    absorbing_to: Address | None = None


def new_branch() -> str:
    """A branch that no other transaction has (RFC 3261 §8.1.1.7)."""
    return _BRANCH_COOKIE + secrets.token_hex(10)


class Transactions:
    """All client transactions over one transport."""

    def __init__(self, transport: SipTransport, timers: Timers) -> None:
        self._transport = transport
        self.timers = timers
        self._clients: dict[tuple[str, str], _Client] = {}
        self._sending: set[asyncio.Task[None]] = set()

    async def request(self, request: sipmessage.Request, destination: Address) -> sipmessage.Response:
        """Send a request other than INVITE and ACK; the final response (timers E, F, K).

        Raises `CallRefused` when none comes, and OSError when the request cannot be sent.
        """
        client = self._begin(request, destination)
        timers = self.timers
        try:
            return await self._converse(client, timers.timeout_s, timers.t2_s)
        finally:
            self._end(client, timers.t4_s)

    async def invite(
        self,
        request: sipmessage.Request,
        destination: Address,
        on_provisional: Callable[[sipmessage.Response], None],
    ) -> sipmessage.Response:
        """Send an INVITE; the final response (timers A, B, D), already acknowledged unless it is 2xx.

        Raises `CallRefused` when none comes, and OSError when the request cannot be sent.
        """
        client = self._begin(request, destination)
        try:
            response = await self._converse(client, self.timers.timeout_s, FOREVER_S, on_provisional)
            if response.code >= 300:
                client.absorbing = bytes(_ack_of_failure(request, response))
                client.absorbing_to = destination
                await self._transport.send(client.absorbing, destination)
            return response
        finally:
            self._end(client, self.timers.timeout_s)

    async def acknowledge(self, invite: sipmessage.Request, ack: sipmessage.Request, to: Address) -> None:
        """Send the ACK of a 2xx, now and for each time that the 2xx comes again (RFC 3261 §13.2.2.4)."""
        client = self._clients.get(_key(invite))
        if client is not None:
            client.absorbing, client.absorbing_to = bytes(ack), to
        await self._transport.send(bytes(ack), to)

    async def has_provisional(self, invite: sipmessage.Request, patience_s: float) -> bool:
        """Whether a provisional response came, waiting a little: before it, CANCEL may not be sent (§9.1)."""
        client = self._clients.get(_key(invite))
        if client is None:
            return False
        try:
            await asyncio.wait_for(client.provisional.wait(), patience_s)
        except TimeoutError:
            return False
        return True

    def receive(self, response: sipmessage.Response) -> None:
        """Take a response from the network; one that fits no transaction is dropped (§18.1.2)."""
        branch = vias(response)[0].parameters.get("branch") or ""
        client = self._clients.get((branch, response.cseq.method))
        if client is None:
            return
        if not client.completed:
            if response.code < 200:
                client.provisional.set()
            if not client.responses.full():
                client.responses.put_nowait(response)
        elif response.code >= 200 and client.absorbing is not None and client.absorbing_to is not None:
            self._send_soon(client.absorbing, client.absorbing_to)

    def fail(self, destination: Address | None, error: OSError) -> None:
        """End the transactions to this address (None: all) that wait for a response."""
        for client in self._clients.values():
            concerned = not client.completed and destination in (None, client.destination)
            if concerned and not client.responses.full():
                client.responses.put_nowait(error)

    async def _converse(
        self,
        client: _Client,
        timeout_s: float,
        interval_max_s: float,
        on_provisional: Callable[[sipmessage.Response], None] | None = None,
    ) -> sipmessage.Response:
        loop = asyncio.get_running_loop()
        interval_s = FOREVER_S if self._transport.reliable else self.timers.t1_s
        give_up_at = loop.time() + timeout_s
        resend_at = loop.time() + interval_s
        data = bytes(client.request)
        await self._transport.send(data, client.destination)
        while True:
            try:
                async with asyncio.timeout_at(min(resend_at, give_up_at)):
                    response = await client.responses.get()
            except TimeoutError:
                if loop.time() >= give_up_at:
                    raise CallRefused(f"No answer within {timeout_s:g} s.", status=408) from None
                await self._transport.send(data, client.destination)
                interval_s = min(2 * interval_s, interval_max_s)
                resend_at = loop.time() + interval_s
                continue
            if isinstance(response, OSError):
                raise response
            if response.code >= 200:
                return response
            if on_provisional is not None:
                on_provisional(response)
                resend_at = give_up_at = loop.time() + FOREVER_S  # the caller decides how long it may ring
            elif not self._transport.reliable:
                interval_s = interval_max_s
                resend_at = loop.time() + interval_s

    def _begin(self, request: sipmessage.Request, destination: Address) -> _Client:
        client = _Client(request, destination)
        self._clients[_key(request)] = client
        return client

    def _end(self, client: _Client, linger_s: float) -> None:
        client.completed = True
        if self._transport.reliable:
            linger_s = 0.0 if client.request.method != "INVITE" else self.timers.timeout_s
        asyncio.get_running_loop().call_later(linger_s, self._clients.pop, _key(client.request), None)

    def _send_soon(self, data: bytes, destination: Address) -> None:
        async def send() -> None:
            try:
                await self._transport.send(data, destination)
            except OSError as error:
                logger.info(
                    "an answer to %s:%s could not be sent: %s", *destination, os.strerror(error.errno or 0)
                )

        task = asyncio.create_task(send())
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)


def _key(request: sipmessage.Request) -> tuple[str, str]:
    return vias(request)[0].parameters.get("branch") or "", request.method


def _ack_of_failure(invite: sipmessage.Request, response: sipmessage.Response) -> sipmessage.Request:
    """The ACK that belongs to the INVITE's own transaction (RFC 3261 §17.1.1.3)."""
    ack = sipmessage.Request("ACK", invite.uri)
    ack.headers.set("Via", invite.headers["Via"])
    ack.headers.set("Max-Forwards", "70")
    ack.headers.set("From", invite.headers["From"])
    ack.headers.set("To", response.headers["To"])
    ack.headers.set("Call-ID", invite.call_id)
    ack.headers.set("CSeq", f"{invite.cseq.sequence} ACK")
    ack.headers.set("Content-Length", "0")
    return ack
