"""The manifest of a call that somebody else recorded: its audio comes as finished sound files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fonoteka.connectors.folder.described import Described
from fonoteka.connectors.folder.import_state import Identity, Taken
from fonoteka.domain.call import Party
from fonoteka.domain.recording import EndReason
from fonoteka.domain.sealed import SealedParticipant, SealedRecording, SealedStream

STREAM_KIND = "audio"
LABEL_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class SoundIn:
    """A sound file of a deposit. `parties` are those heard on its channels, one for each channel."""

    file: str
    label: str
    parties: tuple[Party | None, ...]


def manifest_of(
    taken: Taken, identity: Identity, described: Described, started_at: datetime, sounds: Sequence[SoundIn]
) -> SealedRecording:
    """The manifest of the deposit; what follows from the sound (its length) the pipeline finds out."""
    people = (
        SealedParticipant(Party.CALLING, Party.CALLING, described.calling, described.calling_name, ""),
        SealedParticipant(Party.CALLED, Party.CALLED, described.called, described.called_name, ""),
    )
    present = tuple(one for one in people if one.number or one.name)
    ids = {one.party: one.id for one in present}
    channels = [(sound, channel, party) for sound in sounds for channel, party in enumerate(sound.parties)]
    return SealedRecording(
        recording_id=taken.recording_id,
        call_id=taken.call_id,
        tenant_id=identity.tenant_id,
        source=identity.source,
        opened_at=started_at,
        sealed_at=datetime.now(UTC),
        end_reason=EndReason.BYE,
        peer="",
        user_agent="",
        sip_call_id="",
        communication_session_id=described.uniqueid,
        participants=present,
        streams=tuple(
            SealedStream(
                index=index,
                label=sound.label[:LABEL_CHARACTERS_MAX],
                file=sound.file,
                party=party,
                participant_ids=(ids[party],) if party in ids else (),
                format_spans=(),
                kind=STREAM_KIND,
                channel=channel,
            )
            for index, (sound, channel, party) in enumerate(channels)
        ),
        direction=described.direction,
        external_id=identity.external_id,
    )


def parties_of(channels: int, wanted: tuple[Party, ...]) -> tuple[Party | None, ...]:
    """Who is heard on each of so many channels: as told; else two are the calling and the called party.

    One channel holds both parties mixed, so it is nobody's.
    """
    if len(wanted) == channels:
        return wanted
    if channels == 2:
        return Party.CALLING, Party.CALLED
    return (None,) * channels
