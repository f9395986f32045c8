"""SIP messages as transactions and dialogs see them: what came, from where, and how to answer it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sipmessage

from fonoteka.capture.sip_headers import SIP_PORT, NameAddress, Via, bracketed, clean, split_outside_quotes
from fonoteka.domain.errors import WireMalformed

SERVER = "Fonoteka"
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE"
ACCEPT = "application/sdp, application/rs-metadata+xml, application/rs-metadata, multipart/mixed"
SUPPORTED = "siprec, timer, replaces"
CSEQ_MAX = 2**31 - 1
FORGIVEN = frozenset({"ACK", "BYE"})
"""Clients copy the INVITE's CSeq into these; refusing them would leave a dialog that nobody can end."""

PHRASES = {
    100: "Trying", 200: "OK", 400: "Bad Request", 405: "Method Not Allowed", 408: "Request Timeout",
    413: "Request Entity Too Large", 415: "Unsupported Media Type", 416: "Unsupported URI Scheme",
    420: "Bad Extension", 422: "Session Interval Too Small", 481: "Call/Transaction Does Not Exist",
    482: "Loop Detected", 487: "Request Terminated", 488: "Not Acceptable Here", 491: "Request Pending",
    500: "Server Internal Error", 503: "Service Unavailable", 505: "Version Not Supported",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flow:
    """Where a message came from or goes to. `connection` names an open TCP connection, 0 for none."""

    transport: str
    host: str
    port: int
    connection: int = 0

    @property
    def reliable(self) -> bool:
        """Whether the transport itself repeats what is lost."""
        return self.transport != "UDP"

    def __str__(self) -> str:
        return f"{self.transport.lower()}:{bracketed(self.host)}:{self.port}"


@dataclass(frozen=True, slots=True)
class IncomingRequest:
    """A request with what every element needs of it. `vias` are as the answer echoes them, topmost first."""

    message: sipmessage.Request
    raw: bytes
    flow: Flow
    via: Via
    vias: tuple[str, ...]
    call_id: str
    from_value: str
    to_value: str
    from_tag: str
    to_tag: str
    cseq: int

    @property
    def method(self) -> str:
        """The method; methods are case-sensitive (RFC 3261 §7.1)."""
        return self.message.method

    @property
    def body(self) -> bytes:
        """The body, cut to Content-Length."""
        return self.message.body

    def header(self, name: str) -> str:
        """The first value of a header, empty when absent."""
        return self.message.headers.get(name) or ""

    def values(self, name: str) -> list[str]:
        """Every value of a header that may be written as a list or repeated."""
        return list_values(self.message.headers.getlist(name))

    def tokens(self, name: str) -> frozenset[str]:
        """The option tags or methods of a list header."""
        return frozenset(self.values(name))


@dataclass(frozen=True, slots=True)
class IncomingResponse:
    """A response to a request of ours."""

    message: sipmessage.Response
    raw: bytes
    flow: Flow
    branch: str
    method: str

    @property
    def code(self) -> int:
        """The status code, 100–699."""
        return self.message.code


def list_values(lines: Iterable[str]) -> list[str]:
    """The values of list header lines (RFC 3261 §7.3.1), empty ones left out."""
    return [value for line in lines for value in split_outside_quotes(line, ",") if value]


def read_request(message: sipmessage.Request, raw: bytes, flow: Flow) -> IncomingRequest:
    """Check what RFC 3261 §8.1.1 makes mandatory. Raises `WireMalformed`."""
    headers = message.headers
    for name in ("Call-ID", "CSeq", "From", "To"):
        if len(headers.getlist(name)) != 1:
            raise WireMalformed(f"{len(headers.getlist(name))} {name} headers")
    vias = list_values(headers.getlist("Via"))
    if not vias:
        raise WireMalformed("no Via header")
    via = Via.parse(vias[0]).received_from(flow.host, flow.port)
    cseq, method = read_cseq(headers["CSeq"])
    if method != message.method and message.method not in FORGIVEN:
        raise WireMalformed("CSeq names another method")
    sender, to = NameAddress.parse(headers["From"]), NameAddress.parse(headers["To"])
    if not sender.uri or not to.uri or not headers["Call-ID"].strip():
        raise WireMalformed("an empty From, To or Call-ID")
    return IncomingRequest(
        message=message,
        raw=raw,
        flow=flow,
        via=via,
        vias=(str(via), *vias[1:]),
        call_id=headers["Call-ID"].strip(),
        from_value=headers["From"],
        to_value=headers["To"],
        from_tag=sender.tag,
        to_tag=to.tag,
        cseq=cseq,
    )


def read_response(message: sipmessage.Response, raw: bytes, flow: Flow) -> IncomingResponse:
    """Take out what matches a response to its request (RFC 3261 §17.1.3). Raises `WireMalformed`."""
    vias = list_values(message.headers.getlist("Via"))
    if len(vias) != 1:
        raise WireMalformed("a response for another element")
    _, method = read_cseq(message.headers.get("CSeq") or "")
    return IncomingResponse(message, raw, flow, Via.parse(vias[0]).branch, method)


def read_cseq(value: str) -> tuple[int, str]:
    """Sequence number and method (RFC 3261 §20.16). Raises `WireMalformed`."""
    found = re.fullmatch(r"\s*([0-9]{1,10})\s+(\S+)\s*", value)
    if found is None or int(found[1]) > CSEQ_MAX:
        raise WireMalformed("CSeq cannot be read")
    return int(found[1]), found[2]


def reply_flow(request: IncomingRequest) -> Flow:
    """Where responses go (RFC 3261 §18.2.2, RFC 3581 §4).

    `maddr` is not followed: a forged one would turn the recorder into a reflector.
    """
    return reply_flow_by(request.flow, request.via)


def reply_flow_by(flow: Flow, via: Via) -> Flow:
    """As `reply_flow`, for a message that came over `flow` with this topmost Via.

    Over TCP the answer takes the open connection; should it be gone, a new one to the sent-by port.
    """
    if not flow.reliable and via.wants_rport:
        return flow
    return Flow(flow.transport, flow.host, via.port or SIP_PORT, flow.connection)


def render(start_line: str, headers: Iterable[tuple[str, str]], content_type: str, body: bytes) -> bytes:
    """A message as bytes; control characters in values become blanks."""
    lines = [start_line, *(f"{name}: {clean(value)}" for name, value in headers)]
    if body:
        lines.append(f"Content-Type: {content_type}")
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode() + body


def respond(
    request: IncomingRequest,
    code: int,
    headers: Sequence[tuple[str, str]] = (),
    *,
    tag: str = "",
    content_type: str = "application/sdp",
    body: bytes = b"",
) -> bytes:
    """A response (RFC 3261 §8.2.6). `tag` becomes the To tag where the request has none."""
    to = request.to_value if request.to_tag or not tag else f"{request.to_value};tag={tag}"
    copied = [*(("Via", via) for via in request.vias)]
    if 200 <= code < 300 and request.method in ("INVITE", "UPDATE"):
        copied += [("Record-Route", value) for value in request.message.headers.getlist("Record-Route")]
    copied += [("From", request.from_value), ("To", to), ("Call-ID", request.call_id)]
    copied.append(("CSeq", request.header("CSeq")))
    if code == 100 and (timestamp := request.header("Timestamp")):
        copied.append(("Timestamp", timestamp))
    return render(
        f"SIP/2.0 {code} {PHRASES[code]}", [*copied, *headers, ("Server", SERVER)], content_type, body
    )
