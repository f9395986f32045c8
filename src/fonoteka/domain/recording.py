"""The archived thing: one recording, its tracks, and what a list shows of its sound."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fonoteka.domain.mark import Mark
from fonoteka.domain.retention import Keeping

STRIP_COLUMNS = 45
ONE_SIDED_MS_MIN = 10_000


class RecordingState(StrEnum):
    """Where a recording is on its way to the listener."""

    PROCESSING = "processing"
    READY = "ready"
    SILENT = "silent"
    """Sealed without one audio packet: there is nothing to play, and that is known."""
    FAILED = "failed"
    BINNED = "binned"
    """In the bin: not to be heard, but it can be restored."""
    DELETED = "deleted"


class RemovalCause(StrEnum):
    """What put a recording into the bin or took its audio away."""

    HAND = "hand"
    PLAN = "plan"
    """Overwritten: the tenant's quota was used up."""
    DISK = "disk"
    """Overwritten: the disk was nearly full."""
    TERM = "term"


class EndReason(StrEnum):
    """Why a recording ended."""

    BYE = "bye"
    CANCEL = "cancel"
    SESSION_EXPIRED = "session_expired"
    SHUTDOWN = "shutdown"
    INTERRUPTED = "interrupted"
    """The recorder was killed; what had reached the disk was kept."""
    FAILED = "failed"
    """The dialog broke before it was acknowledged."""


@dataclass(frozen=True, slots=True)
class Track:
    """One party's audio inside a recording; it is channel `min(index, 1)` of the stored file.

    `lost_packets` counts sequence numbers that never came; `gap_ms` is the silence put in their place.
    """

    index: int
    party: str | None
    participant_id: str | None
    label: str
    codec: str
    sample_rate_hz: int
    packets: int
    lost_packets: int
    gap_ms: int


@dataclass(frozen=True, slots=True)
class ActivityStrip:
    """How loud each track was over the call, `STRIP_COLUMNS` columns of 0–15, for a list's small picture."""

    tracks: tuple[tuple[int, ...], ...]

    def encode(self) -> str:
        """One hexadecimal digit a column, tracks parted by a full stop."""
        return ".".join("".join(f"{level:x}" for level in track) for track in self.tracks)

    @classmethod
    def decode(cls, text: str) -> ActivityStrip:
        """The inverse of `encode`; an empty text is a strip without tracks."""
        return cls(tuple(tuple(int(digit, 16) for digit in track) for track in text.split(".") if track))


@dataclass(frozen=True, slots=True)
class Recording:
    """An archived recording. `object_key` is None until shelved and after deletion.

    `deleted_at` is when it was deleted for good; `removal_cause` says why, of one in the bin too.
    """

    id: str
    call_id: str
    tenant_id: str
    state: RecordingState
    end_reason: EndReason
    started_at: datetime
    duration_ms: int
    codec: str
    profile: str
    size_bytes: int
    sha256: str
    object_key: str | None
    peaks_key: str | None
    strip: ActivityStrip
    tracks: tuple[Track, ...]
    error_code: str | None
    deleted_at: datetime | None
    stored_bytes: int = 0
    """Audio and peaks, as they count against the quota; 0 when nothing is stored."""
    keeping: Keeping = field(default_factory=Keeping)
    removal_cause: RemovalCause | None = None
    marks: tuple[Mark, ...] = ()
    """Where it was paused or on hold."""
    removal_detail: str = ""
    """Of the plan `quota_bytes=…`, of a term its source, of work on many calls `bulk=…`; else empty."""

    @property
    def is_one_sided(self) -> bool:
        """Whether one can hear one party at most: the other's track has no sound, or there is none.

        One track that is no party's own (a mixed sound file) says nothing of sides; nor does silence in the
        first `ONE_SIDED_MS_MIN`, when the other may just not have had the word yet.
        """
        if self.state is not RecordingState.READY:
            return False
        is_short = self.duration_ms < ONE_SIDED_MS_MIN
        heard = sum(is_short or self._is_heard(one) for one in self.tracks)
        return heard < 2 and (len(self.tracks) > 1 or any(one.party for one in self.tracks))

    @property
    def is_unheard(self) -> bool:
        """Silent or one-sided: kept out of the ordinary list."""
        return self.state is RecordingState.SILENT or self.is_one_sided

    def _is_heard(self, track: Track) -> bool:
        channel = min(track.index, 1)
        return channel >= len(self.strip.tracks) or any(self.strip.tracks[channel])
