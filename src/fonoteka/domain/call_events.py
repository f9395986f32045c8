"""What happens to calls and recordings, as programs outside are told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fonoteka.domain.direction import Direction


class CallEventKind(StrEnum):
    """What happened (docs/operate/webhooks.md lists them, a test compares)."""

    CALL_RECORDED = "call.recorded"
    """A call with a recording became known; the audio is not ready yet."""
    CALL_MISSED = "call.missed"
    CALL_MISSING = "call.missing"
    RECORDING_READY = "recording.ready"
    RECORDING_FAILED = "recording.failed"
    RECORDING_BINNED = "recording.binned"
    RECORDING_RESTORED = "recording.restored"
    RECORDING_DELETED = "recording.deleted"
    RECORDING_OVERWRITTEN = "recording.overwritten"


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One of them. `position` grows with time; `recording_id` is empty where it is about the call."""

    position: int
    tenant_id: str
    kind: CallEventKind
    call_id: str
    recording_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EventSubscription:
    """Who is told of a tenant's call events: an address, and a secret that signs what it gets.

    No `kinds` means all. Of a `group_id` only calls in which a member took part, of a `direction` only those.
    """

    id: str
    tenant_id: str
    name: str
    address: str
    created_at: datetime
    kinds: frozenset[CallEventKind] = frozenset()
    group_id: str = ""
    direction: Direction | None = None
    is_enabled: bool = True
    secret: str = field(default="", repr=False)
