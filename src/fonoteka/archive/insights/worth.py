"""Calls that are worth hearing, ranked, each with its reasons: nobody has to listen to everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from fonoteka.archive.archive import Archive
from fonoteka.archive.insights.audience import Audience, audience_of, ordinals
from fonoteka.archive.reporting import catch_up, check_days
from fonoteka.archive.visibility import as_seen, numbers_of
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.insight import TalkFact, TalkSums
from fonoteka.domain.report import Days
from fonoteka.domain.score_results import EvaluationQuery
from fonoteka.domain.spread import Measure
from fonoteka.domain.worth import LIMITS, Reason, Why, WorthHearing, values_of
from fonoteka.store import Transaction

WORTH_MAX = 100
LOW_MARK_TENTHS = 20
LOW_SCORE_TENTHS = 600
_LOOKED_AT = 300
_USUAL_MIN = 20
_TIMES_USUAL = 3.0
_WEIGHT_MOST = 3.0
_UNUSUAL: dict[Reason, tuple[Measure, Reason, float]] = {
    Reason.MONOLOGUE: (Measure.MONOLOGUE, Reason.UNUSUAL_MONOLOGUE, 60_000),
    Reason.LONG_SILENCE: (Measure.LONGEST_SILENCE, Reason.UNUSUAL_SILENCE, 20_000),
    Reason.INTERRUPTIONS: (Measure.INTERRUPTIONS, Reason.UNUSUAL_INTERRUPTIONS, 3),
}
"""What may be unusual for an agent: by which measure, and from which value on it matters."""


@dataclass(frozen=True, slots=True)
class WorthPage:
    """The weightiest first. `found` is how many there are; with `is_more` there are more still."""

    items: tuple[WorthHearing, ...]
    found: int
    is_more: bool


@dataclass(slots=True)
class _Found:
    """What speaks for a call."""

    agent: str
    recording_id: str
    weight: float
    whys: list[tuple[float, Why]]


def worth_hearing(
    archive: Archive, actor: Actor, days: Days, group_id: str = "", agent: str = "", limit: int = 20
) -> WorthPage:
    """Calls of these days of the tenant's zone that are worth hearing, of a group's members or one `agent`.

    What the actor may not see is not among them, nor counted. Raises `RequestInvalid` (fields `since`,
    `until`, `limit`), `AccessDenied`.
    """
    require(actor, Permission.CALL_SEE, actor.tenant_id)
    check_days(days)
    if not 1 <= limit <= WORTH_MAX:
        raise RequestInvalid("limit", f"The limit must be between 1 and {WORTH_MAX}.")
    catch_up(archive, actor.tenant_id)
    with archive.store.reading() as tx:
        audience = audience_of(tx, actor, group_id)
        numbers = audience.narrowed([agent]) if agent else audience.numbers
        facts = tx.talk_reports.worthy(actor.tenant_id, numbers, *ordinals(days), _LOOKED_AT)
        found = _by_talk(tx, audience, days, facts)
        _add_marks(tx, audience, days, numbers, found)
        if may(actor, Permission.SCORE_SEE, actor.tenant_id):
            _add_scores(tx, audience, days, numbers, found)
        if may(actor, Permission.RECORDING_LISTEN, actor.tenant_id):
            _add_topics(tx, audience, days, numbers, found)
        return _page(tx, actor, found, limit, is_more=len(facts) == _LOOKED_AT)


def _page(tx: Transaction, actor: Actor, found: dict[str, _Found], limit: int, *, is_more: bool) -> WorthPage:
    calls = {
        one.id: one
        for one in tx.calls.some(actor.tenant_id, found.keys())
        if may(actor, Permission.CALL_SEE, one.tenant_id, numbers_of(one))
    }
    ranked = sorted(
        ((one, calls[call_id]) for call_id, one in found.items() if call_id in calls),
        key=lambda pair: (pair[0].weight, pair[1].started_at, pair[1].id),
        reverse=True,
    )
    items = tuple(
        WorthHearing(
            call=as_seen(actor, call),
            recording_id=one.recording_id,
            agent=one.agent,
            weight=round(1000 * one.weight),
            whys=tuple(why for _, why in sorted(one.whys, key=lambda pair: -pair[0])),
        )
        for one, call in ranked[:limit]
    )
    return WorthPage(items, len(ranked), is_more)


def _by_talk(tx: Transaction, audience: Audience, days: Days, facts: Sequence[TalkFact]) -> dict[str, _Found]:
    usual = tx.talk_reports.by_number(
        audience.tenant_id, sorted({one.number for one in facts}), *ordinals(days)
    )
    found: dict[str, _Found] = {}
    for fact in facts:
        whys = list(_whys(fact, usual))
        weight = sum(one for one, _ in whys)
        known = found.get(fact.call_id)
        if whys and (known is None or known.weight < weight):
            found[fact.call_id] = _Found(fact.number, fact.recording_id, weight, whys)
    return found


def _whys(fact: TalkFact, usual: Mapping[str, TalkSums]) -> Iterable[tuple[float, Why]]:
    """The reasons that the figures give, with their weights."""
    sums = usual.get(fact.number, TalkSums())
    moments = {
        Reason.INTERRUPTIONS: fact.interruption_at_ms,
        Reason.MONOLOGUE: fact.monologue_at_ms,
        Reason.LISTENS_LITTLE: fact.monologue_at_ms,
        Reason.LONG_SILENCE: fact.silence_at_ms,
    }
    for reason, value in values_of(fact).items():
        ratio, median, unusual = value / LIMITS[reason], None, None
        if reason in _UNUSUAL and sums.talks >= _USUAL_MIN:
            measure, unusual, least = _UNUSUAL[reason]
            median = sums.spread.quantile(measure, 0.5)
            if median is None or value < max(least, _TIMES_USUAL * median):
                median = unusual = None
        if ratio >= 1:
            extra = 0.0 if unusual is None else 0.5
            yield min(ratio, _WEIGHT_MOST) + extra, Why(reason, value, moments.get(reason), median)
        elif unusual is not None:
            yield ratio, Why(unusual, value, moments.get(reason), median)


def _add_marks(
    tx: Transaction, audience: Audience, days: Days, numbers: frozenset[str] | None, found: dict[str, _Found]
) -> None:
    since, until = audience.instants(days)
    low = tx.annotations.marks.low(audience.tenant_id, LOW_MARK_TENTHS, since, until, _LOOKED_AT)
    within = _within(tx, audience.tenant_id, [call_id for call_id, _ in low], numbers)
    for call_id, tenths in low:
        if call_id in within:
            weight = (LOW_MARK_TENTHS + 10 - tenths) / 10
            _add(found, call_id, "", weight, Why(Reason.LOW_MARK, tenths))


def _add_scores(
    tx: Transaction, audience: Audience, days: Days, numbers: frozenset[str] | None, found: dict[str, _Found]
) -> None:
    since, until = audience.instants(days)
    query = EvaluationQuery(since=since, until=until, agents=numbers)
    for one in tx.evaluations.lowest(audience.tenant_id, query, LOW_SCORE_TENTHS, _LOOKED_AT):
        tenths = one.score_tenths or 0
        weight = 1 + (LOW_SCORE_TENTHS - tenths) / LOW_SCORE_TENTHS
        _add(found, one.call_id, one.agent, weight, Why(Reason.LOW_SCORE, tenths))


def _add_topics(
    tx: Transaction, audience: Audience, days: Days, numbers: frozenset[str] | None, found: dict[str, _Found]
) -> None:
    """Of topics that alert: somebody has said that these calls matter."""
    names = {one.id: one.name for one in tx.topics.all(audience.tenant_id) if one.is_active and one.alerts}
    since, until = audience.instants(days)
    heard = tx.topic_hits.newest(audience.tenant_id, names, since, until, _LOOKED_AT)
    within = _within(tx, audience.tenant_id, [one.call_id for one in heard], numbers)
    for one in heard:
        if one.call_id in within:
            why = Why(Reason.TOPIC, one.hits, one.first_ms, name=names[one.topic_id])
            _add(found, one.call_id, "", 1, why, one.recording_id)


def _within(
    tx: Transaction, tenant_id: str, call_ids: Sequence[str], numbers: frozenset[str] | None
) -> frozenset[str]:
    """Those of the calls in which one of the numbers took part; None: all."""
    if numbers is None:
        return frozenset(call_ids)
    some = tx.calls.some(tenant_id, call_ids)
    return frozenset(one.id for one in some if not numbers.isdisjoint(numbers_of(one)))


def _add(
    found: dict[str, _Found], call_id: str, agent: str, weight: float, why: Why, recording_id: str = ""
) -> None:
    """One more reason; without its moment where that is in another recording than the others are."""
    known = found.setdefault(call_id, _Found(agent, recording_id, 0, []))
    known.recording_id = known.recording_id or recording_id
    if known.recording_id != recording_id:
        why = replace(why, at_ms=None)
    if all((one.reason, one.name) != (why.reason, why.name) for _, one in known.whys):
        known.weight += weight
        known.whys.append((weight, why))
