"""The committed examples, and the way a message takes through the room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fonoteka.wire.metadata import RecordingMetadata, parse_metadata
from fonoteka.wire.multipart import Part, parse_multipart
from fonoteka.wire.sdp import SessionDescription, parse_sdp
from fonoteka.wire.sip import Message, parse_message

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.sip"))


@dataclass(frozen=True)
class Opened:
    """A message with what its body carries."""

    message: Message
    sdp: SessionDescription | None
    metadata: RecordingMetadata | None


def sdp_part(parts: Sequence[Part]) -> Part | None:
    """The session description among the parts, wherever it stands."""
    return next((part for part in parts if part.content_type == "application/sdp"), None)


def metadata_part(parts: Sequence[Part]) -> Part | None:
    """The recording metadata among the parts."""
    types = ("application/rs-metadata+xml", "application/rs-metadata", "application/xml")
    return next((part for part in parts if part.content_type in types), None)


def file_bytes(name: str) -> bytes:
    """A fixture as committed: lines end with LF."""
    return (FIXTURES / name).read_bytes()


def datagram(name: str) -> bytes:
    """A fixture as it comes from the wire: lines end with CRLF."""
    return file_bytes(f"{name}.sip").replace(b"\n", b"\r\n")


def opened(data: bytes) -> Opened:
    """Parse a message and the parts of its body."""
    message = parse_message(data)
    parts = parse_multipart(message.headers.get("Content-Type") or "", message.body)
    sdp, metadata = sdp_part(parts), metadata_part(parts)
    return Opened(
        message,
        parse_sdp(sdp.body) if sdp is not None else None,
        parse_metadata(metadata.body) if metadata is not None else None,
    )
