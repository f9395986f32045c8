"""Who brought a call by hand or by program."""

from __future__ import annotations

from datetime import UTC, datetime

from fonoteka.archive.archive import Archive
from fonoteka.domain.access import Actor
from fonoteka.domain.audit import AuditAction

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def note_upload(archive: Archive, actor: Actor, call_id: str, recording_id: str) -> None:
    """Write down that `actor` uploaded the call; repeating it adds nothing."""
    with archive.store.transaction() as tx:
        if not tx.audit.happened(actor, AuditAction.CALL_UPLOADED, call_id, recording_id, _EVER):
            tx.audit.append(actor, AuditAction.CALL_UPLOADED, call_id, recording_id, archive.now())
