"""What can be told of a conversation without a word of it: who spoke how long, who waited for whom.

The definitions are published ones (docs/operate/speech.md names them); thresholds that nobody publishes are
ours and stand here. A party is a channel of the recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from fonoteka.domain.spans import Span, Spans, common, joined, total_ms, without

TALK_VERSION = 1
"""Of the figures; another one when any would come out differently."""
TURN_GAP_MS = 500
"""Shorter pauses belong to a turn."""
BACK_CHANNEL_MS = 1_000
"""“Yes”, “mhm”: so short a turn takes nobody's word."""
MONOLOGUE_GAP_MS = 2_000
SPOKE_BEFORE_MS, OVERLAP_MS = 1_000, 500
"""Who comes in after the other spoke so long, and speaks over them for so long, interrupts."""
MOMENTS_MAX = 500


@dataclass(frozen=True, slots=True)
class PartyFigures:
    """One party. `interruptions` are the moments (ms) at which it took the other's word.

    `response_ms` is how long it let the other wait for an answer, on average over `responses`; None: never.
    """

    spoken_ms: int
    longest_monologue: Span | None
    interruptions: tuple[int, ...] = ()
    response_ms: int | None = None
    responses: int = 0


@dataclass(frozen=True, slots=True)
class TalkFigures:
    """A conversation: the recording less holds and what was not recorded (`conversation_ms`).

    Of a recording with one channel there is one party, and nothing that takes two: those are None.
    """

    recorded_ms: int
    conversation_ms: int
    silence_ms: int
    longest_silence: Span | None
    parties: tuple[PartyFigures, ...]
    holds: Spans = ()
    crosstalk_ms: int | None = None
    switches: int | None = None

    @property
    def silence_share(self) -> float:
        """Of the conversation, 0 to 1."""
        return self._share(self.silence_ms)

    @property
    def crosstalk_share(self) -> float | None:
        """Of the conversation, 0 to 1."""
        return None if self.crosstalk_ms is None else self._share(self.crosstalk_ms)

    @property
    def switches_per_minute(self) -> float | None:
        """How often the speaker changes in a minute of conversation."""
        if self.switches is None or not self.conversation_ms:
            return None
        return self.switches * 60_000 / self.conversation_ms

    @property
    def hold_ms(self) -> int:
        """All holds together."""
        return total_ms(self.holds)

    @property
    def longest_hold(self) -> Span | None:
        """The longest hold."""
        return _longest(self.holds)

    def talk_share(self, party: int) -> float:
        """What a party spoke of the conversation, 0 to 1."""
        return self._share(self.parties[party].spoken_ms)

    def talk_ratio(self, party: int) -> float | None:
        """What a party spoke of all that was spoken, 0 to 1; None: nobody did."""
        spoken = sum(one.spoken_ms for one in self.parties)
        return self.parties[party].spoken_ms / spoken if spoken else None

    def _share(self, part_ms: int) -> float:
        return part_ms / self.conversation_ms if self.conversation_ms else 0.0


def measure(
    recorded_ms: int, speech: Sequence[Spans], holds: Sequence[Span] = (), left_out: Sequence[Span] = ()
) -> TalkFigures:
    """Figures from who spoke when (spans of one channel or two), holds, and what was not recorded."""
    whole = Span(0, recorded_ms)
    holds = common(joined(holds), (whole,))
    away = joined((*holds, *common(joined(left_out), (whole,))))
    there = without((whole,), away)
    speech = [common(joined(one), there) for one in speech]
    silences = without(there, joined(span for one in speech for span in one))
    turns = [joined(one, TURN_GAP_MS) for one in speech]
    figures = TalkFigures(
        recorded_ms=recorded_ms,
        conversation_ms=total_ms(there),
        silence_ms=total_ms(silences),
        longest_silence=_longest(silences),
        parties=tuple(PartyFigures(total_ms(one), _longest(joined(one, MONOLOGUE_GAP_MS))) for one in speech),
        holds=holds,
    )
    return _of_two(figures, speech, turns, away) if len(speech) == 2 else figures


def _of_two(
    figures: TalkFigures, speech: Sequence[Spans], turns: Sequence[Spans], away: Spans
) -> TalkFigures:
    parties = []
    for party, other in ((0, 1), (1, 0)):
        waits = _waits(turns[party], turns[other], away)
        known = replace(
            figures.parties[party],
            longest_monologue=_monologue(speech[party], turns[other]),
            interruptions=_interruptions(turns[party], turns[other]),
            response_ms=round(sum(waits) / len(waits)) if waits else None,
            responses=len(waits),
        )
        parties.append(known)
    return replace(
        figures,
        parties=tuple(parties),
        crosstalk_ms=total_ms(common(speech[0], speech[1])),
        switches=_switches(turns),
    )


def _longest(spans: Spans) -> Span | None:
    return max(spans, key=lambda one: (one.length_ms, -one.since_ms), default=None)


def _monologue(own: Spans, others: Spans) -> Span | None:
    """The longest run of one party that the other's turns do not break; a back-channel breaks none."""
    words = [one for one in others if one.length_ms > BACK_CHANNEL_MS]
    return _longest(without(joined(own, MONOLOGUE_GAP_MS), words))


def _interruptions(own: Spans, others: Spans) -> tuple[int, ...]:
    found, at = [], 0
    for turn in own:
        while at < len(others) and others[at].until_ms <= turn.since_ms:
            at += 1
        if at == len(others) or turn.length_ms < BACK_CHANNEL_MS:
            continue
        other = others[at]
        overlap_ms = min(turn.until_ms, other.until_ms) - turn.since_ms
        if turn.since_ms - other.since_ms >= SPOKE_BEFORE_MS and overlap_ms >= OVERLAP_MS:
            found.append(turn.since_ms)
    return tuple(found[:MOMENTS_MAX])


def _waits(own: Spans, others: Spans, away: Spans) -> list[int]:
    """How long each answer was waited for; what a hold lies between is none."""
    turns = sorted([(turn, True) for turn in own] + [(turn, False) for turn in others])
    found = []
    for (before, was_own), (turn, is_own) in pairwise(turns):
        gap = Span(before.until_ms, turn.since_ms)
        if is_own and not was_own and gap.length_ms > 0 and not common((gap,), away):
            found.append(gap.length_ms)
    return found


def _switches(turns: Sequence[Spans]) -> int:
    spoken = sorted(
        (turn.since_ms, party)
        for party, some in enumerate(turns)
        for turn in some
        if turn.length_ms > BACK_CHANNEL_MS
    )
    return sum(one[1] != next_[1] for one, next_ in pairwise(spoken))
