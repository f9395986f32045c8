"""What a tenant's storage looks like now."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

from fonoteka.archive.archive import Archive
from fonoteka.archive.dry_run import next_to_go
from fonoteka.archive.room import is_refusing
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.retention import Standing
from fonoteka.domain.storage_use import StorageOverview
from fonoteka.store import Transaction

_SHOWN = 20
_LATELY = timedelta(days=1)


def storage_overview(archive: Archive, actor: Actor) -> StorageOverview:
    """The plan, what is used by class, and what goes next. Raises `AccessDenied`."""
    require(actor, Permission.STORAGE_SEE, actor.tenant_id)
    now = archive.now()
    with archive.store.reading() as tx:
        plan = tx.plans.newest(actor.tenant_id)
        used = tx.usage.get(actor.tenant_id)
        oldest = [
            one.started_at
            for standing in Standing
            if standing is not Standing.NONE
            for one in tx.keeping.oldest(actor.tenant_id, standing, 1)
        ]
        return StorageOverview(
            plan=plan,
            used=used,
            by_standing=tx.keeping.by_standing(actor.tenant_id, used),
            disk_free_bytes=disk_free_bytes(archive),
            disk_free_min_bytes=archive.disk_free_min_bytes,
            reached_percent=plan.reached(used.stored_bytes),
            refuses=is_refusing(tx, plan),
            oldest_at=min(oldest, default=None),
            next_to_go=next_to_go(tx, plan, now, _SHOWN),
            is_overwriting=_is_overwriting(tx, actor.tenant_id, now),
            halted_since=tx.sweeps.get(actor.tenant_id).halted_since,
        )


def _is_overwriting(tx: Transaction, tenant_id: str, now: datetime) -> bool:
    """Whether something was recorded over within a day, under the plan in force."""
    saved = [one.at for one in tx.plans.history(tenant_id, 1)]
    return tx.keeping.is_overwritten_since(tenant_id, max([now - _LATELY, *saved]))


def disk_free_bytes(archive: Archive) -> int:
    """Free bytes of the disk that audio is stored on; of an object store elsewhere, of the data folder's."""
    return shutil.disk_usage(archive.objects.folder or archive.cache_folder).free
