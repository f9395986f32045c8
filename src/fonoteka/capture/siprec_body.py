"""What a SIP request of a recording client carries: an SDP, recording metadata, or both (RFC 7866 §9)."""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka.capture.sip_headers import NameAddress
from fonoteka.capture.sip_message import ACCEPT, IncomingRequest
from fonoteka.domain.errors import SdpMalformed, SignallingRefused, WireMalformed
from fonoteka.wire.multipart import Part, parse_multipart
from fonoteka.wire.sdp import SessionDescription, parse_sdp

SDP_TYPE = "application/sdp"
METADATA_TYPES = frozenset({"application/rs-metadata", "application/rs-metadata+xml"})
XML_TYPES = frozenset({"application/xml", "text/xml"})
"""Clients of the drafts call their metadata so, and others what is none."""
METADATA_DISPOSITION = "recording-session"


@dataclass(frozen=True, slots=True)
class SiprecBody:
    """`metadata` is raw XML, None when none was sent."""

    sdp: SessionDescription | None
    metadata: bytes | None


def read_body(request: IncomingRequest) -> SiprecBody:
    """Take a body apart. Parts of other types are passed over.

    Raises `SignallingRefused`: 400 for what is malformed, 415 for a body of which nothing can be read.
    """
    if not request.body.strip():
        return SiprecBody(None, None)
    if request.header("Content-Encoding").strip().lower() not in ("", "identity"):
        raise SignallingRefused(415, "an encoded body", (("Accept-Encoding", "identity"),))
    try:
        parts = parse_multipart(request.header("Content-Type") or _guess(request.body), request.body)
        described = _first(parts, frozenset({SDP_TYPE}))
        sdp = parse_sdp(described) if described is not None else None
    except SdpMalformed as error:
        raise SignallingRefused(400, f"SDP: {error}") from error
    except WireMalformed as error:
        raise SignallingRefused(400, f"body: {error}") from error
    metadata = _metadata(parts)
    if sdp is None and metadata is None:
        raise SignallingRefused(415, "neither SDP nor metadata", (("Accept", ACCEPT),))
    return SiprecBody(sdp, metadata)


def is_siprec(request: IncomingRequest, body: SiprecBody) -> bool:
    """Whether the client records (RFC 7866 §6.1.1): it says so, or sends metadata without saying."""
    if body.metadata is not None or "siprec" in request.tokens("Require"):
        return True
    contact = request.header("Contact")
    names = {name for name, _ in NameAddress.parse(contact).parameters} if contact else set[str]()
    return bool(names & {"+sip.src", "src"}) or "siprec" in request.tokens("Supported")


def _metadata(parts: tuple[Part, ...]) -> bytes | None:
    """What is called metadata, else XML that is said to be it (RFC 7866 §9.1), else any XML."""
    said = tuple(part for part in parts if part.disposition == METADATA_DISPOSITION)
    for some, types in ((parts, METADATA_TYPES), (said, XML_TYPES), (parts, XML_TYPES)):
        if (found := _first(some, types)) is not None:
            return found
    return None


def _first(parts: tuple[Part, ...], types: frozenset[str]) -> bytes | None:
    return next((part.body for part in parts if part.content_type in types), None)


def _guess(body: bytes) -> str:
    return SDP_TYPE if body.lstrip().startswith(b"v=") else "application/octet-stream"
