"""What happened to audio and by whom: audit events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditAction(StrEnum):
    """What is written down (docs/operate/audit.md lists them, a test compares)."""

    RECORDING_LISTENED = "recording.listened"
    RECORDING_DOWNLOADED = "recording.downloaded"
    RECORDING_DELETED = "recording.deleted"
    RECORDING_PAUSED = "recording.paused"
    RECORDING_RESUMED = "recording.resumed"
    RECORDING_KEPT = "recording.kept"
    CALL_UPLOADED = "call.uploaded"
    RULES_CHANGED = "rules.changed"
    PEOPLE_CHANGED = "people.changed"
    SIGNED_IN = "user.signed_in"
    SIGN_IN_REFUSED = "user.sign_in_refused"
    SIGNED_OUT = "user.signed_out"
    TOKEN_CREATED = "token.created"  # noqa: S105 - the name of an event
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - the name of an event
    USER_CREATED = "user.created"
    USER_CHANGED = "user.changed"
    ALERTS_CHANGED = "alerts.changed"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One entry of the access log. `detail` says how (format, track), never a secret."""

    id: str
    tenant_id: str
    at: datetime
    action: AuditAction
    actor_kind: str
    actor_id: str
    actor_name: str
    remote_address: str
    subject_id: str
    detail: str
