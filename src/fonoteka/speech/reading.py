"""Reading what was said in a recording, for who may listen to it. Each reading is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.analysis import AnalysisState, SpeechTask
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.domain.transcript import Transcript
from fonoteka.speech.room import SpeechRoom

_CONTINUES_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class KnownTranscript:
    """How far it is, and the transcript where there is one (of a failed one its code)."""

    state: AnalysisState
    transcript: Transcript | None = None


def read_transcript(room: SpeechRoom, actor: Actor, recording: Recording) -> KnownTranscript:
    """The transcript of a recording that the actor sees (`archive.get_recording` gives no other).

    Reading words leaves an audit event as hearing them does; again within 15 minutes it makes no new one.
    Raises `AccessDenied`. Nothing is known of a recording that is not ready.
    """
    require(actor, Permission.RECORDING_LISTEN, recording.tenant_id)
    if recording.state is not RecordingState.READY:
        return KnownTranscript(AnalysisState.NONE)
    with room.store.reading() as tx:
        found = tx.transcripts.get(recording.tenant_id, recording.id)
        waits = tx.speech_orders.is_waiting(recording.tenant_id, recording.id, SpeechTask.TRANSCRIPT)
    if found is None or found.error_code:
        if waits:
            return KnownTranscript(AnalysisState.WAITING)
        return KnownTranscript(AnalysisState.NONE if found is None else AnalysisState.FAILED, found)
    note_reading(room, actor, recording.id)
    return KnownTranscript(AnalysisState.READY, found)


def note_reading(room: SpeechRoom, actor: Actor, recording_id: str) -> None:
    """Write down that the actor reads words of it; again within 15 minutes there is no new event."""
    at, action = room.now(), AuditAction.TRANSCRIPT_READ
    with room.store.reading() as tx:
        if tx.audit.happened(actor, action, recording_id, "", at - _CONTINUES_WITHIN):
            return
    with room.store.transaction() as tx:
        tx.audit.append(actor, action, recording_id, "", at)
