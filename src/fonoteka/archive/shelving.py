"""The end of the pipeline: a recording becomes playable, or is known to have failed.

A recording's state only moves forward: processing, failed, silent or ready, deleted. So these use cases
may be repeated, interrupted and come in any order; the outcome is the same.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from pathlib import Path

from fonoteka.archive.archive import Archive
from fonoteka.archive.keys import AUDIO_NAME, PEAKS_NAME, recording_folder
from fonoteka.archive.metrics import SHELVED
from fonoteka.archive.removal import remove_objects
from fonoteka.domain.errors import CallNotFound, RecordingNotFound
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.store import Transaction

_LOG = logging.getLogger(__name__)


def shelve_recording(
    archive: Archive, recording: Recording, audio: Path | None = None, peaks: bytes = b""
) -> None:
    """Store the audio and the peaks, then tell it in the recording's row: state ready.

    `recording` says what it is (state ready, or silent: then without audio); its keys, size and hash are
    set here, from the bytes. One deleted meanwhile stays deleted and leaves no object. `register_call` comes
    before: else `CallNotFound`. Raises `StorageFull`, `ObjectsUnavailable`; repeat then.
    """
    shelved = _stored(archive, recording, audio, peaks) if audio is not None else _silent(recording)
    with archive.store.transaction() as tx:
        state = _write(tx, shelved)
    if state is RecordingState.DELETED:
        remove_objects(archive, recording.tenant_id, recording.started_at, recording.id)
    SHELVED.labels(state=state.value).inc()
    _LOG.info("recording %s shelved: %s, %d bytes", recording.id, state, shelved.size_bytes)


def fail_recording(archive: Archive, recording_id: str, code: str) -> None:
    """Tell that processing failed with an error code; a playable or deleted recording stays as it is.

    Raises `RecordingNotFound`.
    """
    with archive.store.transaction() as tx:
        known = tx.recordings.get_locked(recording_id)
        if known is None:
            raise RecordingNotFound
        if known.state in (RecordingState.PROCESSING, RecordingState.FAILED):
            tx.recordings.set_state(recording_id, RecordingState.FAILED, code)
            _LOG.warning("recording %s failed: %s", recording_id, code)


def _write(tx: Transaction, shelved: Recording) -> RecordingState:
    call = tx.calls.get_locked(shelved.call_id)
    if call is None or call.tenant_id != shelved.tenant_id:
        raise CallNotFound
    if tx.recordings.add(shelved):
        return shelved.state
    known = tx.recordings.get_locked(shelved.id)
    if known is None or known.call_id != shelved.call_id:
        raise RecordingNotFound
    if known.state is RecordingState.DELETED:
        return known.state
    tx.recordings.replace(shelved)
    return shelved.state


def _stored(archive: Archive, recording: Recording, audio: Path, peaks: bytes) -> Recording:
    with audio.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder = recording_folder(recording.tenant_id, recording.started_at, recording.id)
    # The name holds a part of the hash: objects never change, whatever is repeated and by whom.
    audio_key = f"{folder}/{digest[:16]}-{AUDIO_NAME}"
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
