"""Queues of calls to mark as the API reads and writes them."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from fonoteka.api.instants import Instant
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.api.score_form_models import MetricRule
from fonoteka.domain import score_queue as queue
from fonoteka.domain.direction import Direction
from fonoteka.domain.score_queue import TaskState


class DrawPlan(Given):
    """What to draw; `first` and `last` are days of the tenant's zone, both included."""

    first: date = Field(description="The first day.", examples=["2026-04-20"])
    last: date = Field(description="The last day; at most 92 in all.", examples=["2026-04-26"])
    per_week: int = Field(description="Calls of each agent and week, 1 to 50.", examples=[3])
    seed: PlainText = Field(
        "",
        description="The same seed draws the same; empty: one of chance.",
        max_length=queue.SEED_CHARACTERS_MAX,
    )
    group_id: PlainText = Field("", description="Only agents of this group.", max_length=100)
    direction: Direction | None = Field(None, description="Only calls of this direction.")
    duration_from_s: int = Field(0, description="Only recordings of so many seconds or more.")
    figure: MetricRule | None = Field(None, description="Only calls with the figure within the bounds.")
    evaluator_ids: tuple[PlainText, ...] = Field(
        (), description="Users to deal the calls to; none: whoever may takes them.", max_length=1_000
    )
    topic_id: PlainText = Field(
        "", description="Only calls in which this topic was heard. Wants `recording.listen`.", max_length=100
    )
    mark_min: int | None = Field(None, description="Only calls whose mean mark is at least this, 1 to 5.")
    mark_max: int | None = Field(None, description="Only calls whose mean mark is at most this, 1 to 5.")

    def value(self) -> queue.DrawPlan:
        """As the rooms take it."""
        return queue.DrawPlan(
            self.first,
            self.last,
            self.per_week,
            self.seed,
            self.group_id,
            self.direction,
            self.duration_from_s,
            None if self.figure is None else self.figure.value(),
            self.evaluator_ids,
            self.topic_id,
            self.mark_min,
            self.mark_max,
        )


class NewScoreQueue(Given):
    """A queue to draw."""

    name: PlainText = Field(description="Its name.", max_length=200)
    form_id: PlainText = Field(description="A form that is active.", max_length=100)
    plan: DrawPlan = Field(description="What to draw.")


class ScoreQueue(Given):
    """Calls that were drawn to be marked."""

    id: str = Field(description="Its id.")
    name: str = Field(description="Its name.")
    form_id: str = Field(description="By which form.")
    plan: DrawPlan = Field(description="How they were drawn.")
    author_id: str = Field(description="Who drew them.")
    author_name: str = Field(description="The name.")
    at: Instant = Field(description="When.")
    closed_at: Instant | None = Field(description="Since when nobody is to mark them any more.")


class Progress(Given):
    """Of the calls of a queue that you could mark."""

    waiting: int = Field(description="How many wait.")
    done: int = Field(description="How many were marked.")
    skipped: int = Field(description="How many were skipped.")


class KnownQueue(Given):
    """A queue and how far it is."""

    queue: ScoreQueue = Field(description="The queue.")
    progress: Progress = Field(description="How far.")


class ScoreQueues(Given):
    """Queues."""

    items: tuple[KnownQueue, ...] = Field(description="Newest first.")


class ScoreTask(Given):
    """A call of a queue."""

    call_id: str = Field(description="The call's.")
    agent: str = Field(description="The own number whose part is to be marked.")
    position: int = Field(description="Its place in the queue, from 0.")
    started_at: Instant = Field(description="When the call began.")
    evaluator_id: str = Field(description="Who is to mark it; empty: whoever may.")
    evaluator_name: str = Field(description="The name.")
    state: TaskState = Field(description="What became of it.")
    reason: str = Field(description="Why it was skipped.")
    changed_at: Instant = Field(description="Since when.")


class ScoreTasks(Given):
    """The calls of a queue."""

    items: tuple[ScoreTask, ...] = Field(description="In their order.")


class SkippedTask(Given):
    """A call to skip."""

    call_id: PlainText = Field(description="The call's.", max_length=100)
    agent: PlainText = Field(description="The own number.", max_length=100)
    reason: str = Field(description="Why.", min_length=1, max_length=queue.REASON_CHARACTERS_MAX)
