"""Events of the journal whose content comes from outside: cut to what a folder may hold, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from fonoteka.capture.journal import Event
from fonoteka.domain.call import Party, Segment
from fonoteka.domain.direction import Direction
from fonoteka.domain.sealed import SealedParticipant

TEXT_CHARACTERS_MAX = 1_024
SEGMENTS_MAX = 200
SEGMENT_PARTICIPANTS_MAX = 64


def bounded(value: str) -> str:
    """Text from the network, bounded, without what UTF-8 cannot hold."""
    return value[:TEXT_CHARACTERS_MAX].encode("utf-8", "replace").decode()


def participants_event(
    communication_session_id: str,
    participants: Sequence[SealedParticipant],
    senders: Mapping[int, tuple[Party | None, Sequence[str]]],
) -> Event:
    """Who takes part and who sends which stream."""
    return {
        "communication_session_id": bounded(communication_session_id),
        "participants": [
            {name: bounded(value) for name, value in asdict(one).items() if name != "party"}
            | {"party": one.party}
            for one in participants
        ],
        "senders": {
            str(index): [party, [bounded(one) for one in ids]] for index, (party, ids) in senders.items()
        },
    }


def call_event(
    tenant_id: str | None,
    direction: Direction | None,
    forwarded_outside: bool | None,
    external_id: str | None,
    segments: Sequence[Segment] | None,
) -> Event:
    """What is known of the call, without what is None; the first `SEGMENTS_MAX` segments."""
    given: Event = {
        "tenant_id": None if tenant_id is None else bounded(tenant_id),
        "direction": direction,
        "forwarded_outside": forwarded_outside,
        "external_id": None if external_id is None else bounded(external_id),
        "segments": None if segments is None else [_segment(one) for one in segments[:SEGMENTS_MAX]],
    }
    return {name: value for name, value in given.items() if value is not None}


def _segment(one: Segment) -> Event:
    participant_ids = [bounded(each) for each in one.participant_ids[:SEGMENT_PARTICIPANTS_MAX]]
    return asdict(one) | {"participant_ids": participant_ids, "kind": bounded(one.kind)}
