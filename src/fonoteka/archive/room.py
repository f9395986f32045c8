"""Making room: the oldest that nothing protects go, whole, the bin first, and never more than needed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from fonoteka.archive.archive import Archive, Removed
from fonoteka.archive.clock import trusted_now
from fonoteka.archive.metrics import OVERWRITTEN
from fonoteka.archive.removal import remove_objects
from fonoteka.archive.system import storage_actor
from fonoteka.archive.terms import terms_in_force
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import QuotaFull
from fonoteka.domain.recording import RemovalCause
from fonoteka.domain.retention import Standing, obstacle
from fonoteka.domain.storage_plan import StoragePlan, WhenFull
from fonoteka.store import StoredRow, Transaction

_LOG = logging.getLogger(__name__)
_AT_FIRST, _AT_ONCE = 2, 100
"""Victims looked at together: mostly one recording makes room for one, a lowered quota takes many."""
_REFUSING_SHARE, _REFUSING_BYTES_MAX = 100, 2_000_000


def check_room(tx: Transaction, tenant_id: str, needed_bytes: int) -> None:
    """Raise `QuotaFull` when so much will surely not fit: before anything is written. Two short queries."""
    plan = tx.plans.newest(tenant_id)
    if plan.quota_bytes is None or not plan.excess(tx.usage.get(tenant_id).stored_bytes + needed_bytes):
        return
    if plan.when_full is WhenFull.REFUSE or not _is_overwritable(tx, tenant_id):
        raise _full(plan)


def take_room(
    tx: Transaction, tenant_id: str, needed_bytes: int, now: datetime, spared: str = ""
) -> tuple[StoredRow, ...]:
    """Make room for so many more bytes inside the quota, in the transaction that will use them.

    Until it commits nobody else takes room of this tenant. Those who went: their objects are to be removed
    once it is committed (`remove_gone`). Raises `QuotaFull`; the transaction then takes nothing.
    """
    plan = tx.plans.newest(tenant_id)
    if plan.quota_bytes is None:
        return ()
    excess = plan.excess(tx.usage.lock(tenant_id).stored_bytes + needed_bytes)
    if not excess:
        return ()
    if plan.when_full is WhenFull.REFUSE:
        raise _full(plan)
    now = trusted_now(tx, tenant_id, now)
    gone, freed = _overwrite(tx, tenant_id, excess, _Reason.of(plan), now, spared)
    if freed < excess:
        raise _full(plan)
    return gone


def make_room(archive: Archive, tenant_id: str) -> int:
    """Bring what a tenant uses down to its quota, in short transactions: how many recordings went.

    For a quota that was lowered. Ends early where only protected ones are left. Raises
    `ObjectsUnavailable`, `StoreUnavailable`; repeat then.
    """
    count = 0
    while True:
        with archive.store.transaction() as tx:
            plan = tx.plans.newest(tenant_id)
            if plan.quota_bytes is None or plan.when_full is WhenFull.REFUSE:
                return count
            excess = plan.excess(tx.usage.lock(tenant_id).stored_bytes)
            now = trusted_now(tx, tenant_id, archive.now())
            gone, _ = _overwrite(tx, tenant_id, excess, _Reason.of(plan), now, at_most=_AT_ONCE)
        remove_gone(archive, gone)
        count += len(gone)
        if not gone:
            return count


def free_disk(archive: Archive, tenant_ids: Sequence[str], wanted_bytes: int) -> int:
    """Free so many bytes of the disk, the oldest of these tenants first: how many recordings went.

    Raises as `make_room`.
    """
    freed = count = 0
    while freed < wanted_bytes:
        with archive.store.transaction() as tx:
            tenant_id = _oldest_of(tx, tenant_ids)
            if tenant_id is None:
                return count
            tx.usage.lock(tenant_id)
            reason = _Reason(RemovalCause.DISK, f"wanted_bytes={wanted_bytes}")
            now = trusted_now(tx, tenant_id, archive.now())
            gone, more = _overwrite(tx, tenant_id, 1, reason, now, at_most=1)
        remove_gone(archive, gone)
        if not gone:
            return count
        freed += more
        count += len(gone)
    return count


def remove_gone(archive: Archive, gone: Sequence[Removed]) -> None:
    """Remove the objects of recordings whose deletion is committed. Raises `ObjectsUnavailable`.

    What is left by an interruption is found by `remove_deleted_audio`.
    """
    if gone:
        archive.removals.do(gone, partial(_remove, archive))


def _remove(archive: Archive, gone: Sequence[Removed]) -> None:
    remove_objects(archive, gone)
    with archive.store.transaction() as tx:
        tx.recordings.forget_objects([one.id for one in gone])


def refusing_tenants(archive: Archive) -> tuple[str, ...]:
    """The tenants whose new calls should be refused now. Raises `StoreUnavailable`."""
    with archive.store.reading() as tx:
        return tuple(id_ for id_, plan in tx.plans.all_newest().items() if is_refusing(tx, plan))


def is_refusing(tx: Transaction, plan: StoragePlan) -> bool:
    """Whether new calls should be refused: hardly any room is left, and nothing that may be overwritten."""
    if plan.quota_bytes is None:
        return False
    spare = min(plan.quota_bytes // _REFUSING_SHARE, _REFUSING_BYTES_MAX)
    if not plan.excess(tx.usage.get(plan.tenant_id).stored_bytes + spare):
        return False
    return plan.when_full is WhenFull.REFUSE or not _is_overwritable(tx, plan.tenant_id)


@dataclass(frozen=True, slots=True)
class _Reason:
    """Why something is overwritten, as its row will tell."""

    cause: RemovalCause
    detail: str

    @classmethod
    def of(cls, plan: StoragePlan) -> _Reason:
        return cls(RemovalCause.PLAN, f"quota_bytes={plan.quota_bytes}")


def _overwrite(
    tx: Transaction,
    tenant_id: str,
    wanted_bytes: int,
    reason: _Reason,
    now: datetime,
    spared: str = "",
    at_most: int | None = None,
) -> tuple[tuple[StoredRow, ...], int]:
    """Take victims until so many bytes are free: who went, and how many bytes they had.

    The caller holds the lock of the tenant's usage. Each victim is looked at again under its own lock, with
    the terms that are in force now.
    """
    gone: list[StoredRow] = []
    freed = 0
    if wanted_bytes <= 0:
        return (), 0
    tx.keeping.end_protection(tenant_id, now)
    terms = terms_in_force(tx, tenant_id)
    for standing in (Standing.BINNED, Standing.FREE):
        passed: set[str] = {spared}
        together = _AT_FIRST
        while freed < wanted_bytes and (at_most is None or len(gone) < at_most):
            some = tx.keeping.oldest_locked(tenant_id, standing, together + len(passed))
            together = min(_AT_ONCE, 5 * together)
            ids = [one.id for one in some if one.id not in passed]
            if not ids:
                break
            tx.keeping.bring_terms(ids, terms, now)
            known = {one.id: one for one in tx.keeping.locked(ids)}
            for id_ in ids:
                if freed >= wanted_bytes or (at_most is not None and len(gone) >= at_most):
                    break
                if obstacle(known[id_].keeping, now) is not None:
                    passed.add(id_)
                    continue
                _take(tx, known[id_], reason, now)
                gone.append(known[id_])
                freed += known[id_].stored_bytes
    return tuple(gone), freed


def _take(tx: Transaction, one: StoredRow, reason: _Reason, now: datetime) -> None:
    tx.recordings.mark_deleted(one, now, reason.cause, reason.detail)
    tx.audit.append(
        storage_actor(one.tenant_id),
        AuditAction.RECORDING_OVERWRITTEN,
        one.id,
        f"cause={reason.cause} {reason.detail} bytes={one.stored_bytes}",
        now,
    )
    OVERWRITTEN.labels(cause=reason.cause.value).inc()
    _LOG.info("recording %s overwritten: %s %s", one.id, reason.cause, reason.detail)


def _is_overwritable(tx: Transaction, tenant_id: str) -> bool:
    return tx.keeping.is_any(tenant_id, Standing.BINNED, Standing.FREE)


def _oldest_of(tx: Transaction, tenant_ids: Sequence[str]) -> str | None:
    for standing in (Standing.BINNED, Standing.FREE):
        found = [one for id_ in tenant_ids for one in tx.keeping.oldest(id_, standing, 1)]
        if found:
            return min(found, key=lambda one: (one.started_at, one.id)).tenant_id
    return None


def _full(plan: StoragePlan) -> QuotaFull:
    return QuotaFull(f"The plan of {plan.quota_bytes} bytes is full.", quota_bytes=plan.quota_bytes)
