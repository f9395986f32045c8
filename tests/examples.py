"""Calls, recordings and actors to test with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fonoteka.archive import Archive, register_call
from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.call import Call, CallOutcome, Participant, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.ids import new_id
from fonoteka.domain.recording import ActivityStrip, EndReason, Recording, RecordingState, Track

NOON = datetime(2026, 4, 24, 12, 0, 0, 123_457, tzinfo=UTC)


def actor(tenant_id: str = "default", name: str = "anna") -> Actor:
    """An administrator of a tenant."""
    return Actor(ActorKind.USER, f"user-{name}", name, tenant_id, Role.ADMINISTRATOR, "192.0.2.7")


def people(calling: str = "101", called: str = "+74951234567", **names: str) -> tuple[Participant, ...]:
    """The two parties of a call."""
    return (
        Participant("p1", Party.CALLING, calling, names.get("calling_name", ""), f"sip:{calling}@pbx"),
        Participant("p2", Party.CALLED, called, names.get("called_name", ""), f"sip:{called}@trunk"),
    )


def recording(call_id: str, **fields: Any) -> Recording:
    """A recording that the pipeline has just found."""
    given: dict[str, Any] = {
        "id": new_id(),
        "call_id": call_id,
        "tenant_id": "default",
        "state": RecordingState.PROCESSING,
        "end_reason": EndReason.BYE,
        "started_at": NOON,
        "duration_ms": 61_000,
        "codec": "opus",
        "profile": "standard",
        "size_bytes": 0,
        "sha256": "",
        "object_key": None,
        "peaks_key": None,
        "strip": ActivityStrip(()),
        "tracks": (),
        "error_code": None,
        "deleted_at": None,
    }
    return Recording(**{**given, **fields})


def two_tracks() -> tuple[Track, ...]:
    """A track for each of `people`."""
    return (
        Track(0, "calling", "p1", "1", "PCMA", 8000, 3050, 2, 40),
        Track(1, "called", "p2", "2", "PCMA", 8000, 3049, 0, 0),
    )


def call(**fields: Any) -> Call:
    """A call of a minute with one recording, unless told otherwise."""
    call_id = fields.get("id", new_id())
    tenant_id = fields.get("tenant_id", "default")
    started_at = fields.get("started_at", NOON)
    given: dict[str, Any] = {
        "id": call_id,
        "tenant_id": tenant_id,
        "source": "siprec",
        "direction": Direction.OUTGOING,
        "started_at": started_at,
        "duration_ms": 61_000,
        "participants": people(),
        "recordings": (recording(call_id, tenant_id=tenant_id, started_at=started_at),),
        "created_at": started_at + timedelta(minutes=1),
    }
    return Call(**{**given, **fields})


def expect_call(archive: Archive, call: Call) -> str:
    """A call whose recording is waited for from now on."""
    expected = replace(call, outcome=CallOutcome.EXPECTED, recordings=(), created_at=archive.now())
    return register_call(archive, expected)
