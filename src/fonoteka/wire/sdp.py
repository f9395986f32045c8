"""Session descriptions (RFC 8866) and their media, as offers and answers carry them (RFC 3264)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from fonoteka.domain.errors import SdpMalformed
from fonoteka.domain.sealed import MediaFormat

SDP_BYTES_MAX = 64 * 1024
LINES_MAX = 4_000
MEDIA_MAX = 64

Attribute = tuple[str, str | None]

STATIC_FORMATS: dict[int, MediaFormat] = {
    0: MediaFormat("PCMU", 8000),
    2: MediaFormat("G726-32", 8000),
    3: MediaFormat("GSM", 8000),
    4: MediaFormat("G723", 8000),
    5: MediaFormat("DVI4", 8000),
    6: MediaFormat("DVI4", 16000),
    7: MediaFormat("LPC", 8000),
    8: MediaFormat("PCMA", 8000),
    9: MediaFormat("G722", 8000),
    10: MediaFormat("L16", 44100, 2),
    11: MediaFormat("L16", 44100),
    12: MediaFormat("QCELP", 8000),
    13: MediaFormat("CN", 8000),
    14: MediaFormat("MPA", 90000),
    15: MediaFormat("G728", 8000),
    16: MediaFormat("DVI4", 11025),
    17: MediaFormat("DVI4", 22050),
    18: MediaFormat("G729", 8000),
    19: MediaFormat("CN", 8000),
}
"""Audio payload types that need no rtpmap (RFC 3551 §6), with 2 and 19 as they were before it."""

# Encoding names are case-insensitive (RFC 8866 §6.6), yet some peers compare them with these spellings.
_SPELLINGS = {"OPUS": "opus", "TELEPHONE-EVENT": "telephone-event", "ILBC": "iLBC", "SPEEX": "speex"}
_NO_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - how a peer says hold
_RTPMAP = re.compile(r"([0-9]{1,3})\s+([^/\s]{1,64})/([1-9][0-9]{0,6})(?:/([0-9]{1,2}))?\s*")
_FMTP = re.compile(r"([0-9]{1,3})\s+(.*)")
_MEDIA = re.compile(r"(\S{1,32})\s+([0-9]{1,5})(?:/[0-9]{1,5})?\s+(\S{1,64})((?:\s+\S+)*)\s*")
_CONNECTION = re.compile(r"IN\s+IP[46]\s+([0-9A-Za-z.:_%\-]{1,255})(?:/.*)?\s*", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]{1,20}")


class Direction(StrEnum):
    """Which way media flows, seen from the writer (RFC 8866 §6.7)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Origin:
    """The o= line (§5.2). Ids that are not numbers are read as 0."""

    username: str = "-"
    session_id: int = 0
    version: int = 0
    address: str = "0.0.0.0"  # noqa: S104 - no address said


@dataclass(frozen=True, slots=True)
class MediaDescription:
    """An m= section (§5.14).

    `formats` explains payload types by rtpmap, fmtp and the static table; one without a meaning is missing
    there. `attributes` holds what the other fields do not.
    """

    kind: str
    port: int
    protocol: str
    payload_types: tuple[int, ...] = ()
    formats: dict[int, MediaFormat] = field(default_factory=dict)
    address: str | None = None
    direction: Direction | None = None
    """As written; None when the section does not say."""
    label: str | None = None
    attributes: tuple[Attribute, ...] = ()
    other_formats: tuple[str, ...] = ()
    """Format tokens that are not payload types (T.38, data channels)."""

    def effective_address(self, session: SessionDescription) -> str | None:
        """Where this medium's packets go: the section's own c=, else the session's."""
        return self.address or session.address

    def effective_direction(self, session: SessionDescription) -> Direction:
        """The direction in force: the section's, else the session's, else sendrecv.

        An address of zeros is the old way to say hold (RFC 3264 §8.4): inactive.
        """
        if self.effective_address(session) in _NO_ADDRESS:
            return Direction.INACTIVE
        return self.direction or session.direction or Direction.SENDRECV

    def __str__(self) -> str:
        tokens = (*map(str, self.payload_types), *self.other_formats)
        lines = [" ".join((f"m={self.kind} {self.port} {self.protocol}", *tokens))]
        if self.address is not None:
            lines.append(_connection_line(self.address))
        for number, one in self.formats.items():
            channels = f"/{one.channels}" if one.channels != 1 else ""
            encoding = _SPELLINGS.get(one.encoding, one.encoding)
            lines.append(f"a=rtpmap:{number} {encoding}/{one.clock_hz}{channels}")
            if one.fmtp:
                lines.append(f"a=fmtp:{number} {one.fmtp}")
        lines.extend(_attribute_line(one) for one in self.attributes)
        if self.label is not None:
            lines.append(f"a=label:{self.label}")
        if self.direction is not None:
            lines.append(f"a={self.direction}")
        return "".join(f"{line}\r\n" for line in lines)


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """A session description; `address` is that of the session's c= line."""

    origin: Origin = Origin()
    name: str = "-"
    address: str | None = None
    media: tuple[MediaDescription, ...] = ()
    attributes: tuple[Attribute, ...] = ()

    @property
    def direction(self) -> Direction | None:
        """The direction said for all media (§6.7), or None."""
        return next((Direction(name) for name, _ in self.attributes if name in set(Direction)), None)

    def __str__(self) -> str:
        origin = self.origin
        address = f"IN {_family(origin.address)} {origin.address}"
        lines = ["v=0", f"o={origin.username} {origin.session_id} {origin.version} {address}"]
        lines.append(f"s={self.name}")
        if self.address is not None:
            lines.append(_connection_line(self.address))
        lines.append("t=0 0")
        lines.extend(_attribute_line(one) for one in self.attributes)
        return "".join(f"{line}\r\n" for line in lines) + "".join(map(str, self.media))


