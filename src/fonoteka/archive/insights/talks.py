"""Figures of conversations by agent, group and day, beside the median of the agents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fonoteka.archive.archive import Archive
from fonoteka.archive.insights.audience import Audience, audience_of, ordinals
from fonoteka.archive.reporting import catch_up, check_days
from fonoteka.archive.scores.results import score_results
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.insight import (
    FIGURES_MIN,
    DayTalks,
    Insights,
    Metric,
    Quartiles,
    SubjectTalks,
    TalkSums,
    quartiles_of,
)
from fonoteka.domain.report import Days
from fonoteka.domain.score_results import Scores
from fonoteka.store import Transaction

Sums = Mapping[str, TalkSums]


def talk_insights(archive: Archive, actor: Actor, days: Days, group_id: str = "") -> Insights:
    """What the conversations of these days of the tenant's zone come to, and those of as many days before.

    Of a `group_id` those of its members, of `NOBODY` those of members of none; only of numbers within reach.
    Raises `RequestInvalid` (fields `since`, `until`), `AccessDenied`.
    """
    require(actor, Permission.CALL_SEE, actor.tenant_id)
    check_days(days)
    is_counting = catch_up(archive, actor.tenant_id)
    with archive.store.reading() as tx:
        audience = audience_of(tx, actor, group_id)
        found = _insights(tx, audience, days, group_id)
    found = replace(found, is_counting=is_counting)
    return _with_scores(archive, actor, found) if may(actor, Permission.SCORE_SEE, actor.tenant_id) else found


def _insights(tx: Transaction, audience: Audience, days: Days, group_id: str) -> Insights:
    now, then = (
        tx.talk_reports.by_number(audience.tenant_id, audience.numbers, *ordinals(one))
        for one in (days, days.before)
    )
    by_day = tx.talk_reports.by_day(audience.tenant_id, audience.numbers, *ordinals(days))
    agents = _agents(audience, now, then)
    return Insights(
        days=days,
        zone=audience.zone.key,
        group_id=group_id,
        sums=sum(now.values(), TalkSums()),
        before=sum(then.values(), TalkSums()),
        by_day=tuple(DayTalks(one, by_day.get(one.toordinal(), TalkSums())) for one in days.all()),
        agents=agents,
        groups=_groups(audience, now, then),
        quartiles=quartiles_of_agents(agents),
        scores=None,
        scores_before=None,
        group_names=tuple((one.id, one.name) for one in audience.groups),
    )


def _agents(audience: Audience, now: Sums, then: Sums) -> tuple[SubjectTalks, ...]:
    """Each number that had conversations, most of them first."""
    found = []
    for number in now.keys() | then.keys():
        person = audience.people.get(number)
        name = "" if person is None else person.person or person.name
        sums, before = now.get(number, TalkSums()), then.get(number, TalkSums())
        found.append(SubjectTalks("" if person is None else person.id, number, name, sums, before))
    return tuple(sorted(found, key=lambda one: (-one.sums.talks, one.label)))


def _groups(audience: Audience, now: Sums, then: Sums) -> tuple[SubjectTalks, ...]:
    """Groups of which somebody had conversations; only what is within reach counts."""
    found = []
    for group in audience.groups:
        sums, before = (
            sum((some[one] for one in group.members if one in some), TalkSums()) for some in (now, then)
        )
        if sums.talks or before.talks:
            found.append(SubjectTalks(group.id, group.name, "", sums, before))
    return tuple(sorted(found, key=lambda one: (-one.sums.talks, one.label)))


def quartiles_of_agents(agents: tuple[SubjectTalks, ...]) -> dict[Metric, Quartiles]:
    """The quartiles of each figure over the agents with conversations enough."""
    enough = [one.sums for one in agents if one.sums.talks >= FIGURES_MIN]
    found = {}
    for metric in Metric:
        values = [value for one in enough if (value := one.value(metric)) is not None]
        if found_of := quartiles_of(values):
            found[metric] = found_of
    return found


def _with_scores(archive: Archive, actor: Actor, found: Insights) -> Insights:
    now, then = (
        score_results(archive, actor, one, found.group_id) for one in (found.days, found.days.before)
    )
    return replace(
        found,
        scores=now.scores,
        scores_before=then.scores,
        agents=_scored(found.agents, {one.label: one.scores for one in now.agents}),
        groups=_scored(found.groups, {one.label: one.scores for one in now.groups}),
    )


def _scored(subjects: tuple[SubjectTalks, ...], scores: Mapping[str, Scores]) -> tuple[SubjectTalks, ...]:
    return tuple(replace(one, scores=scores.get(one.label, Scores())) for one in subjects)
