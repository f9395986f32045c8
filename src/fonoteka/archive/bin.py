"""Deleting by hand: into the bin, where it can be restored; then for good."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from fonoteka.archive.archive import Archive
from fonoteka.archive.clock import trusted_now
from fonoteka.archive.room import remove_gone
from fonoteka.archive.terms import terms_in_force
from fonoteka.archive.visibility import visible_recording
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import (
    RecordingDeleted,
    RecordingHeld,
    RecordingNotFound,
    RecordingProtected,
    RequestInvalid,
)
from fonoteka.domain.ids import is_id
from fonoteka.domain.recording import Recording, RecordingState, RemovalCause
from fonoteka.domain.retention import Obstacle, Standing, obstacle
from fonoteka.store import StoredRow, Transaction

_LOG = logging.getLogger(__name__)
_AT_ONCE = 200
TOGETHER_MAX = 1_000


def bin_recording(archive: Archive, actor: Actor, recording_id: str) -> None:
    """Put a recording into the bin: nobody hears it, `restore_recording` brings it back until it is emptied.

    Repeating it changes nothing; one that is still being processed arrives in the bin. Raises
    `RecordingNotFound`, `AccessDenied`, `RecordingHeld`, `RecordingProtected`.
    """
    with archive.store.transaction() as tx:
        recording = _locked(tx, actor, recording_id)
        if recording.state in (RecordingState.DELETED, RecordingState.BINNED):
            return
        at = archive.now()
        trusted = trusted_now(tx, recording.tenant_id, at)
        tx.keeping.bring_terms([recording_id], terms_in_force(tx, recording.tenant_id), trusted)
        refuse_obstacle(tx.keeping.locked([recording_id])[0], trusted)
        tx.keeping.bin([recording_id], at, RemovalCause.HAND, "")
        tx.audit.append(actor, AuditAction.RECORDING_BINNED, recording_id, "", at)
    _LOG.info("recording %s binned by %s", recording_id, actor.id)


def restore_recording(archive: Archive, actor: Actor, recording_id: str) -> None:
    """Take a recording out of the bin again; one that is not in it stays as it is.

    Its “delete after” counts from now on. Raises `RecordingNotFound`, `AccessDenied`, `RecordingDeleted`.
    """
    with archive.store.transaction() as tx:
        recording = _locked(tx, actor, recording_id)
        if recording.state is RecordingState.DELETED:
            raise RecordingDeleted
        if recording.state is not RecordingState.BINNED:
            return
        at = archive.now()
        tx.keeping.restore(recording_id, at)
        tx.keeping.bring_terms([recording_id], terms_in_force(tx, recording.tenant_id), at)
        tx.audit.append(actor, AuditAction.RECORDING_RESTORED, recording_id, "", at)


def empty_bin(archive: Archive, actor: Actor, recording_ids: Sequence[str] | None = None) -> int:
    """Delete for good what is in the bin, all of it or some: how many.

    Only who may change the storage may. What is held or inside its minimum term stays. Raises
    `RequestInvalid` (field `recording_ids`), `AccessDenied`, `ObjectsUnavailable` (deleted then; its bytes
    go with the next sweep).
    """
    require(actor, Permission.STORAGE_CHANGE, actor.tenant_id)
    if recording_ids is not None and len(recording_ids) > TOGETHER_MAX:
        raise RequestInvalid("recording_ids", f"At most {TOGETHER_MAX} can be deleted at once.")
    count = 0
    while True:
        with archive.store.transaction() as tx:
            at = archive.now()
            if recording_ids is None:
                some = tx.keeping.due_locked(actor.tenant_id, Standing.BINNED, at, _AT_ONCE)
            else:
                known = tx.keeping.locked({one for one in recording_ids if is_id(one)})
                some = tuple(one for one in known if one.tenant_id == actor.tenant_id)
            gone = delete_binned(tx, actor, some, at)
        remove_gone(archive, gone)
        count += len(gone)
        if recording_ids is not None or not gone:
            return count


def remove_deleted_audio(archive: Archive) -> int:
    """Remove bytes of deleted recordings that an interruption left: of how many. With every sweep.

    Raises `ObjectsUnavailable`.
    """
    count = 0
    while True:
        with archive.store.reading() as tx:
            leftovers = tx.recordings.leftovers(_AT_ONCE)
        remove_gone(archive, leftovers)
        count += len(leftovers)
        if len(leftovers) < _AT_ONCE:
            return count


def refuse_obstacle(row: StoredRow, at: datetime) -> None:
    """Raise `RecordingHeld` or `RecordingProtected` when something forbids to take the recording away."""
    found = obstacle(row.keeping, at)
    if found is Obstacle.HELD:
        raise RecordingHeld
    if found is Obstacle.TERM:
        until = row.keeping.protected_until
        assert until is not None
        raise RecordingProtected(
            f"The recording must be kept until {until:%Y-%m-%d}.", protected_until=until.isoformat()
        )


def delete_binned(
    tx: Transaction, actor: Actor, some: Sequence[StoredRow], at: datetime
) -> tuple[StoredRow, ...]:
    """Delete for good, of some locked recordings, those in the bin that nothing protects: which.

    Their objects are to be removed once it is committed (`remove_gone`).
    """
    ids = [one.id for one in some if one.keeping.binned_at is not None]
    if not ids:
        return ()
    now = trusted_now(tx, actor.tenant_id, at)
    tx.keeping.bring_terms(ids, terms_in_force(tx, actor.tenant_id), now)
    gone = tuple(one for one in tx.keeping.locked(ids) if obstacle(one.keeping, now) is None)
    for one in gone:
        known = tx.recordings.get(one.tenant_id, one.id)
        assert known is not None
        tx.recordings.mark_deleted(one, at, known.removal_cause or RemovalCause.HAND, known.removal_detail)
        tx.audit.append(actor, AuditAction.RECORDING_DELETED, one.id, f"bytes={one.stored_bytes}", at)
    return gone


def _locked(tx: Transaction, actor: Actor, recording_id: str) -> Recording:
    recording = visible_recording(tx, actor, recording_id)
    require(actor, Permission.RECORDING_DELETE, recording.tenant_id)
    locked = tx.recordings.get_locked(recording_id)
    if locked is None:
        raise RecordingNotFound
    return locked
