"""Who called, who was called and who speaks in which stream, as far as recording metadata tells."""

from __future__ import annotations

from collections.abc import Iterable

from fonoteka.domain.call import Party
from fonoteka.wire.metadata import MetadataParticipant, RecordingMetadata, number_of

SUFFIX_DIGITS_MIN = 7
"""So many last digits make two spellings one number: with and without a country code."""


def parties(metadata: RecordingMetadata) -> tuple[tuple[str, Party | None], ...]:
    """Each participant's id with its part in the call, in the order of the metadata.

    What a vendor's field says comes first; else the first participant called (RFC 7865 has no field for
    it). The called one is the next who is still there; the part of further ones is not known.
    """
    participants = metadata.participants
    calling = _calling(metadata)
    called = _called(metadata)
    if calling is None or calling is called:
        calling = next((one for one in participants if one is not called), None)
    if called is None:
        others = [one for one in participants if one is not calling]
        present = [one for one in others if one.disassociated_at is None]
        called = next(iter(present or others), None)
    parts = {id(called): Party.CALLED, id(calling): Party.CALLING}
    return tuple((one.id, parts.get(id(one))) for one in participants)


def senders(metadata: RecordingMetadata, label: str) -> tuple[str, ...]:
    """Ids of the participants whose voice the stream with this label carries.

    Metadata without any association is read by order: the first stream is the first participant's.
    """
    participants = metadata.participants
    if not any(one.send or one.recv for one in participants):
        if len(participants) != len(metadata.streams):
            return ()
        pairs = zip(participants, metadata.streams, strict=True)
        return tuple(one.id for one, stream in pairs if stream.label == label)
    streams = {one.id for one in metadata.streams if one.label == label and one.id}
    return tuple(one.id for one in participants if streams.intersection(one.send))


def numbers(metadata: RecordingMetadata) -> dict[str, str]:
    """The number of each participant by id: that of its address, except where the address is an account
    of the platform (BroadWorks, Webex) and the vendor's fields have the number."""
    fields = _last_names(metadata.vendor)
    told = {
        Party.CALLING: number_of(fields.get("callingpartynumber", "")),
        Party.CALLED: number_of(fields.get("calledpartynumber", "")),
    }
    found = {}
    for one, (_, party) in zip(metadata.participants, parties(metadata), strict=True):
        account = _is_user(one, fields.get("userid", ""))
        found[one.id] = (told.get(party, "") if party and account else "") or number_of(one.aor)
    return found


def _calling(metadata: RecordingMetadata) -> MetadataParticipant | None:
    """The participant whom vendors name as calling: Oracle by a flag, NetSapiens by id, others by number."""
    participants = metadata.participants
    fields = _last_names(metadata.vendor)
    return (
        _flagged(participants, "true")
        or _by_id(participants, _path(metadata.vendor, "callingparty.participant_id"))
        or _by_number(participants, fields.get("callingpartynumber", ""))
        or _recorded(metadata, "origcall", "originating")
    )


def _called(metadata: RecordingMetadata) -> MetadataParticipant | None:
    """The participant whom vendors name as called."""
    participants = metadata.participants
    fields = _last_names(metadata.vendor)
    return (
        _flagged(participants, "false")
        or _by_id(participants, _path(metadata.vendor, "calledparty.participant_id"))
        or _by_number(participants, fields.get("calledpartynumber", ""))
        or _recorded(metadata, "termcall", "terminating")
    )


def _flagged(participants: Iterable[MetadataParticipant], value: str) -> MetadataParticipant | None:
    """The first with that callingParty flag (Oracle)."""
    flags = ((one, _last_names(one.vendor).get("callingparty", "")) for one in participants)
    return next((one for one, flag in flags if flag.lower() == value), None)


def _by_id(participants: Iterable[MetadataParticipant], wanted: str) -> MetadataParticipant | None:
    return next((one for one in participants if wanted and one.id == wanted), None)


def _by_number(participants: Iterable[MetadataParticipant], aor: str) -> MetadataParticipant | None:
    wanted = number_of(aor)
    return next((one for one in participants if _same_number(number_of(one.aor), wanted)), None)


def _recorded(metadata: RecordingMetadata, element: str, word: str) -> MetadataParticipant | None:
    """The recorded user, when callType says that this is the user's part (BroadWorks, Metaswitch)."""
    fields = _last_names(metadata.vendor)
    if element not in fields and fields.get("calltype", "").lower() != word:
        return None
    user = fields.get("userid", "")
    matching = (one for one in metadata.participants if _is_user(one, user))
    return next(matching, None) or _by_number(metadata.participants, fields.get("recordedparty", ""))


def _is_user(participant: MetadataParticipant, user: str) -> bool:
    """Whether the participant's address is that `user@host` of the platform."""
    address = participant.aor.lower().removeprefix("sip:").partition(";")[0]
    return user != "" and address == user.lower()


def _same_number(one: str, other: str) -> bool:
    if not one or not other:
        return False
    short, long = sorted((_digits(one), _digits(other)), key=len)
    return one == other or (len(short) >= SUFFIX_DIGITS_MIN and long.endswith(short))


def _digits(number: str) -> str:
    """The digits of a number; empty when it is a name."""
    bare = number.removeprefix("+")
    return bare if bare.isascii() and bare.isdigit() else ""


def _path(vendor: dict[str, str], ending: str) -> str:
    return next((value for path, value in vendor.items() if path.lower().endswith(ending)), "")


def _last_names(vendor: dict[str, str]) -> dict[str, str]:
    """Vendor fields by the last part of their path, in lower case; the first one wins."""
    names: dict[str, str] = {}
    for path, value in vendor.items():
        names.setdefault(path.rpartition(".")[2].lower(), value)
    return names
