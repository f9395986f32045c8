"""What is known of a recording's talk, for who may see its call."""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.analysis import AnalysisState, SpeechTask, TalkAnalysis
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.speech.room import SpeechRoom


@dataclass(frozen=True, slots=True)
class KnownTalk:
    """How far the analysis is, and the analysis where there is one (of a failed one its code)."""

    state: AnalysisState
    analysis: TalkAnalysis | None = None


def known_talk(room: SpeechRoom, actor: Actor, recording: Recording) -> KnownTalk:
    """The talk of a recording that the actor sees (`archive.get_recording` gives no other).

    Raises `AccessDenied`. Nothing is known of a recording that is not ready.
    """
    require(actor, Permission.CALL_SEE, recording.tenant_id)
    if recording.state is not RecordingState.READY:
        return KnownTalk(AnalysisState.NONE)
    with room.store.reading() as tx:
        analysis = tx.talks.get(recording.tenant_id, recording.id)
        waits = tx.speech_orders.is_waiting(recording.tenant_id, recording.id, SpeechTask.TALK)
    if analysis is not None and analysis.figures is not None:
        return KnownTalk(AnalysisState.READY, analysis)
    if waits:
        return KnownTalk(AnalysisState.WAITING)
    return KnownTalk(AnalysisState.NONE if analysis is None else AnalysisState.FAILED, analysis)
