"""The talk panel of a call page: figures of the conversation by the voices' sides."""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka.domain.analysis import AnalysisState
from fonoteka.domain.spans import Span
from fonoteka.domain.talk import PartyFigures, TalkFigures
from fonoteka.speech import KnownTalk
from fonoteka.web.voices import Lane, Voice


@dataclass(frozen=True, slots=True)
class TalkSide:
    """One side: its voice, its figures, and its shares (0 to 1) of the conversation and of all speech."""

    voice: Voice
    figures: PartyFigures
    talk_share: float
    talk_ratio: float | None


@dataclass(frozen=True, slots=True)
class BarPart:
    """A part of the talk bar, in percent of its width; `kind` is a voice or `silence`."""

    kind: str
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class TalkPanel:
    """What the panel shows. Without figures its state tells why."""

    state: AnalysisState
    analyser: str = ""
    error_code: str = ""
    figures: TalkFigures | None = None
    sides: tuple[TalkSide, ...] = ()
    bar: tuple[BarPart, ...] = ()

    @property
    def ours(self) -> TalkSide | None:
        """Our side, or the only one."""
        return self.sides[-1] if self.sides else None

    @property
    def theirs(self) -> TalkSide | None:
        """The other side, where there are two."""
        return self.sides[0] if len(self.sides) > 1 else None


def panel_of(known: KnownTalk, lanes: tuple[Lane, ...]) -> TalkPanel:
    """The panel of a recording, its sides in the order of the player's lanes."""
    analysis = known.analysis
    if analysis is None or analysis.figures is None:
        return TalkPanel(known.state, error_code="" if analysis is None else analysis.error_code)
    figures = analysis.figures
    sides = tuple(
        TalkSide(
            lane.voice,
            figures.parties[lane.channel],
            figures.talk_share(lane.channel),
            figures.talk_ratio(lane.channel),
        )
        for lane in lanes
        if lane.channel < len(figures.parties)
    )
    return TalkPanel(known.state, analysis.analyser, "", figures, sides, _bar(figures, sides))


def moment(span: Span) -> str:
    """The part of an address that plays from a moment on."""
    return f"#t={span.since_ms / 1000:.1f}"


def _bar(figures: TalkFigures, sides: tuple[TalkSide, ...]) -> tuple[BarPart, ...]:
    """Side by side; what both speak at once is in both, so that all of it is a little more than the whole."""
    amounts = [(str(side.voice), side.figures.spoken_ms) for side in sides]
    amounts.append(("silence", figures.silence_ms))
    whole = sum(amount for _, amount in amounts)
    found, at = [], 0.0
    for kind, amount in amounts:
        width = 100 * amount / whole if whole else 0.0
        if width:
            found.append(BarPart(kind, at, width))
        at += width
    return tuple(found)
