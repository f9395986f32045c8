"""What lies in the bin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fonoteka.archive.archive import Archive
from fonoteka.archive.visibility import as_seen, numbers_of
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.call import Call
from fonoteka.domain.recording import Recording
from fonoteka.domain.retention import Standing

LIST_MAX = 500


@dataclass(frozen=True, slots=True)
class Binned:
    """A recording in the bin with its call; `gone_at` is when the bin lets it go."""

    recording: Recording
    call: Call
    gone_at: datetime | None


def list_binned(archive: Archive, actor: Actor, limit: int = 100) -> tuple[Binned, ...]:
    """What lies in the bin of the calls that the actor may delete, the oldest call first.

    Of the first `limit` of the tenant. Raises `AccessDenied`.
    """
    require(actor, Permission.RECORDING_DELETE, actor.tenant_id)
    found: list[Binned] = []
    with archive.store.reading() as tx:
        days = tx.plans.newest(actor.tenant_id).bin_days
        for row in tx.keeping.oldest(actor.tenant_id, Standing.BINNED, min(limit, LIST_MAX)):
            call = tx.calls.get(actor.tenant_id, row.call_id)
            recording = tx.recordings.get(actor.tenant_id, row.id)
            if call is None or recording is None:
                continue
            if may(actor, Permission.RECORDING_DELETE, actor.tenant_id, numbers_of(call)):
                binned_at = row.keeping.binned_at
                gone_at = None if binned_at is None else binned_at + timedelta(days=days)
                found.append(Binned(recording, as_seen(actor, call), gone_at))
    return tuple(found)
