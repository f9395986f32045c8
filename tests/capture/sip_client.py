"""A raw SIP client for tests: it speaks bytes and knows nothing of the product but its port."""

from __future__ import annotations

import asyncio
import itertools
import struct
from dataclasses import dataclass, field

HOST = "127.0.0.1"
PATIENCE_S = 10.0
_numbers = itertools.count(1)

SDP = """v=0
o=SRC 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 40000 RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=label:1
a=sendonly
m=audio 40002 RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=label:2
a=sendonly
"""

METADATA = """<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns="urn:ietf:params:xml:ns:recording:1">
<datamode>complete</datamode>
<session session_id="cs-1"><sipSessionID>abc</sipSessionID></session>
<participant participant_id="p-1"><nameID aor="sip:101@pbx.test"><name>Anna</name></nameID></participant>
<participant participant_id="p-2"><nameID aor="sip:+74951234567@pbx.test"/></participant>
<stream stream_id="s-1" session_id="cs-1"><label>1</label></stream>
<stream stream_id="s-2" session_id="cs-1"><label>2</label></stream>
<participantstreamassoc participant_id="p-1"><send>s-1</send><recv>s-2</recv></participantstreamassoc>
<participantstreamassoc participant_id="p-2"><send>s-2</send><recv>s-1</recv></participantstreamassoc>
</recording>
"""


def crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def siprec_body(sdp: str = SDP, metadata: str = METADATA) -> tuple[str, bytes]:
    parts = (
        f"--b1\r\nContent-Type: application/sdp\r\n\r\n{crlf(sdp)}\r\n"
        "--b1\r\nContent-Type: application/rs-metadata+xml\r\n"
        f"Content-Disposition: recording-session\r\n\r\n{metadata}\r\n--b1--\r\n"
    )
    return "multipart/mixed;boundary=b1", parts.encode()


@dataclass
class Message:
    """A parsed response or request from the recorder."""

    raw: bytes
    start: str = ""
    headers: dict[str, list[str]] = field(default_factory=dict)
    body: str = ""

    def __post_init__(self) -> None:
        head, _, body = self.raw.partition(b"\r\n\r\n")
        self.start, *lines = head.decode().split("\r\n")
        for line in lines:
            name, _, value = line.partition(":")
            self.headers.setdefault(name.lower(), []).append(value.strip())
        self.body = body.decode()
        assert len(body) == int(self["content-length"]), "Content-Length is wrong"

    def __getitem__(self, name: str) -> str:
        return self.headers[name.lower()][0]

    def get(self, name: str) -> str:
        return self.headers.get(name.lower(), [""])[0]

    @property
    def code(self) -> int:
        return int(self.start.split()[1])

    @property
    def is_request(self) -> bool:
        return not self.start.startswith("SIP/2.0")

    @property
    def ports(self) -> list[int]:
        return [int(line.split()[1]) for line in self.body.split("\r\n") if line.startswith("m=")]

    def attributes(self, name: str) -> list[str]:
        return [
            line[2:].partition(":")[2] or line[2:]
            for line in self.body.split("\r\n")
            if line[2:].partition(":")[0] == name
        ]


class _Inbox(asyncio.DatagramProtocol):
    def __init__(self, inbox: asyncio.Queue[bytes]) -> None:
        self._inbox = inbox

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._inbox.put_nowait(data)


