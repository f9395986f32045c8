"""Which calls are worth hearing: reasons with their limits, and weights to rank by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fonoteka.domain.call import Call
from fonoteka.domain.insight import TalkFact


class Reason(StrEnum):
    """Why a call is worth hearing."""

    LOW_MARK = "low_mark"
    LOW_SCORE = "low_score"
    TOPIC = "topic"
    INTERRUPTIONS = "interruptions"
    MONOLOGUE = "monologue"
    LISTENS_LITTLE = "listens_little"
    LONG_SILENCE = "long_silence"
    LONG_HOLD = "long_hold"
    UNUSUAL_MONOLOGUE = "unusual_monologue"
    UNUSUAL_SILENCE = "unusual_silence"
    UNUSUAL_INTERRUPTIONS = "unusual_interruptions"


LIMITS: dict[Reason, float] = {
    Reason.INTERRUPTIONS: 6,
    Reason.MONOLOGUE: 120_000,
    Reason.LISTENS_LITTLE: 0.85,
    Reason.LONG_SILENCE: 40_000,
    Reason.LONG_HOLD: 180_000,
}
"""From where on a conversation asks for a listener by itself: numbers, shares of 1, ms."""
TALK_MIN_MS = 60_000
"""In shorter conversations nobody listens little."""
_HALF, _WORTH_MOST = 0.5, 3.0


def values_of(fact: TalkFact) -> dict[Reason, float]:
    """What the limits are about."""
    found: dict[Reason, float] = {
        Reason.INTERRUPTIONS: fact.interruptions,
        Reason.MONOLOGUE: fact.monologue_ms,
        Reason.LONG_SILENCE: fact.longest_silence_ms,
        Reason.LONG_HOLD: fact.hold_ms,
    }
    spoken = fact.spoken_ms + fact.others_ms
    if fact.pair_ms >= TALK_MIN_MS and spoken:
        found[Reason.LISTENS_LITTLE] = fact.spoken_ms / spoken
    return found


def worth_of(fact: TalkFact) -> int:
    """1000 for a limit that is reached and more for what goes beyond; little for what comes near.

    What only comes near may be unusual for one agent, and is looked at for that.
    """
    whole = 0.0
    for reason, value in values_of(fact).items():
        ratio = value / LIMITS[reason]
        if ratio >= 1:
            whole += min(ratio, _WORTH_MOST)
        elif ratio >= _HALF and reason is not Reason.LISTENS_LITTLE:
            whole += ratio / 10
    return round(1000 * whole)


@dataclass(frozen=True, slots=True)
class Why:
    """A reason with its value (as in `LIMITS`; tenths of marks, of a score's percent; hits of a topic).

    `usual` is what is usual for this agent, of what is unusual; `at_ms` the moment in the recording; `name`
    that of the topic.
    """

    reason: Reason
    value: float
    at_ms: int | None = None
    usual: float | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class WorthHearing:
    """A call that is worth hearing, the weightiest reason first.

    `agent` is the own number that it is about, `recording_id` where the moments are; both may be empty.
    """

    call: Call
    recording_id: str
    agent: str
    weight: int
    whys: tuple[Why, ...]

    @property
    def at_ms(self) -> int | None:
        """The moment to begin at."""
        return next((one.at_ms for one in self.whys if one.at_ms is not None), None)
