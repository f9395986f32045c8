"""The transcript of a call page: utterances in the order of time, each on its voice's side."""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka.domain.analysis import AnalysisState
from fonoteka.domain.transcript import Utterance
from fonoteka.speech import KnownTranscript
from fonoteka.web.voices import Lane, Voice


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance and whose it is."""

    voice: Voice
    utterance: Utterance


@dataclass(frozen=True, slots=True)
class TranscriptPanel:
    """What the panel shows. Without `said` its state tells why."""

    state: AnalysisState
    said: tuple[Said, ...] = ()
    engine: str = ""
    confidence: float | None = None
    is_approximate: bool = False
    error_code: str = ""


def transcript_panel(known: KnownTranscript, lanes: tuple[Lane, ...]) -> TranscriptPanel:
    """The panel of a recording; a channel without a lane is the other side's."""
    found = known.transcript
    if found is None:
        return TranscriptPanel(known.state)
    voices = {lane.channel: lane.voice for lane in lanes}
    said = tuple(Said(voices.get(one.channel, Voice.THEM), one) for one in found.utterances)
    return TranscriptPanel(
        known.state, said, found.engine, found.confidence, found.is_approximate, found.error_code
    )
