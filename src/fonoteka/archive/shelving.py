"""The end of the pipeline: a recording becomes playable, or is known to have failed.

A recording's state only moves forward: processing, failed, silent, ready, deleted. So these use cases
may be repeated, interrupted and come in any order; the outcome is the same.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from fonoteka.archive.archive import Archive
from fonoteka.archive.keys import PEAKS_NAME, recording_folder
from fonoteka.archive.metrics import SHELVED
from fonoteka.archive.removal import remove_objects
from fonoteka.archive.room import check_room, remove_gone, take_room
from fonoteka.domain.call import CallOutcome
from fonoteka.domain.errors import CallNotFound, RecordingNotFound
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.store import StoredRow, Transaction

_LOG = logging.getLogger(__name__)
_LOST = (RecordingState.FAILED, RecordingState.DELETED)


def shelve_recording(
    archive: Archive, recording: Recording, audio: Path | None = None, peaks: bytes = b""
) -> None:
    """Store the audio and the peaks, then tell it in the recording's row: state ready.

    Of a silent `recording` (its state says so) only the row is written, and no audio is asked for; of any
    other the keys, the size and the hash are set here, from the bytes. One deleted meanwhile stays deleted
    and leaves no object; one in the bin arrives in the bin. Where the plan says so the oldest make room.
    `register_call` comes before: else `CallNotFound`. Raises `QuotaFull`, `StorageFull`,
    `ObjectsUnavailable`, `StoreUnavailable`; repeat then, nothing is lost.
    """
    if recording.state is RecordingState.SILENT:
        shelved = _silent(recording)
    elif audio is None:
        raise ValueError("a recording that is not silent has audio")
    else:
        _check_room(archive, recording, audio.stat().st_size + len(peaks))
        shelved = _stored(archive, recording, audio, peaks)
    with archive.store.transaction() as tx:
        state, gone = _write(tx, shelved, archive.now())
    if state is RecordingState.DELETED:
        remove_objects(archive, [recording])
    remove_gone(archive, gone)
    SHELVED.labels(state=state.value).inc()
    _LOG.info("recording %s shelved: %s, %d bytes", recording.id, state, shelved.size_bytes)


def fail_recording(archive: Archive, recording_id: str, code: str) -> None:
    """Tell that processing failed with an error code; so has the call, when no other recording is better.

    A playable or deleted recording stays as it is; one that was never registered is no error.
    """
    with archive.store.transaction() as tx:
        known = tx.recordings.get_locked(recording_id)
        if known is None or not tx.recordings.fail(recording_id, code):
            return
        call = tx.calls.get(known.tenant_id, known.call_id)
        if call is not None and all(one.state in _LOST for one in call.recordings):
            tx.calls.set_outcome(call.id, CallOutcome.FAILED, code)
        _LOG.warning("recording %s failed: %s", recording_id, code)


def _check_room(archive: Archive, recording: Recording, stored_bytes: int) -> None:
    with archive.store.reading() as tx:
        already, is_deleted = tx.recordings.stored_bytes_of(recording.tenant_id, recording.id)
        if not is_deleted:
            check_room(tx, recording.tenant_id, stored_bytes - already)


def _write(
    tx: Transaction, shelved: Recording, now: datetime
) -> tuple[RecordingState, tuple[StoredRow, ...]]:
    # The call may be known under another id than the recorder gave it (`register_call`).
    call_id = tx.recordings.call_id_of(shelved.tenant_id, shelved.id) or shelved.call_id
    tenant_id, outcome = tx.calls.lock(call_id) or ("", CallOutcome.FAILED)
    if tenant_id != shelved.tenant_id:
        raise CallNotFound
    state, gone = _write_recording(tx, replace(shelved, call_id=call_id), now)
    if outcome is not CallOutcome.RECORDED and state is not RecordingState.DELETED:
        tx.calls.set_outcome(call_id, CallOutcome.RECORDED, "")
    else:
        tx.calls.relist(call_id)
    return state, gone


def _write_recording(
    tx: Transaction, shelved: Recording, now: datetime
) -> tuple[RecordingState, tuple[StoredRow, ...]]:
    known = tx.recordings.get_locked(shelved.id)
    if known is None:
        if not tx.recordings.add(replace(shelved, stored_bytes=0)):
            raise RecordingNotFound  # of another tenant, since a moment ago
        known = shelved
    elif known.call_id != shelved.call_id:
        raise RecordingNotFound
    if known.state is RecordingState.DELETED or _is_silence_after_sound(known, shelved):
        return known.state, ()
    more = shelved.stored_bytes - (0 if known is shelved else known.stored_bytes)
    gone = take_room(tx, shelved.tenant_id, more, now, spared=shelved.id) if more > 0 else ()
    tx.recordings.replace(shelved)
    tx.keeping.settle([shelved.id], now)
    return (RecordingState.BINNED if known.state is RecordingState.BINNED else shelved.state), gone


def _is_silence_after_sound(known: Recording, shelved: Recording) -> bool:
    return shelved.state is RecordingState.SILENT and known.object_key is not None


def _stored(archive: Archive, recording: Recording, audio: Path, peaks: bytes) -> Recording:
    with audio.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder = recording_folder(recording.tenant_id, recording.id)
    # The name holds a part of the hash: objects never change, whatever is repeated and by whom.
    audio_key = f"{folder}/{digest[:16]}-audio.{recording.codec}"
    peaks_key = f"{folder}/{digest[:16]}-{PEAKS_NAME}"
    archive.objects.put_all({peaks_key: peaks, audio_key: audio})
    return replace(
        recording,
        state=RecordingState.READY,
        size_bytes=audio.stat().st_size,
        stored_bytes=audio.stat().st_size + len(peaks),
        sha256=digest,
        object_key=audio_key,
        peaks_key=peaks_key,
        error_code=None,
        deleted_at=None,
    )


def _silent(recording: Recording) -> Recording:
    return replace(
        recording,
        state=RecordingState.SILENT,
        size_bytes=0,
        stored_bytes=0,
        sha256="",
        object_key=None,
        peaks_key=None,
        error_code=None,
        deleted_at=None,
    )
