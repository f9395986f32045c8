"""The sweep: terms are brought to recordings, what is due goes into the bin, and out of it for good."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fonoteka.archive.archive import Archive
from fonoteka.archive.bin import delete_binned, remove_deleted_audio
from fonoteka.archive.clock import JUMP_MAX
from fonoteka.archive.metrics import HALTED, SWEPT
from fonoteka.archive.overview import disk_free_bytes
from fonoteka.archive.room import free_disk, make_room, remove_gone
from fonoteka.archive.system import storage_actor
from fonoteka.archive.terms import stamp_of, terms_in_force
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.recording import RemovalCause
from fonoteka.domain.retention import RetentionTerm, Standing, obstacle
from fonoteka.domain.storage_plan import WhenFull
from fonoteka.store import StoredRow, Transaction

_LOG = logging.getLogger(__name__)
_AT_ONCE = 200
_TERMS_AT_ONCE = 5_000
_DISK_MARGIN = 2


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep did: how many recordings went which way."""

    binned: int = 0
    emptied: int = 0
    overwritten: int = 0
    halted_tenants: tuple[str, ...] = ()


def sweep_retention(archive: Archive) -> SweepReport:
    """One sweep over all tenants, in short transactions; it may be cut anywhere and repeated.

    What is due is looked at again under its lock, with the terms, rules and groups of now. Raises
    `ObjectsUnavailable`, `StoreUnavailable`; repeat then.
    """
    remove_deleted_audio(archive)
    with archive.store.reading() as tx:
        tenants = tx.usage.tenants()
        plans = {one: tx.plans.newest(one) for one in tenants}
    report = SweepReport()
    for tenant_id in tenants:
        while not refresh_terms(archive, tenant_id):
            pass
        report = _sweep_tenant(archive, tenant_id, plans[tenant_id].bin_days, report)
    overwriting = [id_ for id_, plan in plans.items() if plan.when_full is WhenFull.OVERWRITE_OLDEST]
    guarded = guard_disk(archive, overwriting)
    return replace(report, overwritten=report.overwritten + guarded)


def refresh_terms(archive: Archive, tenant_id: str) -> bool:
    """Bring changed terms, rules and groups to some thousand recordings: whether that was all.

    Where it stopped is kept in the same transaction; changed again, it begins anew.
    """
    with archive.store.reading() as tx:
        known = tx.sweeps.get(tenant_id)
        if known.is_done and known.stamp == stamp_of(tx, tenant_id):
            return True
    with archive.store.transaction() as tx:
        known = tx.sweeps.get_locked(tenant_id)
        stamp = stamp_of(tx, tenant_id)
        cursor = known.cursor if known.stamp == stamp else ""
        terms = terms_in_force(tx, tenant_id)
        last = tx.keeping.bring_terms_after(tenant_id, cursor, terms, archive.now(), _TERMS_AT_ONCE)
        tx.sweeps.replace(replace(known, stamp=stamp, cursor=last or cursor, is_done=last is None))
    return last is None


def confirm_sweep(archive: Archive, actor: Actor) -> None:
    """Say that the clock is right: the sweep that was halted goes on. Raises `AccessDenied`."""
    require(actor, Permission.STORAGE_CHANGE, actor.tenant_id)
    with archive.store.transaction() as tx:
        known = tx.sweeps.get_locked(actor.tenant_id)
        if known.halted_since is None:
            return
        at = archive.now()
        tx.sweeps.replace(replace(known, halted_since=None, swept_at=at))
        tx.audit.append(actor, AuditAction.SWEEP_CONFIRMED, actor.tenant_id, "", at)


def guard_disk(archive: Archive, tenant_ids: Sequence[str]) -> int:
    """Overwrite the oldest of these tenants while the disk is nearly full: how many went.

    Begins before new calls are refused for want of disk. Only where objects lie on a disk of this machine.
    """
    if archive.objects.folder is None or not tenant_ids or not archive.disk_free_min_bytes:
        return 0
    wanted = _DISK_MARGIN * archive.disk_free_min_bytes - disk_free_bytes(archive)
    return free_disk(archive, tenant_ids, wanted) if wanted > 0 else 0


