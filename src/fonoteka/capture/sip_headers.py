"""Header values (RFC 3261 §7.3, §20) read leniently: what is not needed for routing is not judged.

`sipmessage` raises for underscores in host names, unquoted blanks and the like; a recorder answers all
the same, so only the parts that steer transactions and dialogs are taken out here, and values are echoed raw.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from fonoteka.domain.errors import WireMalformed

SIP_PORT = 5060
_VIA = re.compile(
    r"SIP\s*/\s*2\.0\s*/\s*([A-Za-z0-9-]+)\s+(\[[0-9A-Fa-f:.]+\]|[^\s:;,\[\]]+)\s*(?::\s*(\d{1,5}))?\s*"
)
_URI = re.compile(
    r"(sips?|tel):(?:([^@>\s]*)@)?(\[[0-9A-Fa-f:.]+\]|[^\s:;?@<>\[\]]*)(?::(\d{1,5}))?(.*)", re.I | re.S
)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def clean(value: str) -> str:
    """A header value without control characters, so that an echo cannot add lines of its own."""
    return _CONTROL.sub(" ", value)


def split_outside_quotes(value: str, separator: str) -> list[str]:
    """Split at `separator` where it stands outside quoted strings and angle brackets; parts are stripped."""
    parts, start, quoted, bracketed, position = [], 0, False, False, 0
    while position < len(value):
        character = value[position]
        if quoted:
            if character == "\\":
                position += 1
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character in "<>":
            bracketed = character == "<"
        elif character == separator and not bracketed:
            parts.append(value[start:position].strip())
            start = position + 1
        position += 1
    parts.append(value[start:].strip())
    return parts


def parameters_of(text: str) -> tuple[tuple[str, str | None], ...]:
    """`;name=value` pairs in order, names in lower case, values as written; empty ones are left out."""
    found: list[tuple[str, str | None]] = []
    for part in split_outside_quotes(text, ";"):
        name, equals, value = part.partition("=")
        if name.strip():
            found.append((name.strip().lower(), value.strip() if equals else None))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Via:
    """One Via value (RFC 3261 §20.42, RFC 3581). `host` keeps the brackets of an IPv6 reference."""

    transport: str
    host: str
    port: int | None
    parameters: tuple[tuple[str, str | None], ...]

    @classmethod
    def parse(cls, value: str) -> Via:
        """Read one value. Raises `WireMalformed`."""
        found = _VIA.match(value)
        rest = "" if found is None else value[found.end() :]
        if found is None or (rest and not rest.startswith(";")):
            raise WireMalformed("Via cannot be read")
        port = None if found[3] is None else int(found[3])
        if port is not None and not 0 < port < 65536:
            raise WireMalformed("Via names an impossible port")
        return cls(found[1].upper(), found[2], port, parameters_of(rest))

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        pairs = "".join(
            f";{name}" if value is None else f";{name}={value}" for name, value in self.parameters
        )
        return f"SIP/2.0/{self.transport} {self.host}{port}{pairs}"

    def parameter(self, name: str) -> str | None:
        """The value of a parameter; None when absent or without value."""
        return dict(self.parameters).get(name)

    @property
    def branch(self) -> str:
        """The transaction's branch, empty when absent (RFC 2543 clients)."""
        return self.parameter("branch") or ""

    @property
    def wants_rport(self) -> bool:
        """Whether the client asks for answers to the port it sent from (RFC 3581)."""
        return "rport" in dict(self.parameters)

    def received_from(self, host: str, port: int) -> Via:
        """This value as it is echoed, with `received` and `rport` (RFC 3261 §18.2.1, RFC 3581 §4)."""
        kept = tuple(
            (name, str(port) if name == "rport" else value)
            for name, value in self.parameters
            if name != "received"
        )
        if self.wants_rport or self.host.strip("[]") != host:
            kept = (*kept, ("received", host))
        return replace(self, parameters=kept)


@dataclass(frozen=True, slots=True)
class NameAddress:
    """A From, To, Contact or Record-Route value: display name, URI as written, parameters after it."""

    name: str
    uri: str
    parameters: tuple[tuple[str, str | None], ...]

    @classmethod
    def parse(cls, value: str) -> NameAddress:
        """Read one value; without angle brackets parameters belong to the header (RFC 3261 §20)."""
        value = value.strip()
        quoted = re.match(r'"(?:[^"\\]|\\.)*"', value)
        opened = value.find("<", quoted.end() if quoted else 0)
        closed = value.find(">", opened)
        if opened < 0 or closed < 0:
            uri, _, rest = value.partition(";")
            return cls("", uri.strip(), parameters_of(rest))
        name = re.sub(r"\\(.)", r"\1", quoted[0][1:-1]) if quoted else value[:opened].strip()
        return cls(name, value[opened + 1 : closed].strip(), parameters_of(value[closed + 1 :]))

    @property
    def tag(self) -> str:
        """The dialog tag, empty when there is none."""
        return dict(self.parameters).get("tag") or ""


@dataclass(frozen=True, slots=True)
class SipUri:
    """Where a URI points. `host` is without IPv6 brackets; `port` 0 when not written."""

    user: str
    host: str
    port: int
    transport: str
    loose_route: bool

    @classmethod
    def parse(cls, value: str) -> SipUri:
        """Read a sip, sips or tel URI. Raises `WireMalformed` for another scheme or an impossible port."""
        found = _URI.fullmatch(value)
        port = int(found[4] or 0) if found else 0
        if found is None or port > 65535:
            raise WireMalformed("URI cannot be read")
        parameters = dict(parameters_of(found[5].partition("?")[0]))
        return cls(
            user=found[2] or "",
            host=found[3].strip("[]"),
            port=port,
            transport=(parameters.get("transport") or "").upper(),
            loose_route="lr" in parameters,
        )


def bracketed(host: str) -> str:
    """A host as it is written in a URI or Via: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def host_and_port(value: str) -> tuple[str, int]:
    """`HOST:PORT` or `[IPv6]:PORT` of a setting. Raises ValueError."""
    host, colon, port = value.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{value!r} is not HOST:PORT")
    return host.strip("[]"), int(port)
