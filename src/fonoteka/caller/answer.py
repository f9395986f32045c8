"""What the recording server answered to an offer: where each stream goes, or why it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sipmessage

from fonoteka.caller.codecs_out import OutgoingCodec
from fonoteka.domain.errors import CallRefused, SdpMalformed
from fonoteka.wire.multipart import parse_multipart
from fonoteka.wire.sdp import Direction, MediaDescription, SessionDescription, parse_sdp

Target = tuple[str, int]


@dataclass(frozen=True, slots=True)
class AnsweredStream:
    """One m-line of the answer. `target` is None when nothing may be sent, and `refusal` says why."""

    label: str
    payload_type: int
    target: Target | None
    rtcp_target: Target | None
    refusal: str = ""
    remark: str = ""


def read_answer(
    response: sipmessage.Response, labels: Sequence[str], codec: OutgoingCodec
) -> tuple[AnsweredStream, ...]:
    """The streams of a 2xx in the order of the offer. Raises `CallRefused` if it holds no usable answer."""
    parts = parse_multipart(response.headers.get("Content-Type") or "", response.body)
    body = next((part.body for part in parts if part.content_type == "application/sdp"), None)
    if body is None:
        raise CallRefused("The server accepted without a session description.", status=response.code)
    try:
        session = parse_sdp(body)
    except SdpMalformed as error:
        raise CallRefused(
            f"The server's session description is broken: {error}", status=response.code
        ) from error
    if len(session.media) != len(labels):
        raise CallRefused(
            f"The server answered {len(session.media)} streams to {len(labels)} offered.",
            status=response.code,
        )
    return tuple(
        _stream(media, session, label, codec) for media, label in zip(session.media, labels, strict=True)
    )


def _stream(
    media: MediaDescription, session: SessionDescription, label: str, codec: OutgoingCodec
) -> AnsweredStream:
    address = media.effective_address(session)
    payload_type = next(
        (number for number, one in media.formats.items() if one.encoding == codec.format.encoding), None
    )
    refusal = ""
    if media.port == 0:
        refusal = "the server refused this stream (port 0)"
    elif payload_type is None:
        offered = ", ".join(one.encoding for one in media.formats.values()) or "nothing"
        refusal = f"the server takes {offered}, not {codec.format.encoding}"
    elif media.effective_direction(session) not in (Direction.RECVONLY, Direction.SENDRECV):
        refusal = f"the server does not listen ({media.effective_direction(session)})"
    elif address is None:
        refusal = "the server named no address for this stream"
    if refusal or address is None or payload_type is None:
        return AnsweredStream(label, codec.payload_type, None, None, refusal)
    remark = "" if media.label == label else f"the answer labels stream {label} as {media.label or 'nothing'}"
    return AnsweredStream(
        label, payload_type, (address, media.port), (address, _rtcp_port(media)), remark=remark
    )


def _rtcp_port(media: MediaDescription) -> int:
    """RFC 5761 (one port for both), else RFC 3605, else the next port."""
    attributes = dict(media.attributes)
    if "rtcp-mux" in attributes:
        return media.port
    named = (attributes.get("rtcp") or "").split(" ")[0]
    if named.isdecimal() and 0 < int(named) < 65_536:
        return int(named)
    return min(media.port + 1, 65_535)
