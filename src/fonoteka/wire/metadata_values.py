"""Recording metadata as values (RFC 7865 §6), and how a partial snapshot adds to what was known."""

from __future__ import annotations

from dataclasses import dataclass, field

PARTICIPANTS_MAX = 256
STREAMS_MAX = 256

COMPLETE = "complete"
PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class MetadataParticipant:
    """A Participant (RFC 7865 §6.5) with its associations (§6.6, §6.8). Times are text as written."""

    id: str
    aor: str = ""
    name: str = ""
    send: tuple[str, ...] = ()
    """Ids of the streams that carry this participant's voice."""
    recv: tuple[str, ...] = ()
    associated_at: str | None = None
    disassociated_at: str | None = None
    """Set when this participant has left."""
    vendor: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetadataStream:
    """A Media Stream (§6.7); `label` is the a=label of its m-line."""

    id: str
    label: str = ""
    session_id: str = ""


@dataclass(frozen=True, slots=True)
class RecordingMetadata:
    """A metadata snapshot. `datamode` is "complete" or "partial" (§6.1.1); `start_time` as written."""

    datamode: str = COMPLETE
    session_id: str = ""
    group_id: str = ""
    sip_session_ids: tuple[str, ...] = ()
    start_time: str | None = None
    participants: tuple[MetadataParticipant, ...] = ()
    streams: tuple[MetadataStream, ...] = ()
    vendor: dict[str, str] = field(default_factory=dict)


def merge(old: RecordingMetadata, new: RecordingMetadata) -> RecordingMetadata:
    """What is known after `new` came: a complete snapshot replaces, a partial one adds to `old` (§6.1.1).

    Of a partial one, what it does not say of a participant or stream stays. The result is complete.
    """
    if new.datamode != PARTIAL:
        return new
    participants = {one.id: one for one in old.participants}
    for one in new.participants:
        before = participants.get(one.id, MetadataParticipant(one.id))
        participants[one.id] = MetadataParticipant(
            id=one.id,
            aor=one.aor or before.aor,
            name=one.name or before.name,
            send=one.send or before.send,
            recv=one.recv or before.recv,
            associated_at=one.associated_at or before.associated_at,
            disassociated_at=one.disassociated_at,
            vendor=before.vendor | one.vendor,
        )
    streams = {(one.id, one.label if not one.id else ""): one for one in (*old.streams, *new.streams)}
    return RecordingMetadata(
        datamode=COMPLETE,
        session_id=new.session_id or old.session_id,
        group_id=new.group_id or old.group_id,
        sip_session_ids=tuple(dict.fromkeys(old.sip_session_ids + new.sip_session_ids)),
        start_time=old.start_time or new.start_time,
        participants=tuple(participants.values())[-PARTICIPANTS_MAX:],
        streams=tuple(streams.values())[-STREAMS_MAX:],
        vendor=old.vendor | new.vendor,
    )
