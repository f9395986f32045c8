"""Calls to mark: drawn by filters and lot, dealt to evaluators, skipped with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fonoteka.archive.archive import Archive
from fonoteka.archive.scores.forms import active_form
from fonoteka.archive.scores.sheets import talk_of
from fonoteka.archive.visibility import numbers_of, within_reach
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.annotations import checked_text
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.errors import AccessDenied, RequestInvalid, ScoreQueueNotFound
from fonoteka.domain.ids import is_id, new_id
from fonoteka.domain.people import Tenant
from fonoteka.domain.query import CallQuery
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.rights import Reach
from fonoteka.domain.score_queue import (
    CANDIDATES_MAX,
    DAYS_MAX,
    EVALUATORS_MAX,
    NAME_CHARACTERS_MAX,
    PER_WEEK_MAX,
    QUEUES_MAX,
    REASON_CHARACTERS_MAX,
    SEED_CHARACTERS_MAX,
    TASKS_MAX,
    Candidate,
    DrawPlan,
    Progress,
    ScoreQueue,
    ScoreTask,
    TaskState,
    dealt,
    drawn,
)
from fonoteka.domain.score_rules import checked_rule, metric_of
from fonoteka.store import Position, Transaction, UserRow

_TOGETHER = 200


@dataclass(frozen=True, slots=True)
class KnownQueue:
    """A queue and how far those of its calls are that the actor could mark."""

    queue: ScoreQueue
    progress: Progress


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A user who may be handed calls to mark."""

    id: str
    name: str


def create_score_queue(archive: Archive, actor: Actor, name: str, form_id: str, plan: DrawPlan) -> ScoreQueue:
    """Draw calls to be marked by a form, and deal them to the plan's evaluators.

    Drawn are calls that can be heard, of agents within reach; nobody is dealt the own. An empty seed is
    replaced by one of chance, which the queue keeps. Raises `RequestInvalid` (a field of the plan),
    `ScoreFormNotFound`, `AccessDenied`.
    """
    require(actor, Permission.SCORE_ASSIGN, actor.tenant_id)
    name = " ".join(checked_text("name", name, NAME_CHARACTERS_MAX, may_be_empty=False).split())
    plan = _checked(plan)
    with archive.store.transaction() as tx:
        tx.tenants.lock(actor.tenant_id)
        active_form(tx, actor, form_id)
        if len(tx.score_queues.all(actor.tenant_id)) >= QUEUES_MAX:
            raise RequestInvalid("name", f"There are {QUEUES_MAX} queues, and no more can be made.", "body")
        evaluators = _chosen(tx, actor, plan)
        times: dict[str, datetime] = {}
        chosen = drawn(_candidates(tx, actor, plan, times), plan.per_week, plan.seed)
        if len(chosen) > TASKS_MAX:
            raise RequestInvalid("per_week", f"A queue has at most {TASKS_MAX} calls.", "body")
        at = archive.now()
        queue = ScoreQueue(new_id(), actor.tenant_id, name, form_id, plan, actor.id, actor.name, at)
        agents = [one.agent for one in chosen]
        reaches = {one.id: frozenset(agents) & _reach(tx, one, agents) for one in evaluators}
        names = {one.id: one.name for one in evaluators}
        tasks = [
            ScoreTask(
                *(queue.id, one.call_id, one.agent, place, times[one.call_id]),
                *(who or "", names.get(who or "", ""), TaskState.WAITING, at),
            )
            for place, (one, who) in enumerate(zip(chosen, dealt(agents, reaches), strict=True))
        ]
        tx.score_queues.add(queue, tasks)
        detail = f"created={queue.id} calls={len(tasks)} name={name}"
        tx.audit.append(actor, AuditAction.SCORE_QUEUE_CHANGED, queue.id, detail, at)
    return queue


def list_score_queues(archive: Archive, actor: Actor) -> tuple[KnownQueue, ...]:
    """The own queues, and those with calls that the actor could mark, newest first. Raises `AccessDenied`."""
    require(actor, Permission.SCORE_GIVE, actor.tenant_id)
    with archive.store.reading() as tx:
        progress = tx.score_queues.progress(actor.tenant_id, actor.extensions)
        known = tx.score_queues.all(actor.tenant_id)
    return tuple(
        KnownQueue(one, progress.get(one.id, Progress()))
        for one in known
        if one.id in progress or one.author_id == actor.id
    )


