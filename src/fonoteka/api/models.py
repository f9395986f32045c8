"""What the API answers, as its clients see it: described fields, units in the names, instants with `Z`.

Each model is read from the value of the domain that has the same attributes.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from fonoteka.api.instants import Instant
from fonoteka.api.plain_text import PlainText
from fonoteka.domain.call import CallOutcome, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.mark import MarkKind
from fonoteka.domain.recording import ActivityStrip, EndReason, RecordingState, RemovalCause

EXAMPLE_CALL_ID = "01957a3c-5f2a-7c41-9a52-6f0d3b1e8c77"
EXAMPLE_RECORDING_ID = "01957a3c-5f2b-7d02-8b11-2c9e4f7a6d10"


def _encode_strip(strip: ActivityStrip | str) -> str:
    return strip.encode() if isinstance(strip, ActivityStrip) else strip


class Body(BaseModel):
    """Base of all answers: filled from attributes, frozen."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Participant(Body):
    """One who speaks in a call."""

    id: str = Field(description="Identifier within the call, as the recording client gave it.")
    party: Party | None = Field(description="The part played in the call; null when the client did not say.")
    number: str = Field(description="Telephone number or extension; may be empty.", examples=["+74951234567"])
    name: str = Field(description="Display name; may be empty.", examples=["Анна Котова"])
    aor: str = Field(
        description="Address of record (RFC 3261); may be empty.", examples=["sip:101@pbx.example.com"]
    )


class Track(Body):
    """One party's audio inside a recording."""

    index: int = Field(
        description="Place among the tracks, from 0. Track 0 is channel 0 of the audio, others channel 1.",
        ge=0,
    )
    party: str | None = Field(description="Who is heard on it; null when not known.", examples=["calling"])
    participant_id: str | None = Field(description="`id` of the participant who is heard, where known.")
    label: str = Field(description="Label of the media stream in the recording session (RFC 7866).")
    codec: str = Field(description="Codec that the track arrived in.", examples=["PCMA"])
    sample_rate_hz: int = Field(description="Sample rate that the track arrived with.", examples=[8000])
    packets: int = Field(description="RTP packets that arrived.", ge=0)
    lost_packets: int = Field(description="RTP packets that never came.", ge=0)
    gap_ms: int = Field(description="Silence put in the place of what is missing, in milliseconds.", ge=0)


class Keeping(Body):
    """What keeps a recording, and what will take it away."""

    is_held: bool = Field(description="Under legal hold: nothing deletes it.")
    protected_until: Instant | None = Field(description="The end of its minimum term; null: it has none.")
    delete_at: Instant | None = Field(description="When it goes into the bin by itself; null: it does not.")
    binned_at: Instant | None = Field(description="Since when it is in the bin.")


class Mark(Body):
    """A stretch of a recording in which nothing was written (timed silence), or where keys were pressed."""

    since_ms: int = Field(description="From when, in ms from the recording's start.", examples=[12000])
    until_ms: int = Field(description="Until when.", examples=[34000])
    kind: MarkKind = Field(
        description="`pause`: a person paused it. `hold`: the call was on hold. `rule`: no rule wanted it."
        " `keys`: somebody pressed keys of the telephone; which ones is not told, and there is sound."
    )
    reason: str = Field(description="Why it was paused, as the person said; may be empty.")
    count: int = Field(description="How many keys were pressed; 0 of other kinds.")


class Recording(Body):
    """The recorded audio of a call: what it is and where it is on its way to the listener."""

    id: str = Field(description="Identifier (UUID version 7).", examples=[EXAMPLE_RECORDING_ID])
    call_id: str = Field(description="The call it belongs to.", examples=[EXAMPLE_CALL_ID])
    state: RecordingState = Field(
        description="`ready`: audio and peaks can be fetched. `processing`: in a moment. `silent`: no audio"
        " arrived. `failed`: see `error_code`. `binned`: deleted, it can be restored. `deleted`: the audio is"
        " gone for good, this entry stays."
    )
    end_reason: EndReason = Field(
        description="Why it ended. `interrupted`: the recorder was killed, what had reached the disk is kept."
    )
    started_at: Instant = Field(description="When the recording began.")
    duration_ms: int = Field(description="Length in milliseconds.", examples=[187240])
    codec: str = Field(description="Codec of the stored audio: `opus` or `flac`.", examples=["opus"])
    profile: str = Field(description="Archive profile that it was encoded with.", examples=["standard"])
    size_bytes: int = Field(description="Size of the stored file.", examples=[561720])
    sha256: str = Field(
        description="SHA-256 of the stored file in hexadecimal; empty until there is one.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    strip: Annotated[str, BeforeValidator(_encode_strip)] = Field(
        description="Loudness over the length for a small picture: 45 hexadecimal digits (0 silent, f loud)"
        " for each track, tracks parted by a full stop."
    )
    tracks: tuple[Track, ...] = Field(description="One entry for each party's audio, by channel.")
    marks: tuple[Mark, ...] = Field(description="Where it was paused or on hold.")
    error_code: str | None = Field(description="Why processing failed, as a code of docs/operate/errors.md.")
    deleted_at: Instant | None = Field(description="When the audio was deleted for good.")
    stored_bytes: int = Field(0, description="Audio and peaks, as they count against the quota.")
    keeping: Keeping = Field(description="What keeps it, and until when.")
    removal_cause: RemovalCause | None = Field(
        None,
        description="Why it is in the bin or gone: `hand`, `plan` (quota), `disk` (nearly full), `term`.",
    )
    removal_detail: str = Field("", description="Such as `quota_bytes=100000000` or the term.")


