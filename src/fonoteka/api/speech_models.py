"""What the API tells of a recording's talk."""

from __future__ import annotations

from pydantic import Field

from fonoteka.api.instants import Instant
from fonoteka.api.models import Body
from fonoteka.domain.analysis import AnalysisState
from fonoteka.domain.spans import Span
from fonoteka.speech import KnownTalk


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
