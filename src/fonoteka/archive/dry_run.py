"""What a change of plan or terms would take away at once, before it is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, islice

from fonoteka.archive.archive import Archive
from fonoteka.archive.terms import terms_in_force, with_rules
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.retention import RetentionTerms
from fonoteka.domain.storage_plan import StoragePlan, WhenFull
from fonoteka.domain.storage_use import Amount, Going, Leaving, StorageDryRun
from fonoteka.store import Part, StoredRow, Transaction, Trial

FIRST_MAX = 20
LISTED_MAX = 10_000
_MAKING_ROOM = (Part.IN_BIN, Part.TO_BIN, Part.FREE)


def preview_plan(archive: Archive, actor: Actor, plan: StoragePlan) -> StorageDryRun:
    """What a plan would make go, under the terms in force. Raises `AccessDenied`."""
    return preview_change(archive, actor, plan=plan)


def preview_retention(archive: Archive, actor: Actor, terms: RetentionTerms) -> StorageDryRun:
    """What terms would make go, under the plan in force. Raises `AccessDenied`."""
    return preview_change(archive, actor, terms=terms)


def preview_change(
    archive: Archive, actor: Actor, *, plan: StoragePlan | None = None, terms: RetentionTerms | None = None
) -> StorageDryRun:
    """What a plan and terms together would make go; None: those in force. Raises `AccessDenied`."""
    require(actor, Permission.STORAGE_SEE, actor.tenant_id)
    with archive.store.reading() as tx:
        fate = _fate(tx, actor.tenant_id, archive.now(), plan, terms)
        rows = chain.from_iterable(
            islice(_of(tx, fate, leaving, FIRST_MAX), FIRST_MAX) for leaving in Leaving
        )
        first = tuple(rows)
    used = fate.used.stored_bytes
    freed = fate.emptied.stored_bytes + sum(one.stored_bytes for one in fate.overwritten.values())
    return StorageDryRun(
        leaving={
            Leaving.OVERWRITTEN: sum(fate.overwritten.values(), Amount()),
            Leaving.BINNED: fate.binned,
            Leaving.EMPTIED: fate.emptied,
        },
        first=first,
        final_at=fate.trial.now + timedelta(days=fate.trial.bin_days) if fate.binned.recordings else None,
        used_bytes=used,
        used_after_bytes=used - freed,
        missing_bytes=fate.missing_bytes,
    )


def going(
    archive: Archive, actor: Actor, *, plan: StoragePlan | None = None, terms: RetentionTerms | None = None
) -> Iterator[Going]:
    """Every recording that `preview_change` counts, in bounded memory; for a list to download.

    Raises `AccessDenied` at once.
    """
    require(actor, Permission.STORAGE_SEE, actor.tenant_id)
    return _going(archive, actor.tenant_id, plan, terms)


def first_to_go(archive: Archive, actor: Actor) -> Iterator[Going]:
    """The first `LISTED_MAX` that would be recorded over if room were needed now; for a list to download.

    Raises `AccessDenied` at once.
    """
    require(actor, Permission.STORAGE_SEE, actor.tenant_id)
    with archive.store.reading() as tx:
        return iter(next_to_go(tx, tx.plans.newest(actor.tenant_id), archive.now(), LISTED_MAX))


def next_to_go(tx: Transaction, plan: StoragePlan, now: datetime, limit: int) -> tuple[Going, ...]:
    """What would be overwritten first if room were needed now."""
    trial = Trial(plan.tenant_id, now, plan.bin_days)
    rows = chain.from_iterable(tx.trials.rows(trial, part, limit) for part in (Part.EMPTIED, *_MAKING_ROOM))
    stored = (one for one in rows if one.stored_bytes)
    return tuple(_named(one, Leaving.OVERWRITTEN, now) for one in islice(stored, limit))


@dataclass(frozen=True, slots=True)
class _Fate:
    """How many of which part of a trial would go which way."""

    trial: Trial
    used: Amount
    emptied: Amount
    overwritten: dict[Part, Amount]
    binned: Amount
    missing_bytes: int


def _going(
    archive: Archive, tenant_id: str, plan: StoragePlan | None, terms: RetentionTerms | None
) -> Iterator[Going]:
    with archive.store.reading() as tx:
        fate = _fate(tx, tenant_id, archive.now(), plan, terms)
        for leaving in Leaving:
            yield from _of(tx, fate, leaving)


def _fate(
    tx: Transaction,
    tenant_id: str,
    now: datetime,
    plan: StoragePlan | None,
    terms: RetentionTerms | None,
) -> _Fate:
    plan = tx.plans.newest(tenant_id) if plan is None else replace(plan, tenant_id=tenant_id)
    tried = None if terms is None else with_rules(tx, replace(terms, tenant_id=tenant_id))
    if tried is not None and set(tried) == set(terms_in_force(tx, tenant_id)):
        tried = None  # what the rows say already
    trial = Trial(tenant_id, now, plan.bin_days, tried)
    used = tx.usage.get(tenant_id)
    emptied = tx.trials.amount(trial, Part.EMPTIED)
    excess = plan.excess(used.stored_bytes - emptied.stored_bytes)
    overwritten: dict[Part, Amount] = {}
    if plan.when_full is WhenFull.OVERWRITE_OLDEST:
        for part in _MAKING_ROOM:
            overwritten[part] = tx.trials.amount_until(trial, part, excess)
            excess = max(0, excess - overwritten[part].stored_bytes)
    to_bin = tx.trials.amount(trial, Part.TO_BIN)
    taken = overwritten.get(Part.TO_BIN, Amount())
    return _Fate(trial, used, emptied, overwritten, to_bin - taken, excess)


def _of(tx: Transaction, fate: _Fate, leaving: Leaving, at_most: int | None = None) -> Iterator[Going]:
    """Those that go one way, of each part `at_most` so many."""
    now = fate.trial.now
    taken = fate.overwritten
    if leaving is Leaving.EMPTIED:
        rows: Iterator[StoredRow] = tx.trials.rows(fate.trial, Part.EMPTIED, at_most)
    elif leaving is Leaving.BINNED:
        # The oldest of these were overwritten already.
        skipped = taken.get(Part.TO_BIN, Amount()).recordings
        rows = tx.trials.rows(fate.trial, Part.TO_BIN, at_most, offset=skipped)
    else:
        rows = chain.from_iterable(
            tx.trials.rows(fate.trial, part, min(amount.recordings, at_most or amount.recordings))
            for part, amount in taken.items()
        )
    return (_named(one, leaving, now) for one in rows)


def _named(one: StoredRow, leaving: Leaving, at: datetime) -> Going:
    return Going(one.id, one.call_id, one.started_at, one.duration_ms, one.stored_bytes, leaving, at)
