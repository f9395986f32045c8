"""Legal hold: recordings that nothing may delete until somebody who may releases them. (Not a MediaHold.)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

HELD_TOGETHER_MAX = 10_000


@dataclass(frozen=True, slots=True)
class HoldFilter:
    """Calls that a hold is over, those still to come among them: all that is given must fit.

    `number` is a participant's extension or whole number in any notation; instants are aware UTC and about
    the call's start, `until` exclusive.
    """

    number: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it would find every call."""
        return not self.number.strip() and self.since is None and self.until is None


@dataclass(frozen=True, slots=True)
class LegalHold:
    """A hold: over the recordings it was given, and over those that its filter finds.

    `recordings` is how many it is over now. It is in force until `released_at`.
    """

    id: str
    tenant_id: str
    case_name: str
    reason: str
    author_id: str
    author_name: str
    placed_at: datetime
    filter: HoldFilter | None = None
    recordings: int = 0
    released_at: datetime | None = None
    released_by: str = ""
    release_reason: str = ""
