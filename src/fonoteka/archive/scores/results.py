"""What evaluations come to: lists of them, and means by agent, group, form and question."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from fonoteka.archive.archive import Archive
from fonoteka.archive.report_csv import csv_of
from fonoteka.archive.scores.sheets import sees
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.people import Group, Tenant
from fonoteka.domain.report import DAYS_MAX, Days
from fonoteka.domain.score_forms import FormVersion
from fonoteka.domain.score_results import (
    EvaluationQuery,
    QuestionScores,
    ScoreResults,
    Scores,
    SubjectScores,
)
from fonoteka.domain.scorecards import Evaluation
from fonoteka.store import Position, Transaction

PAGE_MAX = 200
_FIRST_DAY, _LAST_DAY = date(1971, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class EvaluationPage:
    """A page of submitted evaluations, without their answers; `next` is None at the end."""

    items: tuple[Evaluation, ...]
    next: str | None


def find_evaluations(
    archive: Archive, actor: Actor, query: EvaluationQuery, cursor: str | None = None, limit: int = 50
) -> EvaluationPage:
    """Submitted evaluations of agents within reach, those of the newest calls first.

    Raises `RequestInvalid` (fields `cursor`, `limit`, `since`, `until`), `AccessDenied`.
    """
    require(actor, Permission.SCORE_SEE, actor.tenant_id)
    if not 1 <= limit <= PAGE_MAX:
        raise RequestInvalid("limit", f"The limit must be between 1 and {PAGE_MAX}.")
    for field, instant in (("since", query.since), ("until", query.until)):
        if instant is not None and instant.utcoffset() is None:
            raise RequestInvalid(field, "The time needs its offset from UTC.")
    after = None if cursor is None else Position.of_cursor(cursor)
    with archive.store.reading() as tx:
        found = tx.evaluations.page(actor.tenant_id, _within_reach(actor, query), after, limit + 1)
    shown = [replace(one, answers=(), summary="") for one in found[:limit] if sees(actor, one)]
    last = found[limit - 1] if len(found) > limit else None
    return EvaluationPage(tuple(shown), None if last is None else Position(last.started_at, last.id).cursor())


def score_results(
    archive: Archive, actor: Actor, days: Days, group_id: str = "", form_id: str = ""
) -> ScoreResults:
    """Means and spreads of the calls of these days of the tenant's zone, of agents within reach.

    Groups are told of whose members are all within reach. Raises `RequestInvalid` (fields `since`, `until`),
    `AccessDenied`.
    """
    require(actor, Permission.SCORE_SEE, actor.tenant_id)
    _check(days)
    with archive.store.reading() as tx:
        tenant = tx.tenants.get(actor.tenant_id) or Tenant(actor.tenant_id, "")
        zone = ZoneInfo(tenant.time_zone)
        groups = tx.groups.all(actor.tenant_id)
        chosen = next((one for one in groups if one.id == group_id), None)
        members = None if not group_id else frozenset() if chosen is None else chosen.members
        query = _within_reach(
            actor,
            EvaluationQuery(
                since=datetime.combine(days.first, time(), zone).astimezone(UTC),
                until=datetime.combine(days.last + timedelta(days=1), time(), zone).astimezone(UTC),
                agents=members,
                form_id=form_id,
            ),
        )
        known = tx.score_sums.by_agent_and_form(actor.tenant_id, query)
        forms = {one.form_id: one for one in tx.score_forms.all(actor.tenant_id)}
        return ScoreResults(
            days=days,
            zone=zone.key,
            scores=sum(known.values(), Scores()),
            agents=_by_agent(tx, actor, known),
            groups=_by_group(actor, groups, known),
            forms=_by_form(forms, known),
            questions=_by_question(tx, actor, forms, query),
        )


class ScoreTable(StrEnum):
    """Which table of the results."""

    AGENTS = "agents"
    GROUPS = "groups"
    FORMS = "forms"
    QUESTIONS = "questions"


def scores_csv(results: ScoreResults, table: ScoreTable) -> bytes:
    """The table as CSV, as `csv_of` writes it; the first row names."""
    names = ("count", "mean_percent", "spread_percent", "lowest_percent", "highest_percent", "failed")
    if table is ScoreTable.QUESTIONS:
        rows = [(one.form_id, one.question_id, one.text, *_cells(one.scores)) for one in results.questions]
        return csv_of([("form_id", "question_id", "question", *names), *rows])
    subjects = {
        ScoreTable.AGENTS: results.agents,
        ScoreTable.GROUPS: results.groups,
        ScoreTable.FORMS: results.forms,
    }[table]
    return csv_of(
        [
            ("id", "label", "name", *names),
            *((one.id, one.label, one.name, *_cells(one.scores)) for one in subjects),
        ]
    )


def _cells(scores: Scores) -> tuple[str | int, ...]:
    tenths = (scores.mean_tenths, scores.spread_tenths, scores.lowest, scores.highest)
    return (
        scores.count,
        *("" if one is None else f"{one // 10}.{one % 10}" for one in tenths),
        scores.failed,
    )


def _within_reach(actor: Actor, query: EvaluationQuery) -> EvaluationQuery:
    if actor.extensions is None:
        return query
    agents = actor.extensions if query.agents is None else query.agents & actor.extensions
    return replace(query, agents=agents)


def _by_agent(
    tx: Transaction, actor: Actor, known: dict[tuple[str, str], Scores]
) -> tuple[SubjectScores, ...]:
    sums: defaultdict[str, Scores] = defaultdict(Scores)
    for (agent, _), scores in known.items():
        sums[agent] += scores
    names = {one.number: one.person or one.name for one in tx.extensions.all(actor.tenant_id)}
    found = [SubjectScores(one, one, names.get(one, ""), scores) for one, scores in sums.items()]
    return tuple(sorted(found, key=lambda one: (one.label.rjust(32), one.id)))


def _by_group(
    actor: Actor, groups: tuple[Group, ...], known: dict[tuple[str, str], Scores]
) -> tuple[SubjectScores, ...]:
    found = []
    for group in groups:
        if actor.extensions is not None and not group.members <= actor.extensions:
            continue
        scores = sum((one for (agent, _), one in known.items() if agent in group.members), Scores())
        if scores.count:
            found.append(SubjectScores(group.id, group.name, "", scores))
    return tuple(found)


def _by_form(
    forms: dict[str, FormVersion], known: dict[tuple[str, str], Scores]
) -> tuple[SubjectScores, ...]:
    sums: defaultdict[str, Scores] = defaultdict(Scores)
    for (_, form_id), scores in known.items():
        sums[form_id] += scores
    return tuple(
        SubjectScores(id_, form.content.name, "", sums[id_]) for id_, form in forms.items() if id_ in sums
    )


def _by_question(
    tx: Transaction, actor: Actor, forms: dict[str, FormVersion], query: EvaluationQuery
) -> tuple[QuestionScores, ...]:
    known = tx.score_sums.by_question(actor.tenant_id, query)
    found = []
    for form_id in forms:
        here = {question_id: scores for (of, question_id), scores in known.items() if of == form_id}
        texts: dict[str, str] = {}
        if here:
            for version in reversed(tx.score_forms.versions(actor.tenant_id, form_id)):
                for question in version.content.questions:
                    texts.setdefault(question.id, question.text)
        found += [QuestionScores(form_id, id_, text, here[id_]) for id_, text in texts.items() if id_ in here]
    return tuple(found)


def _check(days: Days) -> None:
    for field, day in (("since", days.first), ("until", days.last)):
        if not _FIRST_DAY <= day <= _LAST_DAY:
            raise RequestInvalid(field, "The day lies outside the years 1971 to 2999.")
    if days.first > days.last:
        raise RequestInvalid("until", "The last day comes before the first.")
    if len(days) > DAYS_MAX:
        raise RequestInvalid("until", f"A period has at most {DAYS_MAX} days.")
