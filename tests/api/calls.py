"""Calls for the tests, put into the archive as the pipeline does it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from fonoteka import archive as archive_cases
from fonoteka.archive import Archive
from fonoteka.domain.call import DEFAULT_TENANT_ID, Call, Participant, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.ids import new_id
from fonoteka.domain.recording import ActivityStrip, EndReason, Recording, RecordingState, Track

NOON = datetime(2026, 3, 2, 12, 0, 0, 250000, tzinfo=UTC)
PEAKS = json.dumps(
    {
        "version": 1,
        "interval_ms": 50,
        "duration_ms": 61_000,
        "tracks": [{"party": "calling", "peaks": [0, 255]}, {"party": "called", "peaks": [3, 4]}],
    }
).encode()


def make_recording(call_id: str, started_at: datetime) -> Recording:
    """A recording of two parties, as the pipeline describes it before it is shelved."""
    tracks = tuple(
        Track(index, party, str(index), str(index + 1), "PCMA", 8000, 3050, 2, 40)
        for index, party in enumerate(("calling", "called"))
    )
    return Recording(
        id=new_id(),
        call_id=call_id,
        tenant_id=DEFAULT_TENANT_ID,
        state=RecordingState.READY,
        end_reason=EndReason.BYE,
        started_at=started_at,
        duration_ms=61_000,
        codec="opus",
        profile="standard",
        size_bytes=0,
        sha256="",
        object_key=None,
        peaks_key=None,
        strip=ActivityStrip(((1,) * 45, (15,) * 45)),
        tracks=tracks,
        error_code=None,
        deleted_at=None,
    )


def make_call(
    calling: str = "101",
    called: str = "+74951234567",
    *,
    started_at: datetime = NOON,
    direction: Direction = Direction.OUTGOING,
) -> Call:
    """A call with one recording."""
    call_id = new_id()
    return Call(
        id=call_id,
        tenant_id=DEFAULT_TENANT_ID,
        source="siprec",
        direction=direction,
        started_at=started_at,
        duration_ms=61_000,
        participants=(
            Participant("0", Party.CALLING, calling, "Анна Котова", f"sip:{calling}@pbx.example.com"),
            Participant("1", Party.CALLED, called, "", f"sip:{called}@pbx.example.com"),
        ),
        recordings=(make_recording(call_id, started_at),),
        created_at=started_at,
    )


def shelve(archive: Archive, call: Call, audio: bytes) -> Recording:
    """Take a call into the archive with that audio; gives its recording."""
    recording = register(archive, call)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "audio.opus"
        path.write_bytes(audio)
        archive_cases.shelve_recording(archive, recording, path, PEAKS)
    return recording


def shelve_silent(archive: Archive, call: Call) -> Recording:
    """Take a call into the archive that no audio packet arrived for."""
    recording = register(archive, call)
    silent = replace(recording, state=RecordingState.SILENT, tracks=())
    archive_cases.shelve_recording(archive, silent, Path("none"), b"")
    return recording


def register(archive: Archive, call: Call) -> Recording:
    """Make a call known whose recording is still being processed."""
    archive_cases.register_call(archive, call)
    return call.recordings[0]
