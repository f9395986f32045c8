"""Storage, terms and legal holds as the API reads and writes them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fonoteka.api.instants import Instant
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.domain import legal_hold, retention, storage_plan
from fonoteka.domain.retention import Standing, TermScope
from fonoteka.domain.storage_plan import WhenFull
from fonoteka.domain.storage_use import Leaving

NOTE = Field("", description="Why; it stays with the version.", max_length=500)
AGREED = Field(False, description="That the dry run was seen; needed when anything would go.")


class Amount(Given):
    """Some recordings together."""

    recordings: int = Field(description="How many.")
    duration_ms: int = Field(description="Their length in milliseconds.")
    stored_bytes: int = Field(description="Audio and peaks, in bytes.")


class Going(Given):
    """A recording that would go."""

    recording_id: str = Field(description="Which.")
    call_id: str = Field(description="Its call.")
    started_at: Instant = Field(description="When it began.")
    duration_ms: int = Field(description="Its length in milliseconds.")
    stored_bytes: int = Field(description="Audio and peaks, in bytes.")
    leaving: Leaving = Field(description="`overwritten`, `binned` by its term, `emptied` out of the bin.")
    at: Instant = Field(description="When.")


class StoragePlan(Given):
    """How much room, and what when it is full."""

    version: int = Field(description="0: never saved. In a change: the version that was looked at.")
    quota_bytes: int | None = Field(None, description="Bytes for audio and peaks; null: no quota.")
    when_full: WhenFull = Field(WhenFull.REFUSE, description="`refuse` new calls, or `overwrite_oldest`.")
    warn_percents: Annotated[tuple[int, ...], Field(max_length=100)] = Field(
        (80, 90, 95, 100), description="Warnings are due at so many per cent of the quota."
    )
    bin_days: int = Field(14, description="Days that what is deleted can be restored.")

    def value(self, tenant_id: str) -> storage_plan.StoragePlan:
        """As the rooms take it."""
        return storage_plan.StoragePlan(
            tenant_id, self.version, self.quota_bytes, self.when_full, self.warn_percents, self.bin_days
        )


class PlanChange(Given):
    """A plan to put in force."""

    plan: StoragePlan = Field(description="The plan.")
    note: PlainText = NOTE
    agreed: bool = AGREED


class PlanVersion(Given):
    """A version of the plan."""

    plan: StoragePlan = Field(description="The plan.", validation_alias="value")
    author_name: str = Field(description="Who saved it.")
    at: Instant = Field(description="When.")
    note: str = Field(description="Why; may be empty.")


class PlanHistory(Given):
    """Versions of the plan."""

    items: tuple[PlanVersion, ...] = Field(description="Newest first.")


class RetentionTerm(Given):
    """Terms of a scope, in days from a recording's start; null says nothing."""

    scope: TermScope = Field(description="Whose recordings. A rule's terms are saved with the rule.")
    subject_id: PlainText = Field("", description="The group's or tag's id; empty: tenant.", max_length=200)
    keep_at_least_days: int | None = Field(None, description="Nothing deletes them before.")
    delete_after_days: int | None = Field(None, description="They go into the bin then.")


class RetentionTerms(Given):
    """Terms beside those of the rules; of several the longest wins."""

    version: int = Field(description="0: never saved. In a change: the version that was looked at.")
    terms: Annotated[tuple[RetentionTerm, ...], Field(max_length=1_000)] = Field(
        (), description="None at all: everything is kept for ever."
    )

    def value(self, tenant_id: str) -> retention.RetentionTerms:
        """As the rooms take it."""
        terms = tuple(
            retention.RetentionTerm(one.scope, one.subject_id, one.keep_at_least_days, one.delete_after_days)
            for one in self.terms
        )
        return retention.RetentionTerms(tenant_id, self.version, terms)


class TermsChange(Given):
    """Terms to put in force."""

    terms: RetentionTerms = Field(description="The terms.")
    note: PlainText = NOTE
    agreed: bool = AGREED


class StorageAudit(Given):
    """What an audit saw."""

    objects: int = Field(description="Objects in the store.")
    object_bytes: int = Field(description="Their bytes.")
    recordings: int = Field(description="Recordings that have audio by their rows.")
    counts: dict[str, int] = Field(
        description="What disagrees: `orphan` (an object without row), `missing` (a row without object),"
        " `size`, `sum` (one that drifted), `leftover` (a deleted recording's objects).",
        examples=[{"orphan": 0, "missing": 0, "size": 0, "sum": 0, "leftover": 0}],
    )
    repaired: int = Field(description="How many of them were mended.")


class StorageAuditState(Given):
    """The newest audit over all companies, and the next."""

    finished_at: Instant | None = Field(description="When the newest ended; null before the first.")
    newest: StorageAudit | None = Field(description="What it saw.")
    is_running: bool = Field(description="Whether a worker is at one.")
    next_at: Instant | None = Field(description="When the next is due.")


