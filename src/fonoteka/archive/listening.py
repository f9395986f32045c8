"""Hearing a recording: audio as stored or converted, and peaks. Each access to audio is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from fonoteka.archive.archive import Archive
from fonoteka.archive.file_names import audio_file_name
from fonoteka.archive.metrics import OPENED
from fonoteka.archive.renditions import open_rendition
from fonoteka.archive.visibility import visible_call, visible_recording
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.errors import (
    FonotekaError,
    ObjectMissing,
    RangeUnsatisfiable,
    RecordingBinned,
    RecordingDeleted,
    RecordingFailed,
    RecordingNotReady,
    RecordingSilent,
)
from fonoteka.domain.recording import Recording, RecordingState

_CONTINUES_WITHIN = timedelta(minutes=15)


class AudioFormat(StrEnum):
    """What audio can be had as."""

    OPUS = "opus"
    MP3 = "mp3"
    WAV = "wav"
    FLAC = "flac"


class AudioPurpose(StrEnum):
    """What audio is wanted for; each has its own permission."""

    LISTEN = "listen"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class OpenAudio:
    """Audio ready to be sent. `read(start, stop)` gives its bytes in blocks (stop exclusive, None: the end).

    `entity_tag` (without quotes) changes when the bytes do. `read` may raise `ObjectMissing`.
    """

    format: AudioFormat
    media_type: str
    file_name: str
    size_bytes: int
    entity_tag: str
    read: Callable[[int, int | None], Iterator[bytes]]


_MEDIA_TYPES = {
    AudioFormat.OPUS: "audio/ogg",
    AudioFormat.MP3: "audio/mpeg",
    AudioFormat.WAV: "audio/wav",
    AudioFormat.FLAC: "audio/flac",
}
_PERMISSIONS = {
    AudioPurpose.LISTEN: Permission.RECORDING_LISTEN,
    AudioPurpose.DOWNLOAD: Permission.RECORDING_DOWNLOAD,
}
_ACTIONS = {
    AudioPurpose.LISTEN: AuditAction.RECORDING_LISTENED,
    AudioPurpose.DOWNLOAD: AuditAction.RECORDING_DOWNLOADED,
}
NOT_PLAYABLE: dict[RecordingState, type[FonotekaError]] = {
    RecordingState.PROCESSING: RecordingNotReady,
    RecordingState.SILENT: RecordingSilent,
    RecordingState.FAILED: RecordingFailed,
    RecordingState.BINNED: RecordingBinned,
    RecordingState.DELETED: RecordingDeleted,
}
"""Why a recording in that state has no audio to give."""


def open_audio(
    archive: Archive,
    actor: Actor,
    recording_id: str,
    format: AudioFormat | None,
    purpose: AudioPurpose,
    range_start: int = 0,
    *,
    mixed: bool = False,
) -> OpenAudio:
    """Audio to send from the byte `range_start` on, and an audit event, committed before this returns.

    `format` None is the stored file as it is, as is the format that it has, a channel for each party; with
    `mixed` all are in one. A request that continues
    (`range_start` > 0) what the same actor began within 15 minutes in the same format makes no new event.
    Raises `RecordingNotFound`, `AccessDenied`, `RecordingNotReady`, `RecordingSilent`, `RecordingFailed`,
    `RecordingBinned`, `RecordingDeleted`, `ObjectMissing`, `RangeUnsatisfiable`, `StorageFull`; for what is
    made from the stored file also `AudioMalformed`, `AudioTooLong`.
    """
    recording, call = _playable(archive, actor, recording_id, _PERMISSIONS[purpose])
    format = AudioFormat(recording.codec) if format is None else format
    try:
        size_bytes, read = bytes_of(archive, recording, format, mixed=mixed)
    except ObjectMissing:
        _playable(archive, actor, recording_id, _PERMISSIONS[purpose])  # deleted meanwhile? then say so
        raise
    if range_start and not 0 <= range_start < size_bytes:
        raise RangeUnsatisfiable(size_bytes)
    detail = f"format={format}{' mixed' if mixed else ''}"
    _write_down(archive, actor, recording_id, _ACTIONS[purpose], detail, range_start)
    OPENED.labels(purpose=purpose.value, format=format.value).inc()
    return OpenAudio(
        format=format,
        media_type=_MEDIA_TYPES[format],
        file_name=audio_file_name(call, format.value, zone_of(archive, recording.tenant_id)),
        size_bytes=size_bytes,
        entity_tag=f"{recording.sha256[:32]}-{format}{'-mixed' if mixed else ''}",
        read=read,
    )


def read_peaks(archive: Archive, actor: Actor, recording_id: str) -> bytes:
    """The waveform as JSON: `{"version": 1, "interval_ms": 50, "duration_ms": …, "tracks": […]}`.

    Raises as `open_audio`; asks for the permission to listen, and is no access to audio.
    """
    recording, _ = _playable(archive, actor, recording_id, Permission.RECORDING_LISTEN)
    assert recording.peaks_key is not None
    return b"".join(archive.objects.read(recording.peaks_key))


def _playable(
    archive: Archive, actor: Actor, recording_id: str, permission: Permission
) -> tuple[Recording, Call]:
    with archive.store.reading() as tx:
        recording = visible_recording(tx, actor, recording_id)
        call = visible_call(tx, actor, recording.call_id)
    require(actor, permission, recording.tenant_id)
    if recording.state is not RecordingState.READY:
        raise NOT_PLAYABLE[recording.state]
    return recording, call


def zone_of(archive: Archive, tenant_id: str) -> tzinfo:
    """The time zone in which the names of a tenant's files tell the time."""
    with archive.store.reading() as tx:
        tenant = tx.tenants.get(tenant_id)
    return UTC if tenant is None else ZoneInfo(tenant.time_zone)


def bytes_of(
    archive: Archive, recording: Recording, format: AudioFormat, *, mixed: bool
) -> tuple[int, Callable[[int, int | None], Iterator[bytes]]]:
    """Size and reader of a ready recording, from the stored file or made of it; raises as `open_audio`."""
    if format != recording.codec or mixed:
        return open_rendition(archive, recording, format.value, mixed=mixed)
    key = recording.object_key
    assert key is not None

    def read(start: int, stop: int | None) -> Iterator[bytes]:
        return archive.objects.read(key, start, stop)

    return archive.objects.size(key), read


def _write_down(
    archive: Archive,
    actor: Actor,
    recording_id: str,
    action: AuditAction,
    detail: str,
    range_start: int,
) -> None:
    at = archive.now()
    if range_start > 0:
        with archive.store.reading() as tx:
            if tx.audit.happened(actor, action, recording_id, detail, at - _CONTINUES_WITHIN):
                return
    with archive.store.transaction() as tx:
        tx.audit.append(actor, action, recording_id, detail, at)