class Segment(Body):
    """One stretch of a call between transfers: who talked with whom."""

    since_ms: int = Field(description="When it began, in ms from the call's start.", examples=[0])
    until_ms: int | None = Field(description="When it ended; null: with the call.")
    participant_ids: tuple[str, ...] = Field(description="Who talked, by `id` among the participants.")
    kind: str = Field(
        description="How it began: `talk`, `queue`, `transfer_blind`, `transfer_attended`, `forward` or"
        " `consultation`.",
        examples=["talk"],
    )


class Call(Body):
    """A call: who spoke, when, and what was recorded of it."""

    id: str = Field(description="Identifier (UUID version 7).", examples=[EXAMPLE_CALL_ID])
    source: str = Field(description="Where it came from.", examples=["siprec"])
    direction: Direction = Field(description="Where it went, seen from the company.")
    started_at: Instant = Field(description="When it began.")
    duration_ms: int = Field(description="Length in milliseconds.", examples=[187240])
    participants: tuple[Participant, ...] = Field(description="Who took part, the calling one first.")
    recordings: tuple[Recording, ...] = Field(description="What was recorded.")
    created_at: Instant = Field(description="When the archive took it in.")
    outcome: CallOutcome = Field(description="What became of it.")
    reason: str = Field(description="Why; may be empty.")
    segments: tuple[Segment, ...] = Field(description="Its stretches between transfers, where known.")


class GistTag(Body):
    """A tag of a call in a list."""

    id: str = Field(description="Its id.")
    name: str = Field(description="Its name.")


class Gist(Body):
    """What is said of a call, in short."""

    tags: tuple[GistTag, ...] = Field(description="By name.")
    mark: float | None = Field(description="The mean of its marks to a tenth; null without any.")
    has_note: bool = Field(description="Whether its note says anything.")
    comments: int = Field(description="How many comments it has.")


class CallPage(Body):
    """A page of calls, newest first."""

    items: tuple[Call, ...] = Field(description="The calls of this page.")
    next: str | None = Field(description="Give it back as `cursor` for the next page; null on the last one.")
    gists: dict[str, Gist] = Field(description="What is said of each, by its `id`.")


class CallTotals(Body):
    """How many calls there are and how long they are together."""

    calls: int = Field(description="How many; at least so many unless `is_exact`.")
    duration_ms: int = Field(description="The length of the counted ones together, in milliseconds.")
    is_exact: bool = Field(description="Whether all were counted.")


class UploadedParty(BaseModel):
    """One who spoke in an uploaded call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: PlainText = Field("", max_length=128, description="Telephone number or extension.")
    name: PlainText = Field("", max_length=256, description="Display name.")


class UploadedCall(BaseModel):
    """What is told of an uploaded call; the part `call` of the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    started_at: Instant = Field(description="When the call began.")
    calling: UploadedParty = Field(UploadedParty(), description="Who called.")
    called: UploadedParty = Field(UploadedParty(), description="Who was called.")
    direction: Direction = Field(Direction.UNKNOWN, description="Where it went; unknown: by the numbers.")
    channels: tuple[Party, ...] = Field(
        (Party.CALLING, Party.CALLED),
        min_length=2,
        max_length=2,
        description="Who is heard on the two channels of `audio`, when it has two.",
    )


class UploadAccepted(Body):
    """What an accepted upload will be found under."""

    call_id: str = Field(description="The call's `id`.", examples=[EXAMPLE_CALL_ID])
    recording_id: str = Field(description="The recording's `id`.", examples=[EXAMPLE_RECORDING_ID])


class PeaksTrack(Body):
    """The waveform of one party."""

    party: str | None = Field(description="Who is heard.", examples=["calling"])
    peaks: tuple[int, ...] = Field(
        description="The loudest sample of each interval, 0 (silence) to 255 (full scale).",
        examples=[[0, 12, 180, 96]],
    )


class Peaks(Body):
    """The waveform of a recording, ready to be drawn."""

    version: Literal[1] = Field(description="Version of this form.")
    interval_ms: int = Field(description="Milliseconds that one peak covers.", examples=[50])
    duration_ms: int = Field(description="Length in milliseconds.", examples=[187240])
    tracks: tuple[PeaksTrack, ...] = Field(description="One entry for each track, by channel.")


class HealthParts(Body):
    """How the parts of the system are."""

    recorder: Literal["ok", "down"] = Field(description="Takes calls.")
    worker: Literal["ok", "down"] = Field(description="Turns ended calls into playable recordings.")
    database: Literal["ok", "down"] = Field(description="Can be reached.")
    disk: Literal["ok", "low"] = Field(description="Has room; when low, new calls are not recorded.")


class Health(Body):
    """How the system is."""

    status: Literal["ok", "degraded"] = Field(description="`ok` when every part is.")
    parts: HealthParts


class FieldError(Body):
    """One parameter that cannot be understood."""

    field: str = Field(description="Name of the parameter.", examples=["limit"])
    in_: str = Field(alias="in", description="Where it was given.", examples=["query"])
    detail: str = Field(description="What is wrong.", examples=["Input should be less than or equal to 200"])


class Problem(Body):
    """An error, as RFC 9457 problem details."""

    type: str = Field(
        description="Name of the kind of problem.", examples=["urn:fonoteka:problem:request.invalid"]
    )
    title: str = Field(description="The kind of problem in a sentence; the same for every occurrence.")
    status: int = Field(description="The HTTP status.", examples=[422])
    detail: str = Field(description="What happened this time.")
    code: str = Field(
        description="Stable code to branch on; docs/operate/errors.md lists all.",
        examples=["request.invalid"],
    )
    instance: str = Field(description="The path that was asked for.", examples=["/api/v1/calls"])
    field: str | None = Field(None, description="With 422: the (first) parameter that cannot be understood.")
    errors: tuple[FieldError, ...] | None = Field(None, description="With 422: every such parameter.")
