"""One SIP connection over TCP (RFC 3261 §18.3, RFC 5626 §3.5.1), distrusting its peer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from fonoteka.capture.sip_message import Flow
from fonoteka.domain.errors import WireMalformed
from fonoteka.wire.sip import SipStream

logger = logging.getLogger(__name__)

MALFORMED_BYTES_MAX = 16 * 1024
PONGS_MAX = 8


@dataclass(frozen=True, slots=True)
class TcpLimits:
    """How much a peer may hold of us. `silent_s` is for peers that never sent a whole message."""

    connections_max: int = 4096
    silent_s: float = 30.0
    idle_s: float = 2 * 3600.0
    closing_s: float = 10.0
    unsent_bytes_max: int = 1024 * 1024
    sweep_s: float = 5.0


@dataclass(frozen=True, slots=True)
class TransportReceiver:
    """What a transport calls: `message` for each framed message, `malformed` for bytes that are none."""

    message: Callable[[bytes, Flow], None]
    malformed: Callable[[bytes, Flow], None]


class TcpConnection(asyncio.Protocol):
    """Frames messages, answers keep-alives, and ends when its peer is silent, deaf or not speaking SIP."""

    def __init__(
        self,
        number: int,
        receiver: TransportReceiver,
        connections: dict[int, TcpConnection],
        limits: TcpLimits,
        *,
        refuse: bool,
    ) -> None:
        self._number = number
        self._receiver = receiver
        self._connections = connections
        self._limits = limits
        self._refuse = refuse
        self._stream = SipStream()
        self._transport: asyncio.Transport | None = None
        self._spoken_at = 0.0
        self._has_spoken = False
        self._closing_until = 0.0
        self._pending = b""
        """The beginning of what is not framed yet, to answer a peer whose message never will be."""
        self.peer = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        address = transport.get_extra_info("peername")
        if self._refuse or address is None:
            logger.warning("SIP connection refused: %d are open", len(self._connections))
            self._transport.abort()
            return
        self.peer = address[:2]
        self._spoken_at = asyncio.get_running_loop().time()
        self._connections[self._number] = self

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.pop(self._number, None)

    def data_received(self, data: bytes) -> None:
        if self._refuse:
            return
        flow = Flow("TCP", *self.peer, connection=self._number)
        pings = self._stream.keepalives
        try:
            messages = self._stream.feed(data)
        except WireMalformed:
            self._receiver.malformed((self._pending + data)[:MALFORMED_BYTES_MAX], flow)
            self.close()
            return
        self._pending = b"" if messages else (self._pending + data)[:MALFORMED_BYTES_MAX]
        # A ping is two line ends, its pong one (RFC 5626 §4.4.1).
        if pongs := min((self._stream.keepalives - pings) // 2, PONGS_MAX):
            self.send(b"\r\n" * pongs)
        if messages or pongs:
            self._has_spoken = True
            self._spoken_at = asyncio.get_running_loop().time()
        for message in messages:
            self._receiver.message(message, flow)

    def send(self, data: bytes) -> None:
        """Send, unless the peer has stopped reading: then the connection ends."""
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > self._limits.unsent_bytes_max:
            self._transport.abort()

    def close_if_idle(self, now: float) -> None:
        """End a connection that has been silent for too long; trickled bytes are not speech.

        One that was closed before and still waits for its peer to take what we said ends at once.
        """
        if self._transport is not None and self._transport.is_closing():
            if now > self._closing_until:
                self._transport.abort()
            return
        limit_s = self._limits.idle_s if self._has_spoken else self._limits.silent_s
        if now - self._spoken_at > limit_s:
            self.close()

    def close(self) -> None:
        """Send what is buffered, then end."""
        if self._transport is not None:
            self._closing_until = asyncio.get_running_loop().time() + self._limits.closing_s
            self._transport.close()