def score_queue_tasks(archive: Archive, actor: Actor, queue_id: str) -> tuple[ScoreTask, ...]:
    """The calls of a queue that the actor could mark, in their order. Raises `ScoreQueueNotFound`."""
    require(actor, Permission.SCORE_GIVE, actor.tenant_id)
    with archive.store.reading() as tx:
        queue, tasks = _known(tx, actor, queue_id)
    if not tasks and queue.author_id != actor.id:
        raise ScoreQueueNotFound
    return tasks


def skip_score_task(
    archive: Archive, actor: Actor, queue_id: str, call_id: str, agent: str, reason: str
) -> None:
    """Leave out a call that waits in a queue, for a reason: whoever it was dealt to, and who assigns.

    Raises `ScoreQueueNotFound` where it does not wait there, `RequestInvalid` (field `reason`),
    `AccessDenied`.
    """
    require(actor, Permission.SCORE_GIVE, actor.tenant_id)
    reason = checked_text("reason", reason, REASON_CHARACTERS_MAX, may_be_empty=False)
    with archive.store.transaction() as tx:
        tx.tenants.lock(actor.tenant_id)
        _, tasks = _known(tx, actor, queue_id)
        task = next((one for one in tasks if (one.call_id, one.agent) == (call_id, agent)), None)
        if task is None or task.state is not TaskState.WAITING:
            raise ScoreQueueNotFound
        if task.evaluator_id not in ("", actor.id) and not may(
            actor, Permission.SCORE_ASSIGN, actor.tenant_id, (agent,)
        ):
            raise AccessDenied("The call was handed to somebody else.")
        at = archive.now()
        tx.score_queues.write(replace(task, state=TaskState.SKIPPED, reason=reason, changed_at=at))
        detail = f"skipped={call_id} agent={agent}"
        tx.audit.append(actor, AuditAction.SCORE_QUEUE_CHANGED, queue_id, detail, at)


def close_score_queue(archive: Archive, actor: Actor, queue_id: str) -> None:
    """End a queue: the own, or any for who assigns calls of the whole company. Repeating changes nothing.

    Raises `ScoreQueueNotFound`, `AccessDenied`.
    """
    require(actor, Permission.SCORE_ASSIGN, actor.tenant_id)
    with archive.store.transaction() as tx:
        tx.tenants.lock(actor.tenant_id)
        queue, tasks = _known(tx, actor, queue_id)
        if queue.author_id != actor.id and actor.extensions is not None:
            raise AccessDenied("Only its author ends a queue.") if tasks else ScoreQueueNotFound()
        if queue.closed_at is None:
            at = archive.now()
            tx.score_queues.close(queue.id, at)
            tx.audit.append(actor, AuditAction.SCORE_QUEUE_CHANGED, queue.id, f"closed={queue.id}", at)


def evaluators_to_choose(archive: Archive, actor: Actor) -> tuple[Evaluator, ...]:
    """The users who may mark calls of agents within reach, by name. Raises `AccessDenied`."""
    require(actor, Permission.SCORE_ASSIGN, actor.tenant_id)
    with archive.store.reading() as tx:
        return tuple(Evaluator(one.id, one.name) for one in _evaluators(tx, actor))


def _known(tx: Transaction, actor: Actor, queue_id: str) -> tuple[ScoreQueue, tuple[ScoreTask, ...]]:
    queue = tx.score_queues.get(actor.tenant_id, queue_id) if is_id(queue_id) else None
    if queue is None:
        raise ScoreQueueNotFound
    tasks = tx.score_queues.tasks(actor.tenant_id, queue_id)
    return queue, tuple(
        one for one in tasks if may(actor, Permission.SCORE_GIVE, actor.tenant_id, (one.agent,))
    )


def _candidates(
    tx: Transaction, actor: Actor, plan: DrawPlan, times: dict[str, datetime]
) -> Iterator[Candidate]:
    """The calls to draw from; when each began goes into `times`."""
    tenant = tx.tenants.get(actor.tenant_id) or Tenant(actor.tenant_id, "")
    zone = ZoneInfo(tenant.time_zone)
    own = {one.number for one in tx.extensions.all(actor.tenant_id)}
    group = tx.groups.get(actor.tenant_id, plan.group_id) if plan.group_id else None
    if plan.group_id:
        own &= group.members if group else set()
    query = CallQuery(
        since=datetime.combine(plan.first, time(), zone).astimezone(UTC),
        until=datetime.combine(plan.last + timedelta(days=1), time(), zone).astimezone(UTC),
        direction=plan.direction,
        group_ids=frozenset({plan.group_id}) if plan.group_id else frozenset(),
        topic_ids=frozenset({plan.topic_id}) if plan.topic_id else frozenset(),
        mark_min=plan.mark_min,
        mark_max=plan.mark_max,
    )
    for seen, call in enumerate(_all_calls(tx, actor, within_reach(actor, query))):
        if seen >= CANDIDATES_MAX:
            what = f"More than {CANDIDATES_MAX} calls are to be drawn from: narrow the filters."
            raise RequestInvalid("last", what, "body")
        times[call.id] = call.started_at
        for agent in sorted(own & numbers_of(call)):
            if may(actor, Permission.SCORE_ASSIGN, actor.tenant_id, (agent,)) and _fits(
                tx, call, agent, plan
            ):
                yield Candidate(call.id, agent, call.started_at.astimezone(zone).date())


