"""What a recording client says in its INVITE: SDP with two labelled streams, metadata of the call."""

from __future__ import annotations

import base64
import secrets
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import sipmessage

from fonoteka.caller.codecs_out import PACKET_MS, OutgoingCodec
from fonoteka.caller.sip_transport import bracketed
from fonoteka.domain.call import Party
from fonoteka.domain.sealed import MediaFormat
from fonoteka.wire.metadata import MetadataParticipant, MetadataStream, RecordingMetadata, build_metadata
from fonoteka.wire.multipart import Part, build_multipart
from fonoteka.wire.sdp import Direction, MediaDescription, Origin, SessionDescription

LABELS = {Party.CALLING: "1", Party.CALLED: "2"}
_TELEPHONE_EVENT = 101
_NTP_OF_UNIX_EPOCH = 2_208_988_800


@dataclass(frozen=True, slots=True)
class Speaker:
    """One participant of the call as the metadata names it."""

    number: str
    name: str


def build_offer(
    address: str, ports: dict[Party, int], codec: OutgoingCodec, speakers: dict[Party, Speaker]
) -> tuple[str, bytes]:
    """Content-Type and body of the INVITE (RFC 7866 §7.1, §9.1): session description, then metadata."""
    metadata = build_metadata(_metadata(address, speakers))
    parts = (
        Part("application/sdp", "", {}, str(_description(address, ports, codec)).encode()),
        Part("application/rs-metadata+xml", "recording-session", {}, metadata),
    )
    return build_multipart(parts, f"fonoteka-{secrets.token_hex(8)}")


def _description(address: str, ports: dict[Party, int], codec: OutgoingCodec) -> SessionDescription:
    formats = {
        codec.payload_type: codec.format,
        _TELEPHONE_EVENT: MediaFormat("TELEPHONE-EVENT", codec.format.clock_hz, fmtp="0-16"),
    }
    media = tuple(
        MediaDescription(
            kind="audio",
            port=port,
            protocol="RTP/AVP",
            payload_types=tuple(formats),
            formats=formats,
            direction=Direction.SENDONLY,
            label=LABELS[party],
            attributes=(("ptime", str(PACKET_MS)), ("rtcp-mux", None)),
        )
        for party, port in ports.items()
    )
    moment = int(time.time()) + _NTP_OF_UNIX_EPOCH
    return SessionDescription(Origin("-", moment, moment, address), "Fonoteka", address, media)


def _metadata(address: str, speakers: dict[Party, Speaker]) -> RecordingMetadata:
    session_id = _new_id()
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    streams = {party: _new_id() for party in speakers}
    participants = tuple(
        MetadataParticipant(
            id=_new_id(),
            aor=str(sipmessage.URI(scheme="sip", host=bracketed(address), user=speaker.number)),
            name=speaker.name,
            send=(streams[party],),
            recv=tuple(stream for other, stream in streams.items() if other is not party),
            associated_at=now,
        )
        for party, speaker in speakers.items()
    )
    return RecordingMetadata(
        session_id=session_id,
        group_id=_new_id(),
        sip_session_ids=(f"{uuid.uuid4().hex};remote={uuid.uuid4().hex}",),  # RFC 7989
        start_time=now,
        participants=participants,
        streams=tuple(MetadataStream(stream, LABELS[party], session_id) for party, stream in streams.items()),
    )


def _new_id() -> str:
    """An id of RFC 7865 §8.1: a UUID in base64."""
    return base64.b64encode(uuid.uuid4().bytes).decode()
