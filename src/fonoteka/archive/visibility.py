"""What an actor does not see is not found: nobody learns that it exists."""

from __future__ import annotations

from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.call import Call
from fonoteka.domain.errors import CallNotFound, RecordingNotFound
from fonoteka.domain.ids import is_id
from fonoteka.domain.recording import Recording
from fonoteka.store import FORMER_ID, Transaction


def visible_call(tx: Transaction, actor: Actor, call_id: str) -> Call:
    """Raises `CallNotFound` when there is none or the actor may not see it."""
    call = _by_id(tx, actor.tenant_id, call_id) if is_id(call_id) else None
    if call is None or not may(actor, Permission.CALL_SEE, call.tenant_id):
        raise CallNotFound
    return call


def visible_recording(tx: Transaction, actor: Actor, recording_id: str) -> Recording:
    """Raises `RecordingNotFound` when there is none or the actor may not see its call."""
    recording = tx.recordings.get(actor.tenant_id, recording_id) if is_id(recording_id) else None
    if recording is None or not may(actor, Permission.CALL_SEE, recording.tenant_id):
        raise RecordingNotFound
    return recording


def _by_id(tx: Transaction, tenant_id: str, call_id: str) -> Call | None:
    found = tx.calls.get(tenant_id, call_id)
    if found is None and (joined := tx.identities.of_alias(tenant_id, FORMER_ID, call_id)):
        # Its recording belongs to a call that had been announced before.
        return tx.calls.get(tenant_id, joined)
    return found