def _all_calls(tx: Transaction, actor: Actor, query: CallQuery) -> Iterator[Call]:
    place: Position | None = None
    while True:
        some = tx.calls.page(actor.tenant_id, query, place, _TOGETHER)
        yield from some
        if len(some) < _TOGETHER:
            return
        place = Position(some[-1].started_at, some[-1].id)


def _fits(tx: Transaction, call: Call, agent: str, plan: DrawPlan) -> bool:
    ready = [one for one in call.recordings if one.state is RecordingState.READY]
    if not any(one.duration_ms >= 1_000 * plan.duration_from_s for one in ready):
        return False
    if plan.figure is None:
        return True
    figures, ours = talk_of(tx, call, agent)
    figure = None if figures is None else metric_of(plan.figure.metric, figures, ours)
    return figure is not None and plan.figure.holds(figure)


def _evaluators(tx: Transaction, actor: Actor) -> list[UserRow]:
    return [
        one
        for one in tx.users.of_tenant(actor.tenant_id)
        if one.disabled_at is None
        and Permission.SCORE_GIVE in one.rights.permissions(one.role)
        and (
            actor.extensions is None
            or one.rights.reach is Reach.TENANT
            or actor.extensions & _numbers(tx, one)
        )
    ]


def _chosen(tx: Transaction, actor: Actor, plan: DrawPlan) -> list[UserRow]:
    known = {one.id: one for one in _evaluators(tx, actor)} if plan.evaluator_ids else {}
    if any(one not in known for one in plan.evaluator_ids):
        raise RequestInvalid("evaluator_ids", "There is no such user, or one who may not mark calls.", "body")
    return [known[one] for one in plan.evaluator_ids]


def _reach(tx: Transaction, user: UserRow, agents: list[str]) -> frozenset[str]:
    """The agents whose calls the user may mark; the own number is none."""
    numbers = frozenset(agents) if user.rights.reach is Reach.TENANT else _numbers(tx, user)
    return numbers - user.rights.extensions


def _numbers(tx: Transaction, user: UserRow) -> frozenset[str]:
    groups = user.rights.group_ids if user.rights.reach is Reach.GROUPS else frozenset()
    return user.rights.extensions | tx.groups.numbers_of(user.tenant_id, groups)


def _checked(plan: DrawPlan) -> DrawPlan:
    def refuse(field: str, what: str) -> RequestInvalid:
        return RequestInvalid(field, what, "body")

    if plan.first > plan.last or (plan.last - plan.first).days >= DAYS_MAX:
        raise refuse("last", f"Calls are drawn of 1 to {DAYS_MAX} days.")
    if not 1 <= plan.per_week <= PER_WEEK_MAX:
        raise refuse("per_week", f"Of an agent and week 1 to {PER_WEEK_MAX} calls are drawn.")
    if not 0 <= plan.duration_from_s <= 86_400:
        raise refuse("duration_from_s", "A duration is 0 to 86400 seconds.")
    if len(plan.evaluator_ids) > EVALUATORS_MAX or len(set(plan.evaluator_ids)) < len(plan.evaluator_ids):
        raise refuse("evaluator_ids", f"There are at most {EVALUATORS_MAX} evaluators, none of them twice.")
    if len(plan.seed) > SEED_CHARACTERS_MAX or not plan.seed.isprintable():
        raise refuse("seed", f"A seed has at most {SEED_CHARACTERS_MAX} printable characters.")
    marks = [one for one in (plan.mark_min, plan.mark_max) if one is not None]
    if any(not 1 <= one <= 5 for one in marks) or (len(marks) == 2 and marks[0] > marks[1]):
        raise refuse("mark_max", "Marks are 1 to 5, the lower one first.")
    try:
        figure = None if plan.figure is None else checked_rule(plan.figure)
    except ValueError as error:
        raise refuse("figure", str(error).capitalize()) from error
    return replace(plan, seed=plan.seed or new_id(), figure=figure)
