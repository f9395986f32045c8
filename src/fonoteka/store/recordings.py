"""Rows of recordings and their tracks."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from fonoteka.domain.mark import Mark, MarkKind
from fonoteka.domain.recording import (
    ActivityStrip,
    EndReason,
    Recording,
    RecordingState,
    RemovalCause,
    Track,
)
from fonoteka.domain.retention import Standing
from fonoteka.store.insertion import insert_missing
from fonoteka.store.keeping import StoredRow, keeping_of
from fonoteka.store.tables import recordings, tracks
from fonoteka.store.talks import forget_speech
from fonoteka.store.usage import Usage


@dataclass(frozen=True, slots=True)
class Leftover:
    """A deleted recording whose objects may still lie in the store."""

    id: str
    tenant_id: str


class Recordings:
    """Recordings with their tracks. States only move forward; `archive` sees to that under `get_locked`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._usage = Usage(connection)

    def get(self, tenant_id: str, recording_id: str) -> Recording | None:
        """The recording, or None when this tenant has no such."""
        found = select(recordings).where(recordings.c.id == recording_id, recordings.c.tenant_id == tenant_id)
        return next(iter(_whole(self._connection, self._connection.execute(found).all())), None)

    def call_id_of(self, tenant_id: str, recording_id: str) -> str | None:
        """The id of the recording's call, or None when this tenant has no such recording."""
        c = recordings.c
        return self._connection.scalar(
            select(c.call_id).where(c.id == recording_id, c.tenant_id == tenant_id)
        )

    def stored_bytes_of(self, tenant_id: str, recording_id: str) -> tuple[int, bool]:
        """What is stored of a recording, and whether it was deleted; nothing of one that is not known."""
        c = recordings.c
        found = select(c.stored_bytes, c.state).where(c.id == recording_id, c.tenant_id == tenant_id)
        row = self._connection.execute(found).one_or_none()
        return (0, False) if row is None else (row.stored_bytes, row.state == RecordingState.DELETED.value)

    def get_locked(self, recording_id: str) -> Recording | None:
        """The recording whatever its tenant, kept from others until the transaction ends."""
        found = select(recordings).where(recordings.c.id == recording_id).with_for_update()
        return next(iter(_whole(self._connection, self._connection.execute(found).all())), None)

    def add(self, recording: Recording) -> bool:
        """Insert the recording and its tracks unless the id is taken."""
        if not insert_missing(self._connection, recordings, {"id": recording.id, **_values(recording)}):
            return False
        self._count(recording.tenant_id, (0, 0), _stored(recording.stored_bytes, recording.duration_ms))
        self._add_tracks(recording)
        return True

    def replace(self, recording: Recording) -> None:
        """Write the recording and its tracks anew; its id, call and tenant stay.

        Under `get_locked`; what the tenant uses follows. Then its class is to be settled (`keeping.settle`).
        """
        values = _values(recording)
        del values["call_id"], values["tenant_id"]
        self._count(
            recording.tenant_id,
            self._stored_now(recording.id),
            _stored(recording.stored_bytes, recording.duration_ms),
        )
        self._connection.execute(update(recordings).where(recordings.c.id == recording.id).values(values))
        self._connection.execute(delete(tracks).where(tracks.c.recording_id == recording.id))
        self._add_tracks(recording)

    def fail(self, recording_id: str, error_code: str) -> bool:
        """Write that it failed, unless more is known already (what is in the bin may fail too): whether."""
        c = recordings.c
        undecided = (RecordingState.PROCESSING.value, RecordingState.FAILED.value)
        done = self._connection.execute(
            update(recordings)
            .where(c.id == recording_id, c.state.in_(undecided))
            .values(state=RecordingState.FAILED.value, error_code=error_code)
            .execution_options(preserve_rowcount=True)
        )
        return done.rowcount == 1

    def mark_deleted(
        self, recording: StoredRow | Recording, at: datetime, cause: RemovalCause, detail: str = ""
    ) -> None:
        """Set the state deleted, under the row's lock: it counts no more against the quota.

        What was found out of its sound goes with it. The keys stay in the row until `forget_objects`.
        """
        forget_speech(self._connection, recording.id)
        self._count(recording.tenant_id, self._stored_now(recording.id), (0, 0))
        self._connection.execute(
            update(recordings)
            .where(recordings.c.id == recording.id)
            .values(
                state=RecordingState.DELETED.value,
                deleted_at=at,
                strip="",
                error_code=None,
                stored_bytes=0,
                standing=Standing.NONE.value,
                due_at=None,
                binned_at=None,
                removal_cause=cause.value,
                removal_detail=detail,
            )
        )

    def set_stored(self, recording: Recording, stored_bytes: int, error_code: str | None) -> None:
        """Write what is really stored of a recording, under its lock; its class is to be settled then."""
        self._count(
            recording.tenant_id,
            self._stored_now(recording.id),
            _stored(stored_bytes, recording.duration_ms),
        )
        self._connection.execute(
            update(recordings)
            .where(recordings.c.id == recording.id)
            .values(stored_bytes=stored_bytes, error_code=error_code)
        )

    def some(self, ids: Sequence[str]) -> tuple[Recording, ...]:
        """Recordings of any tenant, without their tracks."""
        found = select(recordings).where(recordings.c.id.in_(ids))
        return tuple(_recording(row, ()) for row in self._connection.execute(found))

    def after(self, recording_id: str, limit: int) -> tuple[Recording, ...]:
        """The next recordings of all tenants in the order of ids, without their tracks."""
        c = recordings.c
        found = select(recordings).where(c.id > recording_id).order_by(c.id).limit(limit)
        return tuple(_recording(row, ()) for row in self._connection.execute(found))

    def _stored_now(self, recording_id: str) -> tuple[int, int]:
        c = recordings.c
        found = select(c.stored_bytes, c.duration_ms).where(c.id == recording_id)
        return _stored(*self._connection.execute(found).one())

    def _count(self, tenant_id: str, before: tuple[int, int], after: tuple[int, int]) -> None:
        self._usage.add(
            tenant_id,
            bool(after[0]) - bool(before[0]),
            after[1] - before[1],
            after[0] - before[0],
        )

    def forget_objects(self, ids: Sequence[str]) -> None:
        """The deleted recordings' objects are gone: forget their keys."""
        self._connection.execute(
            update(recordings)
            .where(recordings.c.id.in_(ids), recordings.c.state == RecordingState.DELETED.value)
            .values(object_key=None, peaks_key=None)
        )

    def leftovers(self, limit: int) -> tuple[Leftover, ...]:
        """Deleted recordings of all tenants whose objects were not seen to be gone."""
        found = (
            select(recordings.c.id, recordings.c.tenant_id)
            .where(
                recordings.c.state == RecordingState.DELETED.value,
                or_(recordings.c.object_key.is_not(None), recordings.c.peaks_key.is_not(None)),
            )
            .order_by(recordings.c.id)
            .limit(limit)
        )
        return tuple(Leftover(*row) for row in self._connection.execute(found))

    def _add_tracks(self, recording: Recording) -> None:
        if not recording.tracks:
            return
        self._connection.execute(
            insert(tracks),
            [
                {
                    "recording_id": recording.id,
                    "position": one.index,
                    "tenant_id": recording.tenant_id,
                    "party": one.party,
                    "participant_id": one.participant_id,
                    "label": one.label,
                    "codec": one.codec,
                    "sample_rate_hz": one.sample_rate_hz,
                    "packets": one.packets,
                    "lost_packets": one.lost_packets,
                    "gap_ms": one.gap_ms,
                }
                for one in recording.tracks
            ],
        )


