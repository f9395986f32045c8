"""What happened to audio and by whom: audit events, each bound to the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditAction(StrEnum):
    """What is written down (docs/operate/audit.md lists them, a test compares)."""

    RECORDING_LISTENED = "recording.listened"
    RECORDING_DOWNLOADED = "recording.downloaded"
    RECORDING_SHARED = "recording.shared"
    LINK_OPENED = "link.opened"
    LINK_REFUSED = "link.refused"
    LINK_REVOKED = "link.revoked"
    SHARING_CHANGED = "sharing.terms_changed"
    CALLS_EXPORTED = "calls.exported"
    RECORDING_DELETED = "recording.deleted"
    RECORDING_BINNED = "recording.binned"
    RECORDING_RESTORED = "recording.restored"
    RECORDING_OVERWRITTEN = "recording.overwritten"
    RECORDING_PAUSED = "recording.paused"
    RECORDING_RESUMED = "recording.resumed"
    RECORDING_KEPT = "recording.kept"
    CALL_UPLOADED = "call.uploaded"
    CALL_TAGGED = "call.tagged"
    CALL_UNTAGGED = "call.untagged"
    CALL_MARKED = "call.marked"
    CALL_NOTED = "call.noted"
    CALL_COMMENTED = "call.commented"
    CUSTOMER_NOTED = "customer.noted"
    TAGS_CHANGED = "tags.changed"
    SEARCHES_CHANGED = "searches.changed"
    SCORE_GIVEN = "score.given"
    SCORE_APPEALED = "score.appealed"
    SCORE_FORMS_CHANGED = "score.forms_changed"
    SCORE_QUEUE_CHANGED = "score.queue_changed"
    HOLD_PLACED = "hold.placed"
    HOLD_RELEASED = "hold.released"
    PLAN_CHANGED = "storage.plan_changed"
    RETENTION_CHANGED = "storage.retention_changed"
    STORAGE_AUDITED = "storage.audited"
    STORAGE_REPAIRED = "storage.repaired"
    SWEEP_CONFIRMED = "storage.sweep_confirmed"
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
    SUBSCRIPTIONS_CHANGED = "events.subscriptions_changed"
    PASSWORD_CHANGED = "user.password_changed"  # noqa: S105 - the name of an event
    SESSION_ENDED = "session.ended"
    TRANSCRIPT_READ = "transcript.read"
    TRANSCRIPTS_SEARCHED = "transcript.searched"
    SPEECH_CHANGED = "speech.changed"
    TOPICS_CHANGED = "topics.changed"
    AUDIT_EXPORTED = "audit.exported"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One entry of the access log. `detail` says how (format, track), never a secret.

    `number` counts a tenant's events from 1; `hash` is `chain_hash` over this event and the one before.
    """

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
    number: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Filters of the access log, newest first. `actor` is a part of the name, `until` exclusive."""

    since: datetime | None = None
    until: datetime | None = None
    actions: frozenset[AuditAction] = frozenset()
    actor: str = ""
    subject_id: str = ""


def chain_hash(previous: str, number: int, at_us: int, texts: Sequence[str]) -> str:
    """SHA-256 in hexadecimal over an event and the hash of the one before (empty for the first).

    `texts` are id, tenant, action, kind, id and name of the actor, address, subject, detail, as stored. What
    is hashed is a JSON array in ASCII without spaces, so that anybody can check it with standard tools.
    """
    told = json.dumps([previous, number, at_us, *texts], separators=(",", ":"))
    return hashlib.sha256(told.encode("ascii")).hexdigest()
