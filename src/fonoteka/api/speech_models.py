"""What the API tells of a recording's talk."""

from __future__ import annotations

from pydantic import Field

from fonoteka.api.instants import Instant
from fonoteka.api.models import Body
from fonoteka.api.plain_text import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.domain.analysis import AnalysisState
from fonoteka.domain.spans import Span
from fonoteka.speech import KnownTalk, KnownTranscript


class Stretch(Body):
    """A stretch of a recording."""

    since_ms: int = Field(description="From when, in ms from the recording's start.", ge=0)
    until_ms: int = Field(description="Until when.", ge=0)


class PartyTalk(Body):
    """One party: the channel of the audio with the same place."""

    spoken_ms: int = Field(description="How long it spoke.", ge=0)
    talk_share: float = Field(description="`spoken_ms` of `conversation_ms`, 0 to 1.")
    talk_ratio: float | None = Field(
        description="`spoken_ms` of what all parties spoke together, 0 to 1; null: nobody spoke."
    )
    longest_monologue: Stretch | None = Field(
        description="The longest run of this party: pauses up to 2 s belong to it, and the other's words of"
        " up to 1 s do not break it."
    )
    interruptions: tuple[int, ...] = Field(
        description="When (ms) it began to speak over the other, who had spoken for 1 s or more: for 1 s in"
        " all and 0.5 s of it together."
    )
    response_ms: int | None = Field(
        description="How long the other waited for an answer, on average; null: it never answered."
    )
    responses: int = Field(description="Over so many answers.", ge=0)
    speech: tuple[Stretch, ...] = Field(description="When it spoke.")


class TalkFigures(Body):
    """Figures of a conversation. Of a recording with one channel those that take two are null."""

    recorded_ms: int = Field(description="Length of the recording.")
    conversation_ms: int = Field(description="That less holds and what was paused or not wanted by a rule.")
    silence_ms: int = Field(description="Of the conversation nobody speaks.")
    silence_share: float = Field(description="`silence_ms` of `conversation_ms`, 0 to 1.")
    longest_silence: Stretch | None = Field(description="The longest of it.")
    crosstalk_ms: int | None = Field(description="Both speak at once.")
    crosstalk_share: float | None = Field(description="`crosstalk_ms` of `conversation_ms`, 0 to 1.")
    switches_per_minute: float | None = Field(
        description="How often the speaker changes in a minute; words of up to 1 s count for none."
    )
    hold_ms: int = Field(description="All holds together.")
    holds: tuple[Stretch, ...] = Field(description="As the PBX tells, or hold music of 5 s and more.")
    parties: tuple[PartyTalk, ...] = Field(description="In the order of the audio's channels.")


class Talk(Body):
    """What is known of a recording's talk without its words."""

    state: AnalysisState = Field(
        description="`waiting`: in a moment. `failed`: see `error_code`. `none`: nobody asked for it (see"
        " `fonoteka speech rerun`), or there is nothing to hear."
    )
    analyser: str = Field(description="What found it, with versions.", examples=["talk 1, silero 5"])
    analysed_at: Instant | None = Field(description="When.")
    error_code: str = Field(description="Why it failed, a code of the list of errors; else empty.")
    figures: TalkFigures | None = Field(description="Null unless `ready`.")


def talk_of(known: KnownTalk) -> Talk:
    """The answer for what is known."""
    analysis = known.analysis
    if analysis is None:
        return Talk(state=known.state, analyser="", analysed_at=None, error_code="", figures=None)
    figures = analysis.figures
    told = None
    if figures is not None:
        parties = tuple(
            PartyTalk(
                spoken_ms=party.spoken_ms,
                talk_share=figures.talk_share(place),
                talk_ratio=figures.talk_ratio(place),
                longest_monologue=_stretch(party.longest_monologue),
                interruptions=party.interruptions,
                response_ms=party.response_ms,
                responses=party.responses,
                speech=tuple(map(Stretch.model_validate, analysis.speech[place])),
            )
            for place, party in enumerate(figures.parties)
        )
        told = TalkFigures(
            recorded_ms=figures.recorded_ms,
            conversation_ms=figures.conversation_ms,
            silence_ms=figures.silence_ms,
            silence_share=figures.silence_share,
            longest_silence=_stretch(figures.longest_silence),
            crosstalk_ms=figures.crosstalk_ms,
            crosstalk_share=figures.crosstalk_share,
            switches_per_minute=figures.switches_per_minute,
            hold_ms=figures.hold_ms,
            holds=tuple(map(Stretch.model_validate, figures.holds)),
            parties=parties,
        )
    return Talk(
        state=known.state,
        analyser=analysis.analyser,
        analysed_at=analysis.analysed_at,
        error_code=analysis.error_code,
        figures=told,
    )


def _stretch(span: Span | None) -> Stretch | None:
    return None if span is None else Stretch.model_validate(span)


class Word(Body):
    """A word."""

    text: str = Field(description="As the engine wrote it.")
    since_ms: int = Field(description="When it begins, in ms from the recording's start.", ge=0)
    until_ms: int = Field(description="When it ends.", ge=0)
    confidence: float | None = Field(description="How sure the engine is, 0 to 1; null: it does not say.")


class Utterance(Body):
    """What one party said in a go."""

    channel: int = Field(description="The party: the channel of the audio, and its track.", ge=0)
    since_ms: int = Field(description="When it began.", ge=0)
    until_ms: int = Field(description="When it ended.", ge=0)
    text: str = Field(description="Its words in a row.")
    words: tuple[Word, ...] = Field(description="Its words.")


class Transcript(Body):
    """What was said in a recording."""

    state: AnalysisState = Field(
        description="`waiting`: in a while. `failed`: see `error_code`. `none`: nobody wants it (no model is"
        " in use for its language), or there is nothing to hear."
    )
    language: str = Field(description="The language that it was taken for; may be empty.", examples=["ru"])
    engine: str = Field(description="What understood it, with model and version.")
    made_at: Instant | None = Field(description="When.")
    error_code: str = Field(description="Why it failed, a code of the list of errors; else empty.")
    confidence: float | None = Field(description="The mean of the words', 0 to 1.")
    is_approximate: bool = Field(
        description="The engine gave no times of words: they are spread over the pieces."
    )
    utterances: tuple[Utterance, ...] = Field(description="In the order of time.")


class SpeechSettings(Body):
    """How a company's calls are read by machine."""

    engine: str = Field(description="What turns speech into text: `none`, `onnx_asr` or `openai`.")
    models: dict[str, str] = Field(
        description="The local model used for each language; `*` is every language without one of its own."
    )
    languages: dict[str, str] = Field(
        description="The language of calls by group's `id`, the company's own under the empty name; `none`:"
        " not transcribed."
    )


class LanguagesGiven(Given):
    """Languages to say anew."""

    languages: dict[PlainText, PlainText] = Field(
        max_length=500, description="As in the answer; what is left out has no language of its own."
    )


def transcript_of(known: KnownTranscript) -> Transcript:
    """The answer for what is known."""
    found = known.transcript
    return Transcript(
        state=known.state,
        language="" if found is None else found.language,
        engine="" if found is None else found.engine,
        made_at=None if found is None else found.made_at,
        error_code="" if found is None else found.error_code,
        confidence=None if found is None else found.confidence,
        is_approximate=found is not None and found.is_approximate,
        utterances=() if found is None else tuple(map(Utterance.model_validate, found.utterances)),
    )