def recordings_of_calls(connection: Connection, call_ids: Sequence[str]) -> dict[str, tuple[Recording, ...]]:
    """The recordings of each call by their start, in two queries whatever the number of calls."""
    found = select(recordings).where(recordings.c.call_id.in_(call_ids))
    found = found.order_by(recordings.c.call_id, recordings.c.started_at, recordings.c.id)
    by_call: dict[str, list[Recording]] = defaultdict(list)
    for recording in _whole(connection, connection.execute(found).all()):
        by_call[recording.call_id].append(recording)
    return {call_id: tuple(some) for call_id, some in by_call.items()}


def _whole(connection: Connection, rows: Sequence[Row[Any]]) -> list[Recording]:
    if not rows:
        return []
    found = select(tracks).where(tracks.c.recording_id.in_([row.id for row in rows]))
    by_recording: dict[str, list[Track]] = defaultdict(list)
    for row in connection.execute(found.order_by(tracks.c.recording_id, tracks.c.position)):
        by_recording[row.recording_id].append(_track(row))
    return [_recording(row, tuple(by_recording[row.id])) for row in rows]


def _track(row: Row[Any]) -> Track:
    return Track(
        index=row.position,
        party=row.party,
        participant_id=row.participant_id,
        label=row.label,
        codec=row.codec,
        sample_rate_hz=row.sample_rate_hz,
        packets=row.packets,
        lost_packets=row.lost_packets,
        gap_ms=row.gap_ms,
    )


def _recording(row: Row[Any], some_tracks: tuple[Track, ...]) -> Recording:
    deleted = row.state == RecordingState.DELETED.value
    state = RecordingState(row.state)
    if row.binned_at is not None and not deleted:
        state = RecordingState.BINNED
    return Recording(
        id=row.id,
        call_id=row.call_id,
        tenant_id=row.tenant_id,
        state=state,
        end_reason=EndReason(row.end_reason),
        started_at=row.started_at,
        duration_ms=row.duration_ms,
        codec=row.codec,
        profile=row.profile,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        object_key=None if deleted else row.object_key,
        peaks_key=None if deleted else row.peaks_key,
        strip=ActivityStrip.decode(row.strip),
        tracks=some_tracks,
        error_code=row.error_code,
        deleted_at=row.deleted_at,
        stored_bytes=row.stored_bytes,
        keeping=keeping_of(row),
        removal_cause=None if row.removal_cause is None else RemovalCause(row.removal_cause),
        removal_detail=row.removal_detail,
        marks=tuple(Mark(**{**one, "kind": MarkKind(one["kind"])}) for one in json.loads(row.marks)),
    )


def _stored(stored_bytes: int, duration_ms: int) -> tuple[int, int]:
    """Bytes and length as they count: nothing stored has no length either."""
    return stored_bytes, duration_ms if stored_bytes else 0


def _values(recording: Recording) -> dict[str, Any]:
    return {
        "call_id": recording.call_id,
        "tenant_id": recording.tenant_id,
        "state": recording.state.value,
        "end_reason": recording.end_reason.value,
        "started_at": recording.started_at,
        "duration_ms": recording.duration_ms,
        "codec": recording.codec,
        "profile": recording.profile,
        "size_bytes": recording.size_bytes,
        "sha256": recording.sha256,
        "object_key": recording.object_key,
        "peaks_key": recording.peaks_key,
        "strip": recording.strip.encode(),
        "marks": json.dumps([asdict(one) for one in recording.marks]),
        "error_code": recording.error_code,
        "deleted_at": recording.deleted_at,
        "stored_bytes": recording.stored_bytes,
    }
