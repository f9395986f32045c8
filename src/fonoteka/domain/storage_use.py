"""What is stored, and what a change would take away: values for pages and programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fonoteka.domain.retention import Standing
from fonoteka.domain.storage_plan import StoragePlan


@dataclass(frozen=True, slots=True)
class Amount:
    """Some recordings: how many, how long and how large they are together (audio and peaks)."""

    recordings: int = 0
    duration_ms: int = 0
    stored_bytes: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.recordings + other.recordings,
            self.duration_ms + other.duration_ms,
            self.stored_bytes + other.stored_bytes,
        )

    def __sub__(self, other: Amount) -> Amount:
        return Amount(
            self.recordings - other.recordings,
            self.duration_ms - other.duration_ms,
            self.stored_bytes - other.stored_bytes,
        )


class Leaving(StrEnum):
    """How a recording goes."""

    OVERWRITTEN = "overwritten"
    """For good, to make room."""
    BINNED = "binned"
    """Into the bin, by its term."""
    EMPTIED = "emptied"
    """Out of the bin, for good."""


@dataclass(frozen=True, slots=True)
class Going:
    """A recording that would go: how and when."""

    recording_id: str
    call_id: str
    started_at: datetime
    duration_ms: int
    stored_bytes: int
    leaving: Leaving
    at: datetime


@dataclass(frozen=True, slots=True)
class StorageDryRun:
    """What a change would do at once. `first` are the first to go, the oldest of each way.

    `final_at` is when what is binned now would be gone for good. `missing_bytes` is what could not be made
    room for, everything left being protected: new calls would be refused.
    """

    leaving: Mapping[Leaving, Amount]
    first: tuple[Going, ...]
    final_at: datetime | None
    used_bytes: int
    used_after_bytes: int
    missing_bytes: int

    @property
    def takes_something(self) -> bool:
        """Whether the change makes any recording go, and so needs consent."""
        return any(one.recordings for one in self.leaving.values())


@dataclass(frozen=True, slots=True)
class StorageOverview:
    """A tenant's storage now. `by_standing` has every class that counts against the quota.

    `reached_percent` is the highest warning threshold reached. `refuses` says that new recordings do not
    fit. `next_to_go` is what would be overwritten or emptied first. `halted_since`: the sweep waits for
    confirmation, the clock having jumped.
    """

    plan: StoragePlan
    used: Amount
    by_standing: Mapping[Standing, Amount]
    disk_free_bytes: int
    disk_free_min_bytes: int
    reached_percent: int | None
    refuses: bool
    oldest_at: datetime | None
    next_to_go: tuple[Going, ...]
    is_overwriting: bool
    halted_since: datetime | None


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """Something that rows, sums and objects disagree about; `kind` is one of `FINDINGS`."""

    kind: str
    subject: str
    detail: str
    repaired: bool


FINDINGS = ("orphan", "missing", "size", "sum", "leftover")
"""Object without row; row without object; another size than the row says; a sum that drifted; a deleted
recording whose objects are still there."""


@dataclass(frozen=True, slots=True)
class StorageAudit:
    """What an audit saw. `findings` holds the first ones, `counts` all by kind."""

    objects: int
    object_bytes: int
    recordings: int
    counts: Mapping[str, int]
    findings: tuple[AuditFinding, ...]
    repaired: int

    @property
    def is_clean(self) -> bool:
        """Whether everything agreed."""
        return not any(self.counts.values())


@dataclass(frozen=True, slots=True)
class StorageAuditState:
    """The newest audit (without its findings) and what comes next; None where there was none yet.

    `next_at` is when the next is due; a worker begins within seconds of it.
    """

    finished_at: datetime | None
    newest: StorageAudit | None
    is_running: bool
    next_at: datetime | None
