"""What should be true of one call now; whoever records it makes it so."""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka.domain.call import Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.rules import Decision


@dataclass(frozen=True, slots=True)
class PartyView:
    """Who takes part at a channel; `is_tapped`: it is to be recorded now.

    `participant_id` is the archive's: one person, though perhaps at two channels of a transfer.
    """

    channel_id: str
    participant_id: str
    party: Party
    number: str
    name: str
    is_tapped: bool
    is_held: bool
    has_joined: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A `Segment`, in ns of CLOCK_MONOTONIC."""

    since_ns: int
    until_ns: int | None
    channel_ids: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class CallView:
    """A call, or the consultation that became a part of it.

    `linkedid` is Asterisk's name of the call. `reason` says in a few words why it is as it is.
    """

    serial: int
    linkedid: str
    tenant_id: str
    parties: tuple[PartyView, ...]
    stretches: tuple[Stretch, ...]
    direction: Direction
    forwarded_outside: bool
    decision: Decision | None
    reason: str
    is_over: bool
    is_lost: bool
    """Over, and the PBX did not say so itself."""
