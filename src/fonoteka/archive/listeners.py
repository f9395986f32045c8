"""Who listened to a call, from the access log."""

from __future__ import annotations

from fonoteka.archive.archive import Archive
from fonoteka.archive.visibility import numbers_of, visible_call
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.annotations import Listening
from fonoteka.domain.audit import AuditAction, AuditQuery
from fonoteka.domain.errors import CallNotFound

LISTENINGS_MAX = 200
_ACTIONS = frozenset({AuditAction.RECORDING_LISTENED, AuditAction.RECORDING_DOWNLOADED})


def listeners(
    archive: Archive, actor: Actor, call_id: str, limit: int = LISTENINGS_MAX
) -> tuple[Listening, ...]:
    """Who heard or took the call's recordings, newest first. Raises `CallNotFound`, `AccessDenied`."""
    with archive.store.reading() as tx:
        call = tx.calls.get(actor.tenant_id, visible_call(tx, actor, call_id).id)
        if call is None:
            raise CallNotFound
        require(actor, Permission.LISTENERS_SEE, call.tenant_id, numbers_of(call))
        events = [
            event
            for one in call.recordings
            for event in tx.audit.find(
                call.tenant_id, AuditQuery(subject_id=one.id, actions=_ACTIONS), None, limit
            )
        ]
    events.sort(key=lambda one: (one.at, one.number), reverse=True)
    return tuple(
        Listening(
            one.subject_id,
            one.actor_name,
            one.at,
            one.action is AuditAction.RECORDING_DOWNLOADED,
            one.detail,
        )
        for one in events[:limit]
    )