class Wire:
    """A UDP socket or a TCP connection to the recorder."""

    transport = "UDP"

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue()
        self.port = 0
        self._udp: asyncio.DatagramTransport | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self.closed = asyncio.Event()

    @classmethod
    async def udp(cls, port: int) -> Wire:
        wire = cls()
        loop = asyncio.get_running_loop()
        wire._udp, _ = await loop.create_datagram_endpoint(
            lambda: _Inbox(wire.inbox), local_addr=(HOST, 0), remote_addr=(HOST, port)
        )
        wire.port = wire._udp.get_extra_info("sockname")[1]
        return wire

    @classmethod
    async def tcp(cls, port: int) -> Wire:
        wire = cls()
        wire.transport = "TCP"
        reader, wire._writer = await asyncio.open_connection(HOST, port)
        wire.port = wire._writer.get_extra_info("sockname")[1]
        wire._reading = asyncio.create_task(wire._read(reader))
        return wire

    def send(self, data: bytes) -> None:
        if self._udp is not None:
            self._udp.sendto(data)
        else:
            assert self._writer is not None
            self._writer.write(data)

    async def drain(self) -> None:
        if self._writer is not None:
            await self._writer.drain()

    async def receive(self, patience_s: float = PATIENCE_S) -> Message:
        return Message(await asyncio.wait_for(self.inbox.get(), patience_s))

    async def close(self) -> None:
        if self._udp is not None:
            self._udp.close()
        if self._writer is not None:
            self._writer.close()
        if self._reading is not None:
            self._reading.cancel()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n")
                if head == b"\r\n":
                    self.inbox.put_nowait(head)
                    continue
                head += await reader.readuntil(b"\r\n\r\n")
                lines = head.decode().lower().split("\r\n")
                length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
                self.inbox.put_nowait(head + await reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.set()


class Client:
    """One dialog, as a recording client drives it."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        number = next(_numbers)
        self.call_id = f"call-{number}@client.test"
        self.from_ = f'"SRC" <sip:src@client.test>;tag=from-{number}'
        self.to = "<sip:srs@recorder.test>"
        self.cseq = 0
        self.branch = ""
        self.target = "sip:srs@recorder.test"
        self.contact = f"<sip:src@{HOST}:{wire.port};transport={wire.transport.lower()}>;+sip.src"
        self.last: Message | None = None

    def build(
        self,
        method: str,
        content_type: str = "",
        body: bytes = b"",
        *headers: str,
        cseq: int | None = None,
        branch: str = "",
        require: str = "",
    ) -> bytes:
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        self.branch = branch or f"z9hG4bK-{next(_numbers)}"
        lines = [
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/{self.wire.transport} {HOST}:{self.wire.port};branch={self.branch};rport",
            "Max-Forwards: 70",
            f"From: {self.from_}",
            f"To: {self.to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: {self.contact}",
            "User-Agent: raw test client",
            *headers,
        ]
        if require:
            lines.append(f"Require: {require}")
        if body:
            lines.append(f"Content-Type: {content_type}")
        lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join((*lines, "", "")).encode() + body

    async def ask(
        self, method: str, content_type: str = "", body: bytes = b"", *headers: str, require: str = ""
    ) -> Message:
        """Send a request; its final response."""
        self.wire.send(self.build(method, content_type, body, *headers, require=require))
        return await self.final()

    async def final(self) -> Message:
        while True:
            message = await self.wire.receive()
            if not message.is_request and message.code >= 200:
                self.last = message
                return message

    async def request(self, method: str) -> Message:
        """Wait for a request of the recorder."""
        while True:
            message = await self.wire.receive()
            if message.is_request and message.start.startswith(method):
                return message

    def answer(self, request: Message, code: int = 200) -> None:
        lines = [f"SIP/2.0 {code} Whatever", *(f"Via: {via}" for via in request.headers["via"])]
        lines += [f"{name}: {request[name]}" for name in ("From", "To", "Call-ID", "CSeq")]
        self.wire.send("\r\n".join((*lines, "Content-Length: 0", "", "")).encode())

    def take_dialog(self, response: Message) -> None:
        self.to = response["to"]
        self.target = response["contact"].partition("<")[2].partition(">")[0]

    def ack(self, content_type: str = "", body: bytes = b"", *headers: str) -> None:
        self.wire.send(self.build("ACK", content_type, body, *headers, cseq=self.cseq))

    async def invite(
        self, content_type: str = "", body: bytes | None = None, *headers: str, require: str = "siprec"
    ) -> Message:
        """A whole INVITE with ACK; SIPREC with two streams unless told otherwise."""
        if body is None:
            content_type, body = siprec_body()
        response = await self.ask("INVITE", content_type, body, *headers, require=require)
        assert response.code == 200, response.start
        self.take_dialog(response)
        self.ack()
        return response


class Voice:
    """Sends RTP with a recognisable payload."""

    def __init__(self, port: int, ssrc: int, payload_type: int = 8) -> None:
        self._port = port
        self._ssrc = ssrc
        self._payload_type = payload_type
        self._seq = 0
        self.sent: list[bytes] = []

    async def say(self, packets: int, interval_s: float = 0.002) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=(HOST, self._port)
        )
        for _ in range(packets):
            self._seq += 1
            header = struct.pack(">BBHII", 0x80, self._payload_type, self._seq, self._seq * 160, self._ssrc)
            packet = header + bytes([self._seq % 256]) * 160
            transport.sendto(packet)
            self.sent.append(packet)
            await asyncio.sleep(interval_s)
        transport.close()
