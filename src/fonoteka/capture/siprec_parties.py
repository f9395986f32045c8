"""Who speaks on which stream: from recording metadata, else from the INVITE's From and To."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fonoteka.capture.sip_headers import NameAddress
from fonoteka.capture.sip_message import IncomingRequest
from fonoteka.domain.call import Party
from fonoteka.domain.sealed import SealedParticipant
from fonoteka.wire.metadata import RecordingMetadata, number_of
from fonoteka.wire.parties import numbers, parties, senders

Senders = dict[int, tuple[Party | None, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Roster:
    """As `OpenRecording.set_participants` takes it; `senders` is keyed by stream index."""

    communication_session_id: str
    participants: tuple[SealedParticipant, ...]
    senders: Senders


def roster_of(metadata: RecordingMetadata, labels: Mapping[int, str]) -> Roster:
    """The roster that metadata tells; `labels` has the a=label of each stream by its index.

    Streams are resolved through `send` (RFC 7865 §6.7). Where clients leave that out, what remains
    unambiguous is used: one stream for everybody, as many streams as participants in order, or the one
    participant left over.
    """
    number = numbers(metadata)
    participants = tuple(
        SealedParticipant(one.id, party, number[one.id], one.name, one.aor)
        for one, (_, party) in zip(metadata.participants, parties(metadata), strict=True)
    )
    present = [one.id for one in metadata.participants if one.disassociated_at is None]
    heard = {index: senders(metadata, label) if label else () for index, label in labels.items()}
    _fill(heard, present)
    by_id = {one.id: one.party for one in participants}
    return Roster(
        communication_session_id=metadata.session_id
        or metadata.group_id
        or next(iter(metadata.sip_session_ids), ""),
        participants=participants,
        senders={index: (by_id.get(ids[0]) if len(ids) == 1 else None, ids) for index, ids in heard.items()},
    )


def roster_of_invite(request: IncomingRequest, labels: Mapping[int, str]) -> Roster:
    """Without metadata: the From called the To, and speaks on the first stream, the To on the second."""
    participants = tuple(
        SealedParticipant(key, party, number_of(address.uri), address.name, address.uri)
        for key, party, address in (
            ("from", Party.CALLING, NameAddress.parse(request.from_value)),
            ("to", Party.CALLED, NameAddress.parse(request.to_value)),
        )
    )
    order = dict(zip(sorted(labels), participants, strict=False))
    return Roster("", participants, {index: (one.party, (one.id,)) for index, one in order.items()})


def _fill(heard: dict[int, tuple[str, ...]], present: list[str]) -> None:
    unknown = sorted(index for index, ids in heard.items() if not ids)
    named = {one for ids in heard.values() for one in ids}
    left = [one for one in present if one not in named]
    if len(heard) == 1 and unknown:
        heard[unknown[0]] = tuple(present)
    elif unknown and len(unknown) == len(left) and (len(unknown) == len(heard) or len(left) == 1):
        heard.update({index: (one,) for index, one in zip(unknown, left, strict=True)})
