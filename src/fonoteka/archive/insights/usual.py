"""What is usual for an agent, beside the figures of one call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fonoteka.archive.archive import Archive
from fonoteka.archive.insights.audience import audience_of, ordinals
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.insight import TalkSums
from fonoteka.domain.report import Days
from fonoteka.domain.spread import Measure

USUAL_DAYS = 91
USUAL_MIN = 20
"""Of fewer conversations nothing is usual."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Medians of the conversations of the agent `number` up to the call's day; `talks` of them."""

    number: str
    talks: int
    medians: dict[Measure, float]


def usual_talk(archive: Archive, actor: Actor, recording_id: str) -> Usual | None:
    """What is usual for the one of ours who speaks in a recording that the actor sees; None: not known.

    Nothing is told of a number out of the actor's reach. Several of ours in one recording: the first.
    """
    if not may(actor, Permission.CALL_SEE, actor.tenant_id):
        return None
    with archive.store.reading() as tx:
        facts = tx.talk_reports.of_recordings(actor.tenant_id, [recording_id])
        reach = actor.extensions
        ours = [one for one in facts if reach is None or one.number in reach]
        if not ours:
            return None
        fact, audience = ours[-1], audience_of(tx, actor, "")
        last = fact.started_at.astimezone(audience.zone).date()
        days = Days(last - timedelta(days=USUAL_DAYS - 1), last)
        found = tx.talk_reports.by_number(actor.tenant_id, [fact.number], *ordinals(days))
    sums = found.get(fact.number, TalkSums())
    if sums.talks < USUAL_MIN:
        return None
    medians = {one: sums.spread.quantile(one, 0.5) for one in Measure}
    return Usual(fact.number, sums.talks, {one: value for one, value in medians.items() if value is not None})
