"""What people call a call: its parties, its direction and its recordings.

Terms follow RFC 7865: a call is a CommunicationSession, those who speak are Participants.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fonoteka.domain.direction import Direction
from fonoteka.domain.recording import Recording
from fonoteka.domain.rules import Decision

DEFAULT_TENANT_ID = "default"


class Party(StrEnum):
    """The part that a participant plays in a call."""

    CALLING = "calling"
    CALLED = "called"
    CONNECTED = "connected"
    REDIRECTING = "redirecting"


@dataclass(frozen=True, slots=True)
class Participant:
    """One who speaks in a call. `number` is the user part of `aor`; both may be empty."""

    id: str
    party: Party | None
    number: str
    name: str
    aor: str

    @property
    def label(self) -> str:
        """What to show for this participant: the name, else the number, else the address."""
        return self.name or self.number or self.aor


class CallOutcome(StrEnum):
    """What became of a call that we know of: its line in the ledger."""

    RECORDED = "recorded"
    SKIPPED = "skipped"
    """A rule did not want it."""
    NOT_KEPT = "not_kept"
    """On demand, and nobody asked for it in time."""
    MISSED = "missed"
    """Nobody answered: there was nothing to record."""
    REFUSED = "refused"
    """We could not take it (disk full, too many calls)."""
    FAILED = "failed"
    MISSING = "missing"
    """A source says there was a call that should have been recorded, and no recording came."""
    EXPECTED = "expected"
    """A source announced it; the recording may still come."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a call between transfers: who talked with whom, in ms from the call's start."""

    since_ms: int
    until_ms: int | None
    participant_ids: tuple[str, ...]
    kind: str = "talk"
    """talk, queue, transfer_blind, transfer_attended, forward: how the stretch began.

    consultation: what was said to a colleague before an attended transfer.
    """


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the archive knows it. Instants are aware UTC; `participants` holds the calling one first."""

    id: str
    tenant_id: str
    source: str
    direction: Direction
    started_at: datetime
    duration_ms: int
    participants: tuple[Participant, ...]
    recordings: tuple[Recording, ...]
    created_at: datetime
    outcome: CallOutcome = CallOutcome.RECORDED
    reason: str = ""
    decision: Decision | None = None
    segments: tuple[Segment, ...] = ()
    forwarded_outside: bool = False
    external_id: str = ""
    """The source's own id (linkedid, file name); with `source` it is unique in a tenant when not empty."""

    def participant(self, party: Party) -> Participant | None:
        """The first participant with that part, or None."""
        return next((one for one in self.participants if one.party is party), None)


def is_extension(number: str, extension_digits_max: int) -> bool:
    """Whether a number looks like an own extension: up to so many digits, nothing else."""
    return re.fullmatch(rf"\d{{1,{extension_digits_max}}}", number) is not None


def direction_of(calling: str, called: str, extension_digits_max: int) -> Direction:
    """The direction of a call by its numbers, as long as no list of extensions says better."""
    ours = is_extension(calling, extension_digits_max), is_extension(called, extension_digits_max)
    return {
        (True, True): Direction.INTERNAL,
        (True, False): Direction.OUTGOING if called else Direction.UNKNOWN,
        (False, True): Direction.INCOMING,
        (False, False): Direction.UNKNOWN,
    }[ours]
