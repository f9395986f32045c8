"""Queues of calls to mark, on each kind of database: drawn alike, marked, skipped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fonoteka.archive import Archive, get_call, scores
from fonoteka.domain.errors import (
    AccessDenied,
    RequestInvalid,
    ScoreQueueNotFound,
)
from fonoteka.domain.score_forms import FormVersion
from fonoteka.domain.score_queue import Progress, TaskState
from tests.archive.score_house import (
    BOSS,
    EVA,
    PLAN,
    heard,
    marked,
    taken,
)


def test_a_queue_is_drawn_marked_and_skipped(house: Archive, form: FormVersion, tmp_path: Path) -> None:
    for number in ("101", "101", "101", "103"):
        heard(house, number, tmp_path)
    taken(house)  # nothing of it can be heard
    queue = scores.create_score_queue(house, BOSS, "Week", form.form_id, PLAN)
    tasks = scores.score_queue_tasks(house, BOSS, queue.id)
    assert sorted(one.agent for one in tasks) == ["101", "101", "103"]
    again = scores.create_score_queue(house, BOSS, "Again", form.form_id, PLAN)
    twin = [(one.call_id, one.agent) for one in scores.score_queue_tasks(house, BOSS, again.id)]
    assert twin == [(one.call_id, one.agent) for one in tasks]
    scores.close_score_queue(house, BOSS, again.id)
    # Nobody counts what is out of reach.
    reach = scores.list_score_queues(house, EVA)[-1]
    assert (reach.queue.id, reach.progress) == (queue.id, Progress(waiting=2))
    first, second = (one for one in tasks if one.agent == "101")
    marked(house, form, get_call(house, BOSS, first.call_id), EVA)
    with pytest.raises(RequestInvalid):
        scores.skip_score_task(house, EVA, queue.id, second.call_id, "101", " ")
    scores.skip_score_task(house, EVA, queue.id, second.call_id, "101", "A wrong number")
    with pytest.raises(ScoreQueueNotFound):
        scores.skip_score_task(house, EVA, queue.id, second.call_id, "101", "Again")
    seen = {one.call_id: one for one in scores.score_queue_tasks(house, EVA, queue.id)}
    assert (seen[first.call_id].state, seen[first.call_id].evaluator_name) == (TaskState.DONE, "eva")
    assert (seen[second.call_id].state, seen[second.call_id].reason) == (TaskState.SKIPPED, "A wrong number")
    assert len(seen) == 2
    long = replace(PLAN, duration_from_s=62)
    none = scores.create_score_queue(house, BOSS, "Long", form.form_id, long)
    assert scores.score_queue_tasks(house, BOSS, none.id) == ()
    with pytest.raises(RequestInvalid):
        scores.create_score_queue(house, BOSS, "Who", form.form_id, replace(PLAN, evaluator_ids=("nobody",)))
    with pytest.raises(AccessDenied):
        scores.create_score_queue(house, EVA, "No", form.form_id, PLAN)
