"""The transcript of a call page: utterances in the order of time, each on its voice's side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fonoteka.domain.analysis import AnalysisState
from fonoteka.domain.transcript import Utterance, Word
from fonoteka.speech import KnownTranscript
from fonoteka.speech.topics import TopicPlace
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
    topics: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """By channel and begin of a word the topic that it belongs to."""

    def topic_of(self, channel: int, word: Word) -> str:
        """The topic that the word belongs to."""
        return self.topics.get((channel, word.since_ms), "")


def transcript_panel(
    known: KnownTranscript, lanes: tuple[Lane, ...], places: Sequence[TopicPlace] = ()
) -> TranscriptPanel:
    """The panel of a recording; a channel without a lane is the other side's."""
    found = known.transcript
    if found is None:
        return TranscriptPanel(known.state)
    voices = {lane.channel: lane.voice for lane in lanes}
    said = tuple(Said(voices.get(one.channel, Voice.THEM), one) for one in found.utterances)
    return TranscriptPanel(
        known.state,
        said,
        found.engine,
        found.confidence,
        found.is_approximate,
        found.error_code,
        {
            (one.channel, word.since_ms): place.topic.name
            for place in places
            for one in found.utterances
            if one.channel == place.hit.channel and one.since_ms <= place.hit.since_ms <= one.until_ms
            for word in one.words
            if place.hit.since_ms <= word.since_ms < place.hit.until_ms
        },
    )
