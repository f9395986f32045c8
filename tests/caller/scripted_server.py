"""A small SIP recording server on real sockets whose answers a test scripts; it notes all that it gets."""

from __future__ import annotations

import re
import selectors
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

import sipmessage

HOST = "127.0.0.1"


@dataclass
class Got:
    """A request as it came, and when (monotonic, seconds)."""

    raw: bytes
    request: sipmessage.Request
    at: float
    transport: str


@dataclass
class Script:
    """How to answer. `withhold`: so many of the first requests of a method get no answer at all."""

    withhold: dict[str, int] = field(default_factory=dict)
    invite: int = 200
    ringing: bool = False
    never_final: bool = False
    answer_late_s: float = 0.0
    directions: tuple[str, ...] = ("recvonly", "recvonly")
    ports: tuple[int | None, ...] = (None, None)
    mux: bool = True
    repeat_final: int = 0
    bye_after_ack_s: float | None = None
    headers: tuple[tuple[str, str], ...] = ()


class ScriptedServer:
    """Use as a context manager; it works in a thread of its own."""

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or Script()
        self.got: list[Got] = []
        self.responses: list[sipmessage.Response] = []
        self.media: dict[int, list[tuple[float, bytes]]] = defaultdict(list)
        self.media_ports: list[int] = []
        self._selector = selectors.DefaultSelector()
        self._sockets: list[socket.socket] = []
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._seen: defaultdict[str, int] = defaultdict(int)
        self._stop = threading.Event()
        self._udp, self._tcp = self._sockets_of_one_port()
        self.port: int = self._udp.getsockname()[1]
        self._tcp.listen()
        self._selector.register(self._udp, selectors.EVENT_READ, self._datagram)
        self._selector.register(self._tcp, selectors.EVENT_READ, self._accept)
        self._thread = threading.Thread(target=self._run)
        self._buffers: dict[int, bytes] = {}

    @property
    def uri(self) -> str:
        return f"sip:{HOST}:{self.port}"

    def requests(self, method: str) -> list[Got]:
        return [one for one in self.got if one.request.method == method]

    def drop_connections(self) -> None:
        """Close every TCP connection as a restarted server would; it goes on listening."""
        self._later.append((0.0, self._drop))

    def wait_for(self, method: str, number: int = 1, patience_s: float = 10.0) -> list[Got]:
        give_up_at = time.monotonic() + patience_s
        while len(self.requests(method)) < number and time.monotonic() < give_up_at:
            time.sleep(0.01)
        assert len(self.requests(method)) >= number, f"{method} did not come {number} times"
        return self.requests(method)

    def rtp(self, stream: int) -> list[bytes]:
        """RTP datagrams of the call's stream 0 or 1 in the order of arrival."""
        return [data for data in self.datagrams(stream) if not 192 <= data[1] <= 223]

    def rtcp(self, stream: int) -> list[bytes]:
        return [data for data in self.datagrams(stream) if 192 <= data[1] <= 223]

    def datagrams(self, stream: int) -> list[bytes]:
        return [data for _, data in self.media[self.media_ports[stream]]]

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(10)
        for one in self._sockets:
            one.close()
        self._selector.close()

    def _sockets_of_one_port(self) -> tuple[socket.socket, socket.socket]:
        """A port that is free over UDP may be in use over TCP, by whatever else runs here."""
        for _ in range(20):
            udp = self._socket(socket.SOCK_DGRAM)
            try:
                return udp, self._socket(socket.SOCK_STREAM, udp.getsockname()[1])
            except OSError:
                continue
        raise AssertionError("no port is free over both UDP and TCP")

    def _socket(self, kind: socket.SocketKind, port: int = 0) -> socket.socket:
        made = socket.socket(socket.AF_INET, kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._sockets.append(made)
        made.bind((HOST, port))
        made.setblocking(False)
        return made

    def _run(self) -> None:
        while not self._stop.is_set():
            now = time.monotonic()
            due = [action for at, action in self._later if at <= now]
            self._later = [(at, action) for at, action in self._later if at > now]
            for action in due:
                action()
            for key, _ in self._selector.select(0.01):
                key.data(key.fileobj)

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.setblocking(False)
        self._sockets.append(connection)
        self._buffers[connection.fileno()] = b""
        self._selector.register(connection, selectors.EVENT_READ, self._stream)

    def _drop(self) -> None:
        for one in [one for one in self._sockets if one.fileno() in self._buffers]:
            self._selector.unregister(one)
            self._buffers.pop(one.fileno())
            one.close()

    def _stream(self, connection: socket.socket) -> None:
        data = connection.recv(65536)
        if not data:
            self._selector.unregister(connection)
            self._buffers.pop(connection.fileno())
            return
        buffer = self._buffers[connection.fileno()] + data
        while (end := buffer.find(b"\r\n\r\n")) >= 0:
            match = re.search(rb"(?im)^content-length: *(\d+)", buffer[:end])
            assert match is not None, "Content-Length is required over TCP"
            whole = end + 4 + int(match[1])
            if len(buffer) < whole:
                break
            self._message(buffer[:whole], "TCP", connection.send)
            buffer = buffer[whole:]
        self._buffers[connection.fileno()] = buffer

    def _datagram(self, udp: socket.socket) -> None:
        data, source = udp.recvfrom(65535)
        self._message(data, "UDP", lambda answer: udp.sendto(answer, source))

    def _media(self, media: socket.socket) -> None:
        try:
            while True:
                self.media[media.getsockname()[1]].append((time.monotonic(), media.recv(65535)))
        except BlockingIOError:
            return

    def _message(self, raw: bytes, transport: str, send: Callable[[bytes], object]) -> None:
        message = sipmessage.Message.parse(raw)
        if isinstance(message, sipmessage.Response):
            self.responses.append(message)
            return
        assert len(message.body) == (message.content_length or 0)
        self.got.append(Got(raw, message, time.monotonic(), transport))
        self._seen[message.method] += 1
        if self._seen[message.method] <= self.script.withhold.get(message.method, 0):
            return
        answer = {"INVITE": self._invite, "ACK": self._ack, "CANCEL": self._cancel}.get(message.method)
        if answer is None:
            send(bytes(self._response(message, 200)))
        else:
            answer(message, send)

    def _invite(self, request: sipmessage.Request, send: Callable[[bytes], object]) -> None:
        self._invited, self._send = request, send
        if self.script.ringing:
            send(bytes(self._response(request, 180)))
        if self.script.never_final:
            return
        final = self._response(request, self.script.invite)
        if self.script.invite == 200:
            final.headers.set("Content-Type", "application/sdp")
            final.headers.set("Contact", f"<sip:{HOST}:{self.port}>;+sip.srs")
            final.body = self._answer()
        final.headers.set("Content-Length", str(len(final.body)))
        for name, value in self.script.headers:
            final.headers.set(name, value)
        for number in range(1 + self.script.repeat_final):
            at = time.monotonic() + self.script.answer_late_s + 0.1 * number
            self._later.append((at, lambda: send(bytes(final))))

    def _ack(self, request: sipmessage.Request, send: Callable[[bytes], object]) -> None:
        if self.script.bye_after_ack_s is not None and self._seen["ACK"] == 1:
            bye = sipmessage.Request("BYE", self._invited.contact[0].uri)
            bye.headers.set("Via", f"SIP/2.0/UDP {HOST}:{self.port};branch=z9hG4bKserver")
            bye.headers.set("From", request.headers["To"])
            bye.headers.set("To", request.headers["From"])
            bye.headers.set("Call-ID", request.call_id)
            bye.headers.set("CSeq", "1 BYE")
            bye.headers.set("Content-Length", "0")
            self._later.append((time.monotonic() + self.script.bye_after_ack_s, lambda: send(bytes(bye))))

    def _cancel(self, request: sipmessage.Request, send: Callable[[bytes], object]) -> None:
        send(bytes(self._response(request, 200)))
        self._send(bytes(self._response(self._invited, 487)))

    def _response(self, request: sipmessage.Request, code: int) -> sipmessage.Response:
        phrases = {180: "Ringing", 200: "OK", 487: "Request Terminated", 503: "Service Unavailable"}
        response = sipmessage.Response(code, phrases.get(code, "Scripted"))
        for name in ("Via", "From", "Call-ID", "CSeq"):
            response.headers.setlist(name, request.headers.getlist(name))
        tag = "" if ";tag=" in request.headers["To"] else ";tag=scripted"
        response.headers.set("To", request.headers["To"] + tag)
        response.headers.set("Server", "scripted/1")
        response.headers.set("Content-Length", "0")
        return response

    def _answer(self) -> bytes:
        if not self.media_ports:
            for _ in range(2):
                media = self._socket(socket.SOCK_DGRAM)
                self._selector.register(media, selectors.EVENT_READ, self._media)
                self.media_ports.append(media.getsockname()[1])
        offer = self._invited.body.decode()
        lines = ["v=0", f"o=- 1 1 IN IP4 {HOST}", "s=-", f"c=IN IP4 {HOST}", "t=0 0"]
        for number, (media_line, section) in enumerate(_sections(offer)):
            port = self.script.ports[number]
            fields = media_line.split(" ")
            fields[1] = str(self.media_ports[number] if port is None else port)
            lines.append(" ".join(fields))
            lines += [line for line in section if line.startswith(("a=rtpmap", "a=fmtp", "a=label"))]
            lines.append(f"a={self.script.directions[number]}")
            lines += ["a=rtcp-mux"] if self.script.mux else []
        return "".join(f"{line}\r\n" for line in lines).encode()


def _sections(body: str) -> list[tuple[str, list[str]]]:
    """The m-lines inside a multipart body, each with its following lines."""
    sections: list[tuple[str, list[str]]] = []
    for line in body.split("\r\n"):
        if line.startswith("m="):
            sections.append((line, []))
        elif sections and line.startswith("a="):
            sections[-1][1].append(line)
        elif sections and line.startswith("--"):
            break
    return sections
