"""SIP messages (RFC 3261) as they come from the field, made fit for `sipmessage`.

`sipmessage` is strict about lines; clients are not. `parse_message` first normalises (line ends, folding,
bytes that are not UTF-8, broken lines), then checks that what it returns can be used without surprises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import sipmessage
from sipmessage.message import COMPACT_FORMS

from fonoteka.domain.errors import WireMalformed

HEADER_BYTES_MAX = 64 * 1024
BODY_BYTES_MAX = 256 * 1024
HEADER_LINES_MAX = 256
"""`sipmessage` finds a header by walking a list: thousands of lines would cost seconds."""
LINE_CHARACTERS_MAX = 8 * 1024
ADDRESS_CHARACTERS_MAX = 2 * 1024
"""Patterns of `sipmessage` for addresses backtrack quadratically in the worst case."""
PORT_MAX = 65_535

HEAD_END = re.compile(rb"\r?\n\r?\n")
_NAME = r"[!%'*+\-.0-9A-Z_`a-z~]+"
_LINE_END = re.compile(r"\r?\n")
_HEADER_LINE = re.compile(rf"({_NAME})[ \t]*:[ \t]*(.*)", re.DOTALL)
_REQUEST_LINE = re.compile(rf"({_NAME}) +(\S+) +SIP/2\.0 *", re.IGNORECASE)
_STATUS_LINE = re.compile(r"SIP/2\.0 +([1-6][0-9][0-9])(?: (.*))?", re.IGNORECASE | re.DOTALL)
_LENIENT_URI = re.compile(
    r"(sips?):(?:([^@\s]*)@)?(\[[0-9A-Fa-f:.]+\]|[^\s:;?@<>\[\]]+)(?::([0-9]{1,5}))?(?:[;?].*)?",
    re.IGNORECASE,
)
# RFC 3261 §25.1 has `via-received` without brackets (RFC 5118 §4.5); `sipmessage` takes it only within.
_BARE_IPV6 = re.compile(
    r"(;[ \t]*(?:received|maddr)[ \t]*=[ \t]*)([0-9A-F.]*:[0-9A-F:.]*)(?=[ \t]*(?:[;,]|\Z))", re.IGNORECASE
)
_MEDIA_TYPE = re.compile(rf"{_NAME}/{_NAME}")
_NAME_AND_REST = re.compile(r"([^<>]*)(<[^<>]+>.*)", re.DOTALL)
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_DIGITS = re.compile(r"[0-9]{1,10}")
# Where that backtracking is worst: 8 KiB of digits behind `tel:` take four seconds.
_ENDLESS_TEL = re.compile(r"tel:[^;>\s]{129}")

Message = sipmessage.Request | sipmessage.Response


def parse_message(data: bytes) -> Message:
    """Parse one SIP message, tolerating what real clients get wrong (RFC 3261 §7).

    The body is cut to Content-Length; when fewer bytes came, it is what came. Of the returned message the
    accessors `call_id`, `cseq`, `from_address`, `to_address`, `record_route`, `route`, `contact`,
    `max_forwards`, `expires`, `min_expires`, `content_length` and `content_type` do not raise, nor does
    `vias` of it; an optional header that cannot be read is left out. Raises `WireMalformed` for what cannot
    be answered as SIP.
    """
    start, lines, body = _split(data)
    message = _start(start)
    for name, value in lines:
        message.headers.add(COMPACT_FORMS.get(name.lower(), name), value)
    _drop_unreadable(message)
    _require_readable(message)
    length = message.content_length
    message.body = body if length is None else body[:length]
    if len(message.body) > BODY_BYTES_MAX:
        raise WireMalformed(f"a SIP body of {len(message.body)} bytes")
    return message


def vias(message: Message) -> list[sipmessage.Via]:
    """The Via values, topmost first.

    Not by `message.via`, which refuses the IPv6 addresses that RFC 3261 §25.1 has behind `received`; the
    header itself stays as it came, for responses echo it. Raises ValueError, not for a parsed message.
    """
    lines = (_BARE_IPV6.sub(r"\1[\2]", line) for line in message.headers.getlist("Via"))
    return [via for line in lines for via in sipmessage.Via.parse_many(line)]


def _split(data: bytes) -> tuple[str, list[tuple[str, str]], bytes]:
    """The start line, the header lines (unfolded, broken ones left out) and everything after them."""
    data = data.lstrip(b"\r\n")
    end = HEAD_END.search(data, 0, HEADER_BYTES_MAX + 4)
    if end is None:
        raise WireMalformed("no end of the SIP header")
    head = data[: end.start()]
    try:
        text = head.decode()
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    start, *rest = _LINE_END.split(text)
    if len(rest) > HEADER_LINES_MAX:
        raise WireMalformed(f"{len(rest)} SIP header lines")
    lines = []
    for line in _unfold(rest):
        # A bare CR or NUL would travel into the headers of our responses.
        match = _HEADER_LINE.fullmatch(_CONTROLS.sub(" ", line))
        if match is not None and len(line) <= LINE_CHARACTERS_MAX:
            lines.append((match[1], match[2].strip()))
    return start, lines, data[end.end() :]


def _unfold(lines: Iterable[str]) -> list[str]:
    """Join continuation lines (RFC 3261 §7.3.1)."""
    unfolded: list[list[str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and unfolded:
            unfolded[-1].append(line.strip())
        else:
            unfolded.append([line])
    return [" ".join(parts) for parts in unfolded]


def _start(line: str) -> Message:
    if len(line) <= LINE_CHARACTERS_MAX:
        if status := _STATUS_LINE.fullmatch(line):
            return sipmessage.Response(code=int(status[1]), phrase=status[2] or "")
        if request := _REQUEST_LINE.fullmatch(line):
            return sipmessage.Request(method=request[1], uri=parse_uri(request[2]))
    raise WireMalformed(f"not the first line of a SIP message: {line[:80]!r}")


def parse_uri(text: str) -> sipmessage.URI:
    """Parse a SIP, SIPS or TEL URI; host names that RFC 3261 forbids (an underscore) are let through.

    Raises `WireMalformed`.
    """
    if _is_endless(text):
        raise WireMalformed(f"a SIP URI of {len(text)} characters")
    try:
        uri = sipmessage.URI.parse(text)
    except (ValueError, TypeError):
        match = _LENIENT_URI.fullmatch(text)
        if match is None:
            raise WireMalformed(f"not a SIP URI: {text[:80]!r}") from None
        scheme, user, host, port = match.groups()
        uri = sipmessage.URI(
            scheme=scheme.lower(), host=host, user=user or None, port=int(port) if port else None
        )
    if uri.port is not None and uri.port > PORT_MAX:
        raise WireMalformed(f"port {uri.port} in a SIP URI")
    return uri


def _readable(read: Callable[[], object]) -> bool:
    try:
        read()
    except (ValueError, KeyError, TypeError) as error:
        # TypeError: `sipmessage` 0.7.1 hands parameters to a constructor by name, and one may be `self`.
        # It also raises one and the same instance again and again, whose traceback would grow for ever.
        error.with_traceback(None)
        return False
    return True


def _drop_unreadable(message: Message) -> None:
    """Leave out optional headers whose typed accessor would raise."""
    headers = message.headers
    for name in ("Via", "From", "To", "Contact", "Route", "Record-Route", "Content-Type"):
        if any(map(_is_endless, headers.getlist(name))):
            headers.remove(name)
    for name in ("Content-Length", "Max-Forwards", "Expires", "Min-Expires"):
        value = headers.get(name)
        if value is not None and _DIGITS.fullmatch(value) is None:
            headers.remove(name)
    for name in ("From", "To", "Contact"):
        values = [_quote_name(value) for value in headers.getlist(name)]
        if values:
            headers.setlist(name, values)
    if not _readable(lambda: _check_ports(address.uri.port for address in message.contact)):
        headers.remove("Contact")
    if not _readable(lambda: message.route):
        headers.remove("Route")
    if not _readable(lambda: message.content_type):
        # A multipart boundary that RFC 3261 does not allow is still a boundary: `parse_multipart` reads it.
        bare = (headers.get("Content-Type") or "").partition(";")[0].strip()
        headers.remove("Content-Type")
        if _MEDIA_TYPE.fullmatch(bare):
            headers.set("Content-Type", bare)


def _require_readable(message: Message) -> None:
    """Raise `WireMalformed` unless the headers that carry transaction and dialog can be read (§8.1.1)."""
    checks: dict[str, Callable[[], object]] = {
        "Via": lambda: _check_ports(via.port for via in vias(message)),
        "From": lambda: message.from_address,
        "To": lambda: message.to_address,
        "CSeq": lambda: message.cseq,
        "Call-ID": lambda: message.call_id,
        "Record-Route": lambda: message.record_route,
    }
    for name, read in checks.items():
        if not _readable(read):
            raise WireMalformed(f"{name} cannot be read: {(message.headers.get(name) or 'missing')[:80]!r}")
    if not message.call_id or not message.headers.getlist("Via"):
        raise WireMalformed("Call-ID or Via is empty")
    if message.cseq.sequence >= 1 << 32:
        raise WireMalformed("CSeq does not fit 32 bits")


def _is_endless(address: str) -> bool:
    """Whether an address is so long that parsing it could take too long."""
    return len(address) > ADDRESS_CHARACTERS_MAX or _ENDLESS_TEL.search(address) is not None


def _check_ports(ports: Iterable[int | None]) -> None:
    if any(port is not None and port > PORT_MAX for port in ports):
        raise ValueError("a port above 65535")


def _quote_name(value: str) -> str:
    """Quote a display name that has characters only a quoted string may have (RFC 3261 §25.1)."""
    match = _NAME_AND_REST.fullmatch(value)
    if match is None or _readable(lambda: sipmessage.Address.parse_many(value)):
        return value
    name = match[1].strip().strip('"').replace("\\", "").replace('"', "")
    return f'"{name}" {match[2]}'


class SipStream:
    """Frames SIP messages in a TCP stream by Content-Length (RFC 3261 §18.3)."""

    def __init__(self) -> None:
        self.keepalives = 0
        """Line ends dropped between messages (RFC 5626 §3.5.1 keep-alives are two of them)."""
        self._buffer = bytearray()
        self._scanned = 0
        self._wanted: int | None = None
        self._failure: WireMalformed | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes from the connection; return the whole messages that are there now.

        Raises `WireMalformed` when the stream cannot be framed any more (a header past 64 KiB, a body past
        256 KiB, a Content-Length that is no number); messages framed before that are returned first, and
        every later call raises.
        """
        if self._failure is not None:
            raise self._failure
        self._buffer += data
        messages: list[bytes] = []
        try:
            while (message := self._next()) is not None:
                messages.append(message)
        except WireMalformed as failure:
            self._failure = failure
            self._buffer.clear()
            if not messages:
                raise
        return messages

    def _next(self) -> bytes | None:
        if self._wanted is None:
            self._drop_keepalives()
            end = HEAD_END.search(self._buffer, max(0, self._scanned - 3))
            self._scanned = len(self._buffer)
            if (self._scanned if end is None else end.end()) > HEADER_BYTES_MAX:
                raise WireMalformed(f"a SIP header of more than {HEADER_BYTES_MAX} bytes")
            if end is None:
                return None
            self._wanted = end.end() + _body_bytes(bytes(self._buffer[: end.start()]))
        if len(self._buffer) < self._wanted:
            return None
        message = bytes(self._buffer[: self._wanted])
        del self._buffer[: self._wanted]
        self._scanned, self._wanted = 0, None
        return message

    def _drop_keepalives(self) -> None:
        match = _LINE_ENDS.match(self._buffer)
        if match is not None:
            self.keepalives += match[0].count(b"\n")
            del self._buffer[: match.end()]
            self._scanned = 0


_LINE_ENDS = re.compile(rb"[\r\n]+")
_CONTENT_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


def _body_bytes(head: bytes) -> int:
    """The Content-Length of a header; none is zero. Raises `WireMalformed` if unusable or contradictory."""
    values = {match.strip() for match in _CONTENT_LENGTH.findall(head)}
    if not values:
        return 0
    value = values.pop()
    if values or not value.isdigit() or len(value) > 10:
        raise WireMalformed("Content-Length is not one number")
    if int(value) > BODY_BYTES_MAX:
        raise WireMalformed(f"a SIP body of {int(value)} bytes")
    return int(value)
