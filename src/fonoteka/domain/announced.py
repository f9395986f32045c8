"""A call that somebody says took place, without sound: a call detail record, a PBX that asks our REST API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fonoteka.domain.call import CallOutcome, Participant, Party
from fonoteka.domain.direction import Direction

CDR, ANNOUNCED = "cdr", "announced"
ANNOUNCING_SOURCES = frozenset({CDR, ANNOUNCED})
"""Sources that tell of calls and bring no recordings."""


@dataclass(frozen=True, slots=True)
class AnnouncedCall:
    """A call that is over. `started_at` is aware UTC, the calling participant comes first.

    `external_id` names the call at its source, `other_ids` are further names that the PBX gave to it.
    """

    tenant_id: str
    source: str
    external_id: str
    started_at: datetime
    duration_ms: int
    participants: tuple[Participant, ...]
    was_answered: bool = True
    direction: Direction = Direction.UNKNOWN
    other_ids: tuple[str, ...] = ()

    @property
    def ended_at(self) -> datetime:
        """When it was over."""
        return self.started_at + timedelta(milliseconds=self.duration_ms)

    @property
    def calling(self) -> str:
        """The calling party's number; empty when it is not known."""
        return next((one.number for one in self.participants if one.party is Party.CALLING), "")

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of all who took part."""
        return tuple(one.number for one in self.participants if one.number)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the ledger says of an announced call; `is_known` when another source had told of it."""

    call_id: str
    outcome: CallOutcome
    is_known: bool


Announce = Callable[[Sequence[AnnouncedCall], bool], tuple[Announcement, ...]]
"""Tell the ledger of calls, or with true only ask what it would say: `archive.announce_calls`."""
