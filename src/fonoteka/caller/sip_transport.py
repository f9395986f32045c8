"""How SIP messages of a client travel: one UDP socket, or one TCP connection, opened anew when lost."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import socket
import struct
from dataclasses import dataclass
from typing import Protocol

from fonoteka.domain.errors import CallRefused, RequestInvalid, WireMalformed
from fonoteka.wire.sip import Message, SipStream, parse_message

logger = logging.getLogger(__name__)

Address = tuple[str, int]
CONNECT_PATIENCE_S = 10.0
_DATAGRAM_BYTES = 65_535
_READ_BYTES = 65_536
_DATAGRAMS_AT_ONCE = 200
_RECEIVE_BUFFER_BYTES = 4 << 20  # hundreds of calls answered at once
_IP_RECVERR, _IPV6_RECVERR = 11, 25  # linux/in.h; the socket module lacks them before Python 3.14
_SRS = re.compile(
    r"sips?:(?:[^@\s]+@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:;?@\[\]<>]+)(?::(?P<port>\d{1,5}))?(?:;.*)?"
)


class Handler(Protocol):
    """Who is told what came from the network."""

    def receive(self, message: Message, source: Address) -> None:
        """A message came."""

    def fail(self, destination: Address | None, error: OSError) -> None:
        """What was sent to this address (None: all of it) did not arrive."""


class SipTransport(Protocol):
    """One way to a SIP server. `local` is the address that goes into Via and Contact."""

    name: str
    reliable: bool
    local: Address

    async def send(self, data: bytes, destination: Address) -> None:
        """Send one message. Raises OSError when it cannot be sent."""

    def close(self) -> None:
        """Close sockets."""


@dataclass(frozen=True, slots=True)
class Server:
    """The recording server: its URI as given, and where that is."""

    uri: str
    address: Address
    family: socket.AddressFamily


async def find_server(srs: str) -> Server:
    """Look up `sip:HOST[:PORT]`.

    Raises `RequestInvalid` for another form and `CallRefused` for an unknown host.
    """
    match = _SRS.fullmatch(srs)
    port = int(match["port"] or 5060) if match else 0
    if match is None or not 0 < port < 65_536 or srs.startswith("sips:"):
        raise RequestInvalid("srs", f"The recording server is named like sip:HOST:PORT, not {srs!r}.")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(match["host"].strip("[]"), port)
    except OSError as error:
        raise CallRefused(f"The host {match['host']} is not known: {error.strerror}.") from error
    family, _, _, _, address = found[0]
    return Server(srs, (str(address[0]), int(address[1])), family)


def bracketed(host: str) -> str:
    """A host as it is written before a port: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _local_address(server: Server) -> str:
    """The address of this machine that the server sees."""
    with socket.socket(server.family, socket.SOCK_DGRAM) as probe:
        probe.connect(server.address)
        return str(probe.getsockname()[0])


class UdpTransport:
    """SIP over one UDP socket. Port unreachable is heard of (ICMP) though the socket is not connected."""

    name = "UDP"
    reliable = False

    def __init__(self, server: Server, handler: Handler) -> None:
        self._handler = handler
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(server.family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            self._socket.bind((_local_address(server), 0))
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
            self._ask_for_errors(server.family)
        except OSError:
            self._socket.close()
            raise
        host, port = self._socket.getsockname()[:2]
        self.local: Address = (host, port)
        self._loop.add_reader(self._socket, self._readable)

    def _ask_for_errors(self, family: socket.AddressFamily) -> None:
        if not hasattr(socket, "MSG_ERRQUEUE"):
            return
        if family == socket.AF_INET6:
            self._socket.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
        else:
            self._socket.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)

    async def send(self, data: bytes, destination: Address) -> None:
        """Send one datagram. An error of an earlier one is told to the handler, not raised."""
        try:
            self._socket.sendto(data, destination)
        except ConnectionRefusedError:
            self._read_errors()
            self._socket.sendto(data, destination)

    def close(self) -> None:
        """Close the socket."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _readable(self) -> None:
        for _ in range(_DATAGRAMS_AT_ONCE):
            if self._socket.fileno() < 0:
                return
            try:
                data, source = self._socket.recvfrom(_DATAGRAM_BYTES)
            except BlockingIOError:
                self._read_errors()
                return
            except OSError:
                self._read_errors()
                continue
            _hand_over(self._handler, data, (source[0], source[1]))

    def _read_errors(self) -> None:
        if not hasattr(socket, "MSG_ERRQUEUE"):
            return
        for _ in range(_DATAGRAMS_AT_ONCE):
            try:
                _, ancillary, _, destination = self._socket.recvmsg(1, 512, socket.MSG_ERRQUEUE)
            except OSError:
                return
            for _, _, data in ancillary:
                number = struct.unpack_from("=I", data)[0]  # sock_extended_err.ee_errno
                error = OSError(number, os.strerror(number))
                self._handler.fail((destination[0], destination[1]), error)


class TcpTransport:
    """SIP over one TCP connection to the server, whatever a message's destination."""

    name = "TCP"
    reliable = True

    def __init__(self, server: Server, handler: Handler) -> None:
        self._server = server
        self._handler = handler
        self._writer: asyncio.StreamWriter | None = None
        self._connecting = asyncio.Lock()
        self._reading: asyncio.Task[None] | None = None
        self.local: Address = ("", 0)

    async def connect(self) -> asyncio.StreamWriter:
        """The open connection, made now if there is none. Raises OSError."""
        async with self._connecting:
            if self._writer is None or self._writer.is_closing():
                async with asyncio.timeout(CONNECT_PATIENCE_S):
                    reader, self._writer = await asyncio.open_connection(*self._server.address)
                host, port = self._writer.get_extra_info("sockname")[:2]
                self.local = (host, port)
                self._reading = asyncio.create_task(self._read(reader, self._writer))
            return self._writer

    async def send(self, data: bytes, destination: Address) -> None:
        """Write one message."""
        writer = await self.connect()
        writer.write(data)
        await writer.drain()

    def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()
        if self._reading is not None:
            self._reading.cancel()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = SipStream()
        failure: OSError = ConnectionResetError("the server closed the connection")
        try:
            while data := await reader.read(_READ_BYTES):
                for message in stream.feed(data):
                    _hand_over(self._handler, message, self._server.address)
        except WireMalformed as error:
            failure = ConnectionAbortedError(f"the server sent what is not SIP ({error})")
        except OSError as error:
            failure = error
        writer.close()
        self._handler.fail(None, failure)


async def open_transport(name: str, server: Server, handler: Handler) -> SipTransport:
    """Open "udp" or "tcp" to the server. Raises OSError, and `RequestInvalid` for another name."""
    if name == "udp":
        return UdpTransport(server, handler)
    if name == "tcp":
        transport = TcpTransport(server, handler)
        await transport.connect()
        return transport
    raise RequestInvalid("transport", f"SIP goes over udp or tcp, not {name!r}.")


def _hand_over(handler: Handler, data: bytes, source: Address) -> None:
    if not data.strip(b"\r\n\0"):
        return
    try:
        message = parse_message(data)
    except WireMalformed as error:
        logger.warning("dropped %d bytes from %s:%s that are not SIP: %s", len(data), *source, error)
        return
    handler.receive(message, source)