class StorageTrial(Given):
    """A plan, terms, or both to try; what is left out is as it is now."""

    plan: StoragePlan | None = Field(None, description="The plan.")
    terms: RetentionTerms | None = Field(None, description="The terms.")


class StorageDryRun(Given):
    """What a change would make go at once."""

    leaving: dict[Leaving, Amount] = Field(description="How much goes which way.")
    first: tuple[Going, ...] = Field(description="The first of each way.")
    final_at: Instant | None = Field(description="When what is binned now would be gone for good.")
    used_bytes: int = Field(description="What is used now.")
    used_after_bytes: int = Field(description="What would be used.")
    missing_bytes: int = Field(description="Too much, with nothing left that may go: calls are refused.")
    takes_something: bool = Field(description="Whether the change needs `agreed`.")


class StorageOverview(Given):
    """A tenant's storage now."""

    plan: StoragePlan = Field(description="The plan in force.")
    used: Amount = Field(description="All that counts against the quota.")
    by_standing: dict[Standing, Amount] = Field(
        description="By what protects it: `free`, `binned`, `protected` by a term, `held`."
    )
    disk_free_bytes: int = Field(description="Free bytes of the disk.")
    disk_free_min_bytes: int = Field(description="Below so many new calls are refused.")
    reached_percent: int | None = Field(description="The highest warning threshold reached.")
    refuses: bool = Field(description="Whether new calls are refused for want of room.")
    oldest_at: Instant | None = Field(description="When the oldest recording began.")
    next_to_go: tuple[Going, ...] = Field(description="What would make room first.")
    halted_since: Instant | None = Field(description="Sweeps wait since then: the clock had jumped.")


class NamedTerm(Given):
    """By which term."""

    scope: TermScope = Field(description="Whose term.")
    subject_id: str = Field(description="The rule's, group's or tag's id.")
    days: int = Field(description="Its days.")
    name: str = Field(description="The rule's or group's name; empty: it is no more.")
    position: int | None = Field(description="The rule's place, from 1.")


class Kept(Given):
    """Until when a recording is kept, and by what."""

    until: Instant | None = Field(description="When it goes by itself; null: it does not.")
    by: NamedTerm | None = Field(description="By which term.")
    protected_until: Instant | None = Field(description="The end of its minimum term.")
    protected_by: NamedTerm | None = Field(description="By which term.")
    is_held: bool = Field(description="Whether a legal hold is over it.")
    holds: tuple[str, ...] = Field(description="The cases, for who may see them.")
    binned_at: Instant | None = Field(description="Since when it is in the bin.")


class HoldFilter(Given):
    """All calls that fit, future ones too; what is left out fits always, but something must be given."""

    number: PlainText = Field("", description="An extension or a whole number.", max_length=500)
    since: Instant | None = Field(None, description="Calls that began then or later.")
    until: Instant | None = Field(None, description="Calls that began before then.")

    def value(self) -> legal_hold.HoldFilter:
        """As the rooms take it."""
        return legal_hold.HoldFilter(self.number, self.since, self.until)


Ids = Annotated[tuple[PlainText, ...], Field(max_length=10_000)]


class HoldPlacing(Given):
    """A hold to place."""

    case_name: PlainText = Field(description="The name of the case.", max_length=1000)
    reason: PlainText = Field(description="Why.", max_length=1000)
    call_ids: Ids = Field((), description="Calls, all their recordings.")
    recording_ids: Ids = Field((), description="Single recordings.")
    filter: HoldFilter | None = Field(None, description="Calls that fit, future ones too.")


class HoldRelease(Given):
    """How a hold ends."""

    reason: PlainText = Field("", description="Why; may be empty.", max_length=1000)


class LegalHold(Given):
    """A legal hold."""

    id: str = Field(description="Identifier.")
    case_name: str = Field(description="The name of the case.")
    reason: str = Field(description="Why.")
    author_name: str = Field(description="Who placed it.")
    placed_at: Instant = Field(description="When.")
    filter: HoldFilter | None = Field(description="What it finds.")
    recordings: int = Field(description="How many it is over.")
    released_at: Instant | None = Field(description="When it was released; null: it is in force.")
    released_by: str = Field(description="By whom; empty while in force.")
    release_reason: str = Field(description="Why; may be empty.")


class LegalHolds(Given):
    """Legal holds."""

    items: tuple[LegalHold, ...] = Field(description="Newest first.")


class BinEmptying(Given):
    """What to delete for good."""

    recording_ids: Annotated[tuple[PlainText, ...], Field(max_length=1_000)] | None = Field(
        None, description="Which; null: all that lies in the bin."
    )


class Emptied(Given):
    """What was deleted for good."""

    recordings: int = Field(description="How many; what is held or inside its minimum term stays.")