def _sweep_tenant(archive: Archive, tenant_id: str, bin_days: int, report: SweepReport) -> SweepReport:
    if not _is_time_plausible(archive, tenant_id, bin_days):
        return replace(report, halted_tenants=(*report.halted_tenants, tenant_id))
    with archive.store.transaction() as tx:
        tx.keeping.end_protection(tenant_id, archive.now())
    binned = _bin_due(archive, tenant_id)
    emptied = _empty_due(archive, tenant_id, timedelta(days=bin_days))
    overwritten = make_room(archive, tenant_id)
    return SweepReport(
        report.binned + binned,
        report.emptied + emptied,
        report.overwritten + overwritten,
        report.halted_tenants,
    )


def _is_time_plausible(archive: Archive, tenant_id: str, bin_days: int) -> bool:
    """Whether the clock may be believed: it did not jump since the last sweep, or nothing is due."""
    now = archive.now()
    with archive.store.transaction() as tx:
        known = tx.sweeps.get_locked(tenant_id)
        jumped = known.swept_at is not None and now - known.swept_at > JUMP_MAX
        if jumped and _is_any_due(tx, tenant_id, now, timedelta(days=bin_days)):
            if known.halted_since is None:
                tx.sweeps.replace(replace(known, halted_since=now))
                HALTED.inc()
                _LOG.error(
                    "tenant %s: the clock says %s, the last sweep was at %s; nothing is deleted before"
                    " `fonoteka storage confirm` says that the clock is right",
                    tenant_id,
                    now,
                    known.swept_at,
                )
            return False
        # A clock that was set back is believed: by it less is due, not more. But what it says does not
        # become the time of the last sweep, or setting it right again would look like a jump.
        latest = now if known.swept_at is None else max(now, known.swept_at)
        tx.sweeps.replace(replace(known, swept_at=latest, halted_since=None))
    return True


def _is_any_due(tx: Transaction, tenant_id: str, now: datetime, bin_time: timedelta) -> bool:
    return (
        bool(tx.keeping.due(tenant_id, Standing.FREE, now, 1))
        or bool(tx.keeping.due(tenant_id, Standing.BINNED, now - bin_time, 1))
        or bool(tx.keeping.due(tenant_id, Standing.PROTECTED, now, 1))
    )


def _bin_due(archive: Archive, tenant_id: str) -> int:
    count = 0
    while True:
        now = archive.now()
        with archive.store.transaction() as tx:
            some = tx.keeping.due_locked(tenant_id, Standing.FREE, now, _AT_ONCE)
            due = _still_due(tx, some, terms_in_force(tx, tenant_id), now) if some else []
            for one in due:
                by = one.keeping.delete_by
                detail = "" if by is None else by.encode()
                tx.keeping.bin([one.id], now, RemovalCause.TERM, detail)
                tx.audit.append(
                    storage_actor(tenant_id), AuditAction.RECORDING_BINNED, one.id, f"term={detail}", now
                )
        count += len(due)
        SWEPT.labels(how="binned").inc(len(due))
        if len(some) < _AT_ONCE:
            return count


def _still_due(
    tx: Transaction, some: Sequence[StoredRow], terms: Sequence[RetentionTerm], now: datetime
) -> list[StoredRow]:
    ids = [one.id for one in some]
    tx.keeping.bring_terms(ids, terms, now)
    return [
        one
        for one in tx.keeping.locked(ids)
        if obstacle(one.keeping, now) is None
        and one.keeping.binned_at is None
        and one.keeping.delete_at is not None
        and one.keeping.delete_at <= now
    ]


def _empty_due(archive: Archive, tenant_id: str, bin_time: timedelta) -> int:
    count = 0
    while True:
        now = archive.now()
        with archive.store.transaction() as tx:
            some = tx.keeping.due_locked(tenant_id, Standing.BINNED, now - bin_time, _AT_ONCE)
            gone = delete_binned(tx, storage_actor(tenant_id), some, now)
        remove_gone(archive, gone)
        count += len(gone)
        SWEPT.labels(how="emptied").inc(len(gone))
        if len(some) < _AT_ONCE:
            return count
