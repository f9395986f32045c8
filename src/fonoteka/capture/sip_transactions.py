"""The transaction layer (RFC 3261 §17): which transaction a message belongs to, within bounded memory."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from fonoteka.capture.sip_message import Flow, IncomingRequest, IncomingResponse
from fonoteka.capture.sip_timing import Scheduler, SipTiming
from fonoteka.capture.sip_transaction import (
    ClientTransaction,
    InviteTransaction,
    Key,
    Send,
    ServerTransaction,
    State,
    transaction_key,
)

TRANSACTIONS_MAX = 20_000
REQUEST_BYTES_MAX = 64 * 1024 * 1024
"""Of all remembered requests together: 20,000 of 64 kB each would be a weapon."""


class TransactionUser(Protocol):
    """The UAS core (RFC 3261 §8.2), which decides what is answered."""

    def on_request(self, transaction: ServerTransaction) -> None:
        """A new request, ACK and CANCEL excepted."""

    def on_cancel(self, transaction: ServerTransaction, invite: InviteTransaction | None) -> None:
        """A CANCEL, with the INVITE it is for (§9.2)."""

    def on_ack(self, request: IncomingRequest) -> None:
        """An ACK of a 2xx."""


class TransactionLayer:
    """Every live transaction. Past `limit` the oldest that has been answered is forgotten early."""

    def __init__(
        self,
        user: TransactionUser,
        send: Send,
        scheduler: Scheduler,
        timing: SipTiming,
        limit: int = TRANSACTIONS_MAX,
    ) -> None:
        self.timing = timing
        self.scheduler = scheduler
        self._user = user
        self._send = send
        self._limit = limit
        self._servers: dict[Key, ServerTransaction] = {}
        self._clients: dict[tuple[str, str], ClientTransaction] = {}
        self._request_bytes = 0
        self._requests: Counter[Key] = Counter()
        self._quiet = asyncio.Event()
        self._quiet.set()

    def __len__(self) -> int:
        return len(self._servers) + len(self._clients)

    def receive_request(self, request: IncomingRequest) -> None:
        """Give a request to its transaction, or to the user."""
        if request.method == "ACK":
            self._receive_ack(request)
            return
        key = transaction_key(request, request.method)
        known = self._servers.get(key)
        if known is not None:
            known.repeat()
            return
        if not self._make_room():
            # Everything we remember waits for an answer: dropped, the client will repeat it.
            return
        transaction = self._open(key, request)
        if request.method == "CANCEL":
            self._user.on_cancel(transaction, self._invite_of(request))
        else:
            self._user.on_request(transaction)

    def receive_response(self, response: IncomingResponse) -> bool:
        """Give a response to its request; whether there was one."""
        client = self._clients.get((response.branch, response.method))
        if client is None:
            return False
        client.receive(response)
        return True

    def request(
        self,
        data: bytes,
        there: Flow,
        branch: str,
        method: str,
        on_final: Callable[[IncomingResponse | None], None],
    ) -> None:
        """Send a non-INVITE request of ours."""
        client = ClientTransaction(data, there, self._send, self.scheduler, self.timing, on_final)
        client.on_terminated = lambda: self._forget_client((branch, method))
        self._clients[branch, method] = client
        self._quiet.clear()

    def transaction_of(self, request: IncomingRequest) -> ServerTransaction | None:
        """The live transaction that a request began or repeats."""
        return self._servers.get(transaction_key(request, request.method))

    def is_merged(self, request: IncomingRequest) -> bool:
        """Whether the same request also came by another way (RFC 3261 §8.2.2.2)."""
        return not request.to_tag and self._requests[_identity(request)] > 1

    async def no_requests(self) -> None:
        """Return when none of our own requests waits for its answer."""
        await self._quiet.wait()

    def close(self) -> None:
        """Stop every timer of the server transactions."""
        for transaction in list(self._servers.values()):
            transaction.terminate()

    def _receive_ack(self, request: IncomingRequest) -> None:
        invite = self._invite_of(request)
        if invite is not None and invite.state in (State.COMPLETED, State.CONFIRMED):
            invite.acknowledge()
        else:
            self._user.on_ack(request)

    def _invite_of(self, request: IncomingRequest) -> InviteTransaction | None:
        found = self._servers.get(transaction_key(request, "INVITE"))
        return found if isinstance(found, InviteTransaction) else None

    def _open(self, key: Key, request: IncomingRequest) -> ServerTransaction:
        kind = InviteTransaction if request.method == "INVITE" else ServerTransaction
        transaction = kind(request, self._send, self.scheduler, self.timing)
        identity = _identity(request)

        def forget() -> None:
            self._servers.pop(key, None)
            self._request_bytes -= len(request.raw)
            self._requests[identity] -= 1
            if self._requests[identity] <= 0:
                del self._requests[identity]

        transaction.on_terminated = forget
        self._servers[key] = transaction
        self._request_bytes += len(request.raw)
        self._requests[identity] += 1
        return transaction

    def _forget_client(self, key: tuple[str, str]) -> None:
        self._clients.pop(key, None)
        if not self._clients:
            self._quiet.set()

    def _make_room(self) -> bool:
        while len(self._servers) >= self._limit or self._request_bytes > REQUEST_BYTES_MAX:
            if not self._forget_oldest():
                return False
        return True

    def _forget_oldest(self) -> bool:
        answered = (one for one in self._servers.values() if one.state is not State.PROCEEDING)
        oldest = next(answered, None)
        if oldest is not None:
            oldest.terminate()
        return oldest is not None


def _identity(request: IncomingRequest) -> Key:
    return (request.call_id, request.from_tag, request.cseq, request.method)
