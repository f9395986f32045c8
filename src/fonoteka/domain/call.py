"""What people call a call: its parties, its direction and its recordings.

Terms follow RFC 7865: a call is a CommunicationSession, those who speak are Participants.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fonoteka.domain.recording import Recording

DEFAULT_TENANT_ID = "default"


class Party(StrEnum):
    """The part that a participant plays in a call."""

    CALLING = "calling"
    CALLED = "called"
    CONNECTED = "connected"
    REDIRECTING = "redirecting"


class Direction(StrEnum):
    """Where a call went, seen from the company."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


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
