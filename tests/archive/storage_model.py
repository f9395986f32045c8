"""What storage should do, written again as simply as possible: a list of recordings in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

JUMP = timedelta(days=4)


@dataclass
class Stored:
    """A recording of the model."""

    id: str
    started_at: datetime
    size: int
    state: str = "ready"
    holds: set[str] = field(default_factory=set)
    binned_at: datetime | None = None
    restored_at: datetime | None = None
    cause: str | None = None


@dataclass
class Model:
    """A tenant: recordings by id, plan, terms and clock."""

    now: datetime
    quota: int | None = None
    overwrites: bool = False
    bin_days: int = 14
    keep_days: int | None = None
    delete_days: int | None = None
    swept_at: datetime | None = None
    is_halted: bool = False
    stored: dict[str, Stored] = field(default_factory=dict)

    @property
    def used(self) -> int:
        return sum(one.size for one in self.stored.values() if one.state != "deleted")

    def trusted(self) -> datetime:
        jumped = self.swept_at is not None and self.now - self.swept_at > JUMP
        return self.swept_at if jumped and self.swept_at else self.now

    def is_protected(self, one: Stored, at: datetime) -> bool:
        """By its minimum term."""
        return self.keep_days is not None and one.started_at + timedelta(days=self.keep_days) > at

    def may_go(self, one: Stored, at: datetime) -> bool:
        return one.state != "deleted" and not one.holds and not self.is_protected(one, at)

    def is_due(self, one: Stored, at: datetime) -> bool:
        if self.delete_days is None or one.state != "ready":
            return False
        since = one.restored_at or one.started_at
        return since + timedelta(days=self.delete_days) <= at

    def victims(self, excess: int) -> list[Stored] | None:
        """The oldest that may go, the bin first; None when they do not suffice."""
        free = [one for one in self.stored.values() if self.may_go(one, self.trusted())]
        in_bin = sorted((one for one in free if one.binned_at), key=lambda one: (one.binned_at, one.id))
        oldest = sorted((one for one in free if not one.binned_at), key=lambda one: (one.started_at, one.id))
        gone: list[Stored] = []
        for one in (*in_bin, *oldest):
            if excess <= 0:
                break
            gone.append(one)
            excess -= one.size
        return gone if excess <= 0 else None

    def add(self, one: Stored) -> bool:
        """Whether it fits, others having made room."""
        excess = 0 if self.quota is None else self.used + one.size - self.quota
        if excess > 0:
            gone = self.victims(excess) if self.overwrites else None
            if gone is None:
                return False
            for victim in gone:
                self._take(victim, "plan")
        self.stored[one.id] = one
        return True

    def bin(self, one: Stored, cause: str) -> None:
        one.state, one.binned_at, one.cause = "binned", self.now, cause

    def restore(self, one: Stored) -> None:
        if one.state == "binned":
            one.state, one.binned_at, one.cause, one.restored_at = "ready", None, None, self.now

    def empty(self, older_than: timedelta, at: datetime) -> None:
        for one in self.stored.values():
            if one.binned_at and one.binned_at <= self.now - older_than and self.may_go(one, at):
                self._take(one, one.cause or "hand")

    def sweep(self) -> None:
        if self.swept_at is not None and self.now - self.swept_at > JUMP and self._is_any_due():
            self.is_halted = True
            return
        self.is_halted = False
        self.swept_at = self.now if self.swept_at is None else max(self.now, self.swept_at)
        for one in self.stored.values():
            if self.is_due(one, self.now) and self.may_go(one, self.now):
                self.bin(one, "term")
        self.empty(timedelta(days=self.bin_days), self.now)
        if self.quota is not None and self.overwrites:
            excess = self.used - self.quota
            while excess > 0 and (gone := self.victims(1)):
                excess -= gone[0].size
                self._take(gone[0], "plan")

    def confirm(self) -> None:
        if self.is_halted:
            self.is_halted, self.swept_at = False, self.now

    def _is_any_due(self) -> bool:
        for one in self.stored.values():
            if one.holds or one.state == "deleted":
                continue
            if self.is_protected(one, self.now):
                continue
            if one.binned_at is None and self.is_due(one, self.now):
                return True
            if one.binned_at and one.binned_at <= self.now - timedelta(days=self.bin_days):
                return True
        return False

    def _take(self, one: Stored, cause: str) -> None:
        one.state, one.binned_at, one.cause = "deleted", None, cause
        one.holds.clear()
