"""A tenant's storage plan: read, changed in versions."""

from __future__ import annotations

from dataclasses import replace

from fonoteka.archive.archive import Archive
from fonoteka.archive.dry_run import preview_plan
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import ConsentNeeded, RequestInvalid, VersionConflict
from fonoteka.domain.storage_plan import (
    BIN_DAYS_MAX,
    QUOTA_BYTES_MAX,
    QUOTA_BYTES_MIN,
    WARN_PERCENTS_MAX,
    StoragePlan,
)
from fonoteka.store import Version

HISTORY_MAX = 200
NOTE_MAX = 500


def storage_plan(archive: Archive, actor: Actor) -> StoragePlan:
    """The plan in force in the actor's tenant. Raises `AccessDenied`."""
    require(actor, Permission.STORAGE_SEE, actor.tenant_id)
    with archive.store.reading() as tx:
        return tx.plans.newest(actor.tenant_id)


def plan_history(archive: Archive, actor: Actor, limit: int = 50) -> tuple[Version[StoragePlan], ...]:
    """The newest versions, newest first. Raises `RequestInvalid` (field `limit`), `AccessDenied`."""
    require(actor, Permission.STORAGE_SEE, actor.tenant_id)
    if not 1 <= limit <= HISTORY_MAX:
        raise RequestInvalid("limit", f"The limit must be between 1 and {HISTORY_MAX}.")
    with archive.store.reading() as tx:
        return tx.plans.history(actor.tenant_id, limit)


def change_plan(
    archive: Archive, actor: Actor, plan: StoragePlan, note: str = "", *, agreed: bool = False
) -> StoragePlan:
    """Put a plan in force; the one that is in force already makes no new version.

    `plan.version` is the version that was looked at. What it makes go, goes with the next sweep. Raises
    `VersionConflict`, `ConsentNeeded` when something would go and it is not `agreed` (`preview_plan` shows
    what), `RequestInvalid` naming the field, `AccessDenied`.
    """
    require(actor, Permission.STORAGE_CHANGE, actor.tenant_id)
    plan = checked_plan(replace(plan, tenant_id=actor.tenant_id))
    going = preview_plan(archive, actor, plan)
    if going.takes_something and not agreed:
        raise ConsentNeeded
    with archive.store.transaction() as tx:
        tx.usage.lock(actor.tenant_id)
        known = tx.plans.newest(actor.tenant_id)
        if known.version != plan.version:
            raise VersionConflict(version=known.version, based_on_version=plan.version)
        if plan == known and known.version:
            return known
        at = archive.now()
        saved = replace(plan, version=known.version + 1)
        tx.plans.add(Version(saved, actor.id, actor.name, at, note.strip()[:NOTE_MAX]))
        detail = (
            f"version={saved.version} quota_bytes={saved.quota_bytes} when_full={saved.when_full}"
            f" bin_days={saved.bin_days}"
        )
        tx.audit.append(actor, AuditAction.PLAN_CHANGED, actor.tenant_id, detail, at)
    return saved


def checked_plan(plan: StoragePlan) -> StoragePlan:
    """The plan as it is kept. Raises `RequestInvalid` naming the field."""
    quota = plan.quota_bytes
    if quota is not None and not QUOTA_BYTES_MIN <= quota <= QUOTA_BYTES_MAX:
        raise RequestInvalid(
            "quota_bytes", f"A quota has {QUOTA_BYTES_MIN} bytes or more, or there is none.", "body"
        )
    if not 0 <= plan.bin_days <= BIN_DAYS_MAX:
        raise RequestInvalid("bin_days", f"The bin keeps for 0 to {BIN_DAYS_MAX} days.", "body")
    percents = tuple(sorted(set(plan.warn_percents)))
    if len(percents) > WARN_PERCENTS_MAX or not all(1 <= one <= 100 for one in percents):
        raise RequestInvalid(
            "warn_percents", f"At most {WARN_PERCENTS_MAX} thresholds of 1 to 100 per cent.", "body"
        )
    return replace(plan, warn_percents=percents)
