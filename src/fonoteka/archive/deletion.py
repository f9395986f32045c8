"""Deleting a recording: first it is gone for everybody, then its bytes go."""

from __future__ import annotations

import logging

from fonoteka.archive.archive import Archive
from fonoteka.archive.removal import remove_objects
from fonoteka.archive.visibility import visible_recording
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import RecordingNotFound
from fonoteka.domain.recording import RecordingState

_LOG = logging.getLogger(__name__)
_SWEEP_MAX = 1000


def delete_recording(archive: Archive, actor: Actor, recording_id: str) -> None:
    """Delete the audio and the peaks for good; the row stays with the state deleted.

    Repeating it finishes what was interrupted and is no second deletion. One that is still being processed is
    deleted before it is ready. Raises `RecordingNotFound`, `AccessDenied`, `ObjectsUnavailable` (it is
    deleted then, its bytes go with the next attempt or `remove_deleted_audio`).
    """
    with archive.store.transaction() as tx:
        recording = visible_recording(tx, actor, recording_id)
        require(actor, Permission.RECORDING_DELETE, recording.tenant_id)
        locked = tx.recordings.get_locked(recording_id)
        if locked is None:
            raise RecordingNotFound
        if locked.state is not RecordingState.DELETED:
            at = archive.now()
            tx.recordings.mark_deleted(recording_id, at)
            tx.audit.append(actor, AuditAction.RECORDING_DELETED, recording_id, "", at)
            _LOG.info("recording %s deleted by %s", recording_id, actor.id)
    remove_objects(archive, recording.tenant_id, recording_id)
    with archive.store.transaction() as tx:
        tx.recordings.forget_objects(recording_id)


def remove_deleted_audio(archive: Archive) -> int:
    """Remove bytes of deleted recordings that an interruption left; how many recordings. For start-up.

    Raises `ObjectsUnavailable`.
    """
    with archive.store.reading() as tx:
        leftovers = tx.recordings.leftovers(_SWEEP_MAX)
    for one in leftovers:
        remove_objects(archive, one.tenant_id, one.recording_id)
        with archive.store.transaction() as tx:
            tx.recordings.forget_objects(one.recording_id)
    return len(leftovers)
