"""SIP over UDP and TCP on one port (RFC 3261 §18): bytes in, bytes out, within limits.

Messages are handed on raw; what cannot be framed goes to `malformed` and its connection is closed.
"""

from __future__ import annotations

import asyncio
import logging
import socket

from fonoteka.capture.sip_message import Flow
from fonoteka.capture.sip_tcp import TcpConnection, TcpLimits, TransportReceiver
from fonoteka.domain.errors import AddressInUse

logger = logging.getLogger(__name__)

RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
"""Room for a burst of INVITEs of 4 kB each while the loop is busy."""
CONNECT_S = 5.0
CONNECTING_MAX = 256
PORT_ATTEMPTS = 20


class SipTransport:
    """One listening address."""

    def __init__(self, receiver: TransportReceiver, limits: TcpLimits | None = None) -> None:
        self._receiver = receiver
        self._limits = limits or TcpLimits()
        self._udp: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None
        self._connections: dict[int, TcpConnection] = {}
        self._connecting: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._numbered = 0
        self.host = ""
        self.port = 0
        self._send_failures = 0

    async def listen(self, host: str, port: int) -> None:
        """Bind UDP and TCP; port 0 takes a free one. Raises `AddressInUse`."""
        loop = asyncio.get_running_loop()
        udp, tcp = _bind(host, port)
        self.host, self.port = udp.getsockname()[:2]
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), sock=udp)
        self._server = await loop.create_server(self._accept, sock=tcp, backlog=512)
        self._sweep()

    def send(self, data: bytes, there: Flow) -> None:
        """Send without waiting. Over TCP a lost connection is made anew (§18.2.2); failures are counted."""
        if there.transport == "TCP":
            self._send_tcp(data, there)
        elif self._udp is not None and not self._udp.is_closing():
            self._udp.sendto(data, (there.host, there.port))

    def local_host(self, there: Flow) -> str:
        """Our address as `there` sees it: the bound one, or the one that routes to it."""
        if self.host not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
            return self.host
        return route_address(there.host)

    def close_connection(self, number: int) -> None:
        """Close a connection whose peer cannot be understood."""
        if connection := self._connections.get(number):
            connection.close()

    @property
    def connections(self) -> int:
        """Open TCP connections."""
        return len(self._connections)

    def note_send_failure(self) -> None:
        """Something could not be sent."""
        self._send_failures += 1

    def take_send_failures(self) -> int:
        """How often that was since the last question."""
        failures, self._send_failures = self._send_failures, 0
        return failures

    async def close(self) -> None:
        """Stop listening, drop connections, forget what was not sent."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for task in self._connecting:
            task.cancel()
        await asyncio.gather(*self._connecting, return_exceptions=True)
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections.values()):
            connection.close()
        if self._udp is not None:
            self._udp.close()
        await asyncio.sleep(0)

    def receive_datagram(self, data: bytes, source: tuple[str, int]) -> None:
        """One datagram; keep-alives of CRLF or zeros are no messages (RFC 5626 §3.5)."""
        if data.strip(b"\r\n\x00 "):
            self._receiver.message(data, Flow("UDP", source[0], source[1]))

    def _accept(self) -> TcpConnection:
        self._numbered += 1
        full = len(self._connections) >= self._limits.connections_max
        return TcpConnection(self._numbered, self._receiver, self._connections, self._limits, refuse=full)

    def _send_tcp(self, data: bytes, there: Flow) -> None:
        connection = self._connections.get(there.connection) or self._connection_to(there)
        if connection is not None:
            connection.send(data)
        elif len(self._connecting) < CONNECTING_MAX and self._server is not None:
            task = asyncio.get_running_loop().create_task(self._connect(data, there))
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)
        else:
            self._send_failures += 1

    def _connection_to(self, there: Flow) -> TcpConnection | None:
        matching = (one for one in self._connections.values() if one.peer == (there.host, there.port))
        return next(matching, None)

    async def _connect(self, data: bytes, there: Flow) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_S):
                _, connection = await loop.create_connection(self._accept, there.host, there.port)
        except (OSError, TimeoutError) as error:
            self._send_failures += 1
            logger.info("no SIP connection to %s: %s", there, error)
            return
        connection.send(data)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        for connection in list(self._connections.values()):
            connection.close_if_idle(loop.time())
        self._sweeper = loop.call_later(self._limits.sweep_s, self._sweep)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, transport: SipTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._transport.receive_datagram(data, addr)

    def error_received(self, exc: Exception) -> None:
        # ICMP unreachable for an earlier answer, or an answer too long: the peer's loss, not ours.
        self._transport.note_send_failure()


def route_address(host: str) -> str:
    """The local address from which packets to `host` leave; loopback when there is no route."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((host, 9))  # UDP: nothing is sent
            return str(probe.getsockname()[0])
    except OSError:
        return "::1" if family == socket.AF_INET6 else "127.0.0.1"


def _bind(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    for attempt in range(PORT_ATTEMPTS):
        udp = _socket(socket.SOCK_DGRAM, host, port)
        try:
            tcp = _socket(socket.SOCK_STREAM, host, udp.getsockname()[1])
        except AddressInUse:
            udp.close()
            if port or attempt == PORT_ATTEMPTS - 1:
                raise
            continue
        return udp, tcp
    raise AddressInUse(f"no free port on {host}")


def _socket(kind: socket.SocketKind, host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, kind)
    try:
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind == socket.SOCK_STREAM:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise AddressInUse(f"cannot listen on {host}:{port}: {error.strerror}") from error
    bound.setblocking(False)
    return bound
