"""The end of the pipeline: a recording becomes playable, or is known to have failed.

A recording's state only moves forward: processing, failed, silent, ready, deleted. So these use cases
may be repeated, interrupted and come in any order; the outcome is the same.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from pathlib import Path

from fonoteka.archive.archive import Archive
from fonoteka.archive.keys import PEAKS_NAME, recording_folder
from fonoteka.archive.metrics import SHELVED
from fonoteka.archive.removal import remove_objects
from fonoteka.domain.call import CallOutcome
from fonoteka.domain.errors import CallNotFound, RecordingNotFound
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.store import Transaction

_LOG = logging.getLogger(__name__)
_LOST = (RecordingState.FAILED, RecordingState.DELETED)
_READY_THEN_SILENT = (RecordingState.READY, RecordingState.SILENT)


def shelve_recording(
    archive: Archive, recording: Recording, audio: Path | None = None, peaks: bytes = b""
) -> None:
    """Store the audio and the peaks, then tell it in the recording's row: state ready.

    Of a silent `recording` (its state says so) only the row is written, and no audio is asked for; of any
    other the keys, the size and the hash are set here, from the bytes. One deleted meanwhile stays deleted
    and leaves no object. `register_call` comes before: else `CallNotFound`. Raises `StorageFull`,
    `ObjectsUnavailable`, `StoreUnavailable`; repeat then.
    """
    if recording.state is RecordingState.SILENT:
        shelved = _silent(recording)
    elif audio is None:
        raise ValueError("a recording that is not silent has audio")
    else:
        shelved = _stored(archive, recording, audio, peaks)
    with archive.store.transaction() as tx:
        state = _write(tx, shelved)
    if state is RecordingState.DELETED:
        remove_objects(archive, recording.tenant_id, recording.id)
    SHELVED.labels(state=state.value).inc()
    _LOG.info("recording %s shelved: %s, %d bytes", recording.id, state, shelved.size_bytes)


def fail_recording(archive: Archive, recording_id: str, code: str) -> None:
    """Tell that processing failed with an error code; so has the call, when no other recording is better.

    A playable or deleted recording stays as it is; one that was never registered is no error.
    """
    with archive.store.transaction() as tx:
        known = tx.recordings.get_locked(recording_id)
        if known is None or known.state not in (RecordingState.PROCESSING, RecordingState.FAILED):
            return
        tx.recordings.set_state(recording_id, RecordingState.FAILED, code)
        call = tx.calls.get(known.tenant_id, known.call_id)
        if call is not None and all(one.state in _LOST for one in call.recordings):
            tx.calls.set_outcome(call.id, CallOutcome.FAILED, code)
        _LOG.warning("recording %s failed: %s", recording_id, code)


def _write(tx: Transaction, shelved: Recording) -> RecordingState:
    registered = tx.recordings.get(shelved.tenant_id, shelved.id)
    # The call may be known under another id than the recorder gave it (`register_call`).
    call_id = shelved.call_id if registered is None else registered.call_id
    call = tx.calls.get_locked(call_id)
    if call is None or call.tenant_id != shelved.tenant_id:
        raise CallNotFound
    state = _write_recording(tx, replace(shelved, call_id=call_id))
    if call.outcome is not CallOutcome.RECORDED and state is not RecordingState.DELETED:
        tx.calls.set_outcome(call_id, CallOutcome.RECORDED, "")
    else:
        tx.calls.relist(call_id)
    return state


def _write_recording(tx: Transaction, shelved: Recording) -> RecordingState:
    if tx.recordings.add(shelved):
        return shelved.state
    known = tx.recordings.get_locked(shelved.id)
    if known is None or known.call_id != shelved.call_id:
        raise RecordingNotFound
    if known.state is RecordingState.DELETED or (known.state, shelved.state) == _READY_THEN_SILENT:
        return known.state
    tx.recordings.replace(shelved)
    return shelved.state


def _stored(archive: Archive, recording: Recording, audio: Path, peaks: bytes) -> Recording:
    with audio.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder = recording_folder(recording.tenant_id, recording.id)
    # The name holds a part of the hash: objects never change, whatever is repeated and by whom.
    audio_key = f"{folder}/{digest[:16]}-audio.{recording.codec}"
    peaks_key = f"{folder}/{digest[:16]}-{PEAKS_NAME}"
    archive.objects.put(peaks_key, peaks)
    archive.objects.put(audio_key, audio)
    return replace(
        recording,
        state=RecordingState.READY,
        size_bytes=audio.stat().st_size,
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
        sha256="",
        object_key=None,
        peaks_key=None,
        error_code=None,
        deleted_at=None,
    )