def parse_sdp(data: bytes | str) -> SessionDescription:
    """Read a session description; lines that make no sense are passed over, missing ones are no error.

    Raises `SdpMalformed` when it is none at all, is past the limits, or has an m= line that cannot be read
    (an answer must match the m-lines of its offer one to one).
    """
    lines = _lines(data)
    starts = [index for index, (kind, _) in enumerate(lines) if kind == "m"]
    if len(starts) > MEDIA_MAX:
        raise SdpMalformed(f"{len(starts)} media in a session description")
    session = lines[: starts[0]] if starts else lines
    values = dict(reversed(session))
    if "v" not in values and "o" not in values and not starts:
        raise SdpMalformed("not a session description")
    ends = [*starts[1:], len(lines)]
    return SessionDescription(
        origin=_origin(values.get("o", "")),
        name=values.get("s", "").strip() or "-",
        address=_address(values.get("c")),
        media=tuple(_media(lines[start:end]) for start, end in zip(starts, ends, strict=False)),
        attributes=tuple(_attribute(value) for kind, value in session if kind == "a"),
    )


def _lines(data: bytes | str) -> list[tuple[str, str]]:
    if len(data) > SDP_BYTES_MAX:
        raise SdpMalformed(f"a session description of {len(data)} bytes")
    text = data if isinstance(data, str) else data.decode("utf-8", errors="replace")
    raw = re.split(r"[\r\n]+", text)
    if len(raw) > LINES_MAX:
        raise SdpMalformed(f"a session description of {len(raw)} lines")
    return [(line[0], line[2:].rstrip()) for line in map(str.lstrip, raw) if line[1:2] == "="]


def _origin(value: str) -> Origin:
    parts = value.split()
    if len(parts) < 6:
        return Origin()
    username, session_id, version, _, _, address = parts[:6]
    return Origin(username, _number(session_id), _number(version), address)


def _number(text: str) -> int:
    return int(text) if _DIGITS.fullmatch(text) else 0


def _address(value: str | None) -> str | None:
    match = _CONNECTION.fullmatch(value) if value is not None else None
    return match[1] if match else None


def _media(lines: list[tuple[str, str]]) -> MediaDescription:
    match = _MEDIA.fullmatch(lines[0][1])
    if match is None or int(match[2]) > 65_535:
        raise SdpMalformed(f"m={lines[0][1][:80]}")
    tokens = match[4].split()
    numbers = [int(token) for token in tokens if _DIGITS.fullmatch(token) and int(token) < 128]
    payload_types = tuple(dict.fromkeys(numbers))
    attributes = [_attribute(value) for kind, value in lines[1:] if kind == "a"]
    formats, attributes = _formats(payload_types, attributes)
    direction = next((Direction(name) for name, _ in attributes if name in set(Direction)), None)
    label = next((value for name, value in attributes if name == "label" and value), None)
    taken = {"label", *Direction}
    return MediaDescription(
        kind=match[1].lower(),
        port=int(match[2]),
        protocol=match[3],
        payload_types=payload_types,
        formats=formats,
        address=_address(next((value for kind, value in lines if kind == "c"), None)),
        direction=direction,
        label=label,
        attributes=tuple(one for one in attributes if one[0] not in taken),
        other_formats=tuple(token for token in tokens if not (_DIGITS.fullmatch(token) and int(token) < 128)),
    )


def _formats(
    payload_types: tuple[int, ...], attributes: list[Attribute]
) -> tuple[dict[int, MediaFormat], list[Attribute]]:
    """What payload types mean, and the attributes that do not speak of it."""
    named: dict[int, MediaFormat] = {}
    parameters: dict[int, str] = {}
    rest: list[Attribute] = []
    for name, value in attributes:
        if name == "rtpmap" and (match := _RTPMAP.fullmatch(value or "")) and int(match[1]) < 128:
            one = MediaFormat(match[2].upper(), int(match[3]), int(match[4] or 1) or 1)
            named.setdefault(int(match[1]), one)
        elif name == "fmtp" and (match := _FMTP.fullmatch(value or "")) and int(match[1]) < 128:
            parameters.setdefault(int(match[1]), match[2])
        else:
            rest.append((name, value))
    formats = {
        number: named.get(number) or STATIC_FORMATS[number]
        for number in (*payload_types, *named)
        if number in named or number in STATIC_FORMATS
    }
    for number, text in parameters.items():
        if number in formats:
            one = formats[number]
            formats[number] = MediaFormat(one.encoding, one.clock_hz, one.channels, text)
        else:
            rest.append(("fmtp", f"{number} {text}"))
    return formats, rest


def _attribute(value: str) -> Attribute:
    name, colon, text = value.partition(":")
    return name.strip(), text.strip() if colon else None


def _attribute_line(attribute: Attribute) -> str:
    name, value = attribute
    return f"a={name}" if value is None else f"a={name}:{value}"


def _connection_line(address: str) -> str:
    return f"c=IN {_family(address)} {address}"


def _family(address: str) -> str:
    return "IP6" if ":" in address else "IP4"
