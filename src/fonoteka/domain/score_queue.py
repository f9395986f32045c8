"""Calls to mark: which are drawn, and who marks them. The same seed draws the same, in favour of none."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from fonoteka.domain.direction import Direction
from fonoteka.domain.score_rules import MetricRule

QUEUES_MAX = 200
PER_WEEK_MAX = 50
EVALUATORS_MAX = 50
CANDIDATES_MAX = 20_000
"""Of more calls none are drawn: the filters are too wide."""
TASKS_MAX = 2_000
DAYS_MAX = 92
NAME_CHARACTERS_MAX, REASON_CHARACTERS_MAX, SEED_CHARACTERS_MAX = 100, 500, 100


@dataclass(frozen=True, slots=True)
class DrawPlan:
    """What to draw: of each agent and week (Monday to Sunday of the tenant's zone) up to `per_week` calls.

    `first` and `last` are days of the tenant's zone, both included. With `figure` only calls of which the
    figure is known and within its bounds, with a `topic_id` those in which it was heard, with a `mark_min`
    or `mark_max` (1 to 5, both included) those that are marked so.
    """

    first: date
    last: date
    per_week: int
    seed: str
    group_id: str = ""
    direction: Direction | None = None
    duration_from_s: int = 0
    figure: MetricRule | None = None
    evaluator_ids: tuple[str, ...] = ()
    topic_id: str = ""
    mark_min: int | None = None
    mark_max: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call that could be drawn for an agent; `day` in the tenant's zone."""

    call_id: str
    agent: str
    day: date


class TaskState(StrEnum):
    """What became of a call to mark."""

    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ScoreTask:
    """A call to mark, in the order of `position`. An empty `evaluator_id`: whoever may."""

    queue_id: str
    call_id: str
    agent: str
    position: int
    started_at: datetime
    evaluator_id: str
    evaluator_name: str
    state: TaskState
    changed_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScoreQueue:
    """Calls that were drawn to be marked by a form."""

    id: str
    tenant_id: str
    name: str
    form_id: str
    plan: DrawPlan
    author_id: str
    author_name: str
    at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How many calls of a queue are how far."""

    waiting: int = 0
    done: int = 0
    skipped: int = 0


def drawn(candidates: Iterable[Candidate], per_week: int, seed: str) -> tuple[Candidate, ...]:
    """Of each agent and week the `per_week` calls of the lowest lot, in the order of their lots.

    A lot depends on the seed, the call and the agent alone: neither on the order of the candidates nor on
    which others there are.
    """
    by_week: defaultdict[tuple[str, int, int], list[Candidate]] = defaultdict(list)
    for one in set(candidates):
        year, week, _ = one.day.isocalendar()
        by_week[one.agent, year, week].append(one)
    chosen = [
        one for some in by_week.values() for one in sorted(some, key=lambda one: lot(seed, one))[:per_week]
    ]
    return tuple(sorted(chosen, key=lambda one: lot(seed, one)))


def lot(seed: str, one: Candidate) -> bytes:
    """The lot of a candidate: SHA-256 of the seed, the call and the agent."""
    return hashlib.sha256(f"{seed}\n{one.call_id}\n{one.agent}".encode()).digest()


def dealt(agents: Sequence[str], evaluators: Mapping[str, Collection[str] | None]) -> tuple[str | None, ...]:
    """Who marks each of these agents' calls: whoever has the fewest so far of those who may.

    `evaluators` are ids, and whose calls each may mark (None: anybody's). None where nobody may.
    """
    load: Counter[str] = Counter()
    found: list[str | None] = []
    for agent in agents:
        able = [id_ for id_, reach in evaluators.items() if reach is None or agent in reach]
        chosen = min(able, key=lambda id_: (load[id_], id_), default=None)
        if chosen is not None:
            load[chosen] += 1
        found.append(chosen)
    return tuple(found)
