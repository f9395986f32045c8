"""From an SDP offer to our answer (RFC 3264, RFC 7866 §7.1.2): pure, no ports are opened here.

The answer is one application/sdp with as many m-lines as the offer, in its order. A line that we record
names the chosen codec and telephone-event, is recvonly or inactive, carries the offer's label and a real
port; every other line has port 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fonoteka.domain.errors import SignallingRefused
from fonoteka.domain.sealed import MediaFormat
from fonoteka.wire.sdp import Direction, MediaDescription, Origin, SessionDescription

ENCODINGS = frozenset({"PCMU", "PCMA", "G722", "OPUS"})
"""What the archive can decode."""
PROTOCOLS = frozenset({"RTP/AVP", "RTP/AVPF"})
"""SRTP (RTP/SAVP…) would need a key of ours; those lines are rejected."""
STREAMS_MAX = 16
"""More lines of one offer are rejected: a call has two parties, a conference some more."""
EVENT = "TELEPHONE-EVENT"
ALWAYS_KNOWN = {
    0: MediaFormat("PCMU", 8000),
    8: MediaFormat("PCMA", 8000),
    9: MediaFormat("G722", 8000),
    13: MediaFormat("CN", 8000),
}
"""Payload types whose meaning no offer may leave open (RFC 3551 §6); clients fork them unannounced."""
OUR_FORMATS = ALWAYS_KNOWN | {
    96: MediaFormat("OPUS", 48000, 2),
    101: MediaFormat(EVENT, 8000, fmtp="0-15"),
}
"""What we offer when the INVITE brings no offer."""
OUR_PREFERENCE = (8, 0, 9, 96, 101)


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one m-line of the far end.

    `chosen` are the payload types we name, empty when the line is rejected. `known` is what every payload
    type means that may arrive. `held`: nothing will arrive for now.
    """

    described: MediaDescription
    chosen: tuple[int, ...]
    known: dict[int, MediaFormat]
    held: bool

    @property
    def accepted(self) -> bool:
        """Whether we record this line."""
        return bool(self.chosen)

    @property
    def label(self) -> str:
        """The line's label as written, empty without one."""
        return self.described.label or ""


def read_offer(offer: SessionDescription, *, first: bool = True) -> tuple[Line, ...]:
    """Decide on every line of an offer, or of the answer to an offer of ours.

    Raises `SignallingRefused` (488) when no line is usable, unless a later offer just ends every stream.
    """
    lines: list[Line] = []
    for described in offer.media:
        room = sum(line.accepted for line in lines) < STREAMS_MAX
        chosen = _choose(described) if room else ()
        direction = described.effective_direction(offer)
        held = direction in (Direction.INACTIVE, Direction.RECVONLY)
        lines.append(Line(described, chosen, ALWAYS_KNOWN | described.formats, held))
    ends_all = not first and lines and not any(line.described.port for line in lines)
    if not ends_all and not any(line.accepted for line in lines):
        raise SignallingRefused(488, "no stream of this offer can be recorded")
    return tuple(lines)


def build_answer(lines: Sequence[Line], ports: Mapping[int, int], origin: Origin) -> SessionDescription:
    """Our answer. `ports` has our RTP port by line index; a line without one is rejected."""
    media = tuple(
        _accept(line, ports[index]) if line.accepted and index in ports else _reject(line.described)
        for index, line in enumerate(lines)
    )
    return SessionDescription(origin=origin, name="-", address=origin.address, media=media)


def build_offer(labels: Sequence[str], ports: Mapping[int, int], origin: Origin) -> SessionDescription:
    """Our offer for an INVITE without one: a recvonly line for each label, "" for a line without label."""
    media = tuple(
        MediaDescription(
            kind="audio",
            port=ports[index],
            protocol="RTP/AVP",
            payload_types=OUR_PREFERENCE,
            formats={number: OUR_FORMATS[number] for number in OUR_PREFERENCE},
            direction=Direction.RECVONLY,
            label=label or None,
        )
        for index, label in enumerate(labels)
    )
    return SessionDescription(origin=origin, name="-", address=origin.address, media=media)


def sends_audio(offer: SessionDescription) -> bool:
    """Whether any audio line of an offer is to be sent to us; asked of calls that are no SIPREC."""
    sending = (Direction.SENDONLY, Direction.SENDRECV)
    return any(
        line.kind == "audio" and line.port and line.effective_direction(offer) in sending
        for line in offer.media
    )


def next_origin(last: SessionDescription | None, now: SessionDescription) -> SessionDescription:
    """`now` with the version it must carry: one more than `last` when anything changed (RFC 3264 §8)."""
    if last is None or replace(now, origin=last.origin) == last:
        return now if last is None else last
    return replace(now, origin=replace(now.origin, version=last.origin.version + 1))


def _choose(line: MediaDescription) -> tuple[int, ...]:
    """The first codec of the line that we know, and the telephone-event of its clock."""
    if line.kind != "audio" or not line.port or line.protocol.upper() not in PROTOCOLS:
        return ()
    codec = next((number for number in line.payload_types if _encoding(line, number) in ENCODINGS), None)
    if codec is None:
        return ()
    events = [number for number in line.payload_types if _encoding(line, number) == EVENT]
    clock_hz = line.formats[codec].clock_hz
    events.sort(key=lambda number: line.formats[number].clock_hz != clock_hz)
    return (codec, *events[:1])


def _encoding(line: MediaDescription, number: int) -> str:
    known = line.formats.get(number)
    return "" if known is None else known.encoding


def _accept(line: Line, port: int) -> MediaDescription:
    described = line.described
    formats = {number: _parameters(described.formats[number]) for number in line.chosen}
    multiplexed = any(name == "rtcp-mux" for name, _ in described.attributes)
    return MediaDescription(
        kind=described.kind,
        port=port,
        protocol=described.protocol,
        payload_types=line.chosen,
        formats=formats,
        direction=Direction.INACTIVE if line.held else Direction.RECVONLY,
        label=described.label,
        attributes=(("rtcp-mux", None),) if multiplexed else (),
    )


def _parameters(offered: MediaFormat) -> MediaFormat:
    """Only telephone-event's fmtp is echoed: a codec's parameters say what their writer wants to receive."""
    return offered if offered.encoding == EVENT else replace(offered, fmtp="")


def _reject(line: MediaDescription) -> MediaDescription:
    return MediaDescription(
        kind=line.kind,
        port=0,
        protocol=line.protocol,
        payload_types=line.payload_types[:1],
        label=line.label,
        other_formats=() if line.payload_types else (line.other_formats[:1] or ("0",)),
    )
