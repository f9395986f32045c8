"""Nothing of forms, evaluations and queues is another company's; a use case without a line here fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fonoteka.archive import Archive, scores
from fonoteka.domain.errors import (
    CallNotFound,
    EvaluationNotFound,
    FonotekaError,
    ScoreFormNotFound,
    ScoreQueueNotFound,
)
from fonoteka.domain.ids import new_id
from fonoteka.domain.score_forms import FormVersion
from fonoteka.domain.score_results import EvaluationQuery
from tests.archive.score_house import (
    AGENT,
    CONTENT,
    DAYS,
    PLAN,
    begun_by_boss,
    marked,
    queue_of_boss,
    taken,
)
from tests.examples import actor

THEIRS = actor("theirs")
Ask = Callable[[Archive, FormVersion], object]
NOT_THEIRS: dict[str, tuple[Ask, type[FonotekaError]]] = {
    "score_form_versions": (
        lambda a, form: scores.score_form_versions(a, THEIRS, form.form_id),
        ScoreFormNotFound,
    ),
    "save_score_form": (
        lambda a, form: scores.save_score_form(a, THEIRS, form.form_id, CONTENT, 1, 1),
        ScoreFormNotFound,
    ),
    "activate_score_form": (
        lambda a, form: scores.activate_score_form(a, THEIRS, form.form_id, 1, 1),
        ScoreFormNotFound,
    ),
    "retire_score_form": (
        lambda a, form: scores.retire_score_form(a, THEIRS, form.form_id),
        ScoreFormNotFound,
    ),
    "discard_score_draft": (
        lambda a, form: scores.discard_score_draft(a, THEIRS, form.form_id, 1, 1),
        ScoreFormNotFound,
    ),
    "evaluations_of_call": (
        lambda a, form: scores.evaluations_of_call(a, THEIRS, taken(a).id),
        CallNotFound,
    ),
    "agents_to_mark": (lambda a, form: scores.agents_to_mark(a, THEIRS, taken(a).id), CallNotFound),
    "begin_evaluation": (
        lambda a, form: scores.begin_evaluation(a, THEIRS, taken(a).id, form.form_id),
        CallNotFound,
    ),
    "score_queue_tasks": (
        lambda a, form: scores.score_queue_tasks(a, THEIRS, queue_of_boss(a, form)),
        ScoreQueueNotFound,
    ),
    "skip_score_task": (
        lambda a, form: scores.skip_score_task(a, THEIRS, queue_of_boss(a, form), new_id(), "101", "r"),
        ScoreQueueNotFound,
    ),
    "close_score_queue": (
        lambda a, form: scores.close_score_queue(a, THEIRS, queue_of_boss(a, form)),
        ScoreQueueNotFound,
    ),
    "create_score_queue": (
        lambda a, form: scores.create_score_queue(a, THEIRS, "Q", form.form_id, PLAN),
        ScoreFormNotFound,
    ),
    **{
        name: (ask, EvaluationNotFound)
        for name, ask in {
            "get_evaluation": lambda a, form: scores.get_evaluation(a, THEIRS, begun_by_boss(a, form)),
            "save_evaluation": lambda a, form: scores.save_evaluation(
                a, THEIRS, begun_by_boss(a, form), [], "", 1
            ),
            "submit_evaluation": lambda a, form: scores.submit_evaluation(
                a, THEIRS, begun_by_boss(a, form), 1
            ),
            "reopen_evaluation": lambda a, form: scores.reopen_evaluation(a, THEIRS, begun_by_boss(a, form)),
            "discard_evaluation": lambda a, form: scores.discard_evaluation(
                a, THEIRS, begun_by_boss(a, form)
            ),
            "appeal_evaluation": lambda a, form: scores.appeal_evaluation(
                a, THEIRS, begun_by_boss(a, form), "text"
            ),
            "answer_appeal": lambda a, form: scores.answer_appeal(
                a, THEIRS, begun_by_boss(a, form), True, ""
            ),
        }.items()
    },
}
NOTHING_OF_OURS: dict[str, Callable[[Archive], object]] = {
    "list_score_forms": lambda a: scores.list_score_forms(a, THEIRS),
    "find_evaluations": lambda a: scores.find_evaluations(a, THEIRS, EvaluationQuery()).items,
    "score_results": lambda a: scores.score_results(a, THEIRS, DAYS).agents,
    "list_score_queues": lambda a: scores.list_score_queues(a, THEIRS),
    "evaluators_to_choose": lambda a: scores.evaluators_to_choose(a, THEIRS),
    "count_appeals": lambda a: scores.count_appeals(a, THEIRS),
}
OF_THE_ACTOR = {"create_score_form", "scores_csv"}


def test_every_use_case_is_in_the_tables() -> None:
    verbs = {name for name in scores.__all__ if name.islower()}
    assert verbs == set(NOT_THEIRS) | set(NOTHING_OF_OURS) | OF_THE_ACTOR


@pytest.mark.parametrize("name", NOT_THEIRS)
def test_what_is_not_theirs_is_not_found(house: Archive, form: FormVersion, name: str) -> None:
    ask, error = NOT_THEIRS[name]
    with pytest.raises(error):
        ask(house, form)
    with house.store.reading() as tx:
        assert tx.audit.newest("theirs", 9) == ()


def test_lists_hold_nothing_of_another_company(house: Archive, form: FormVersion) -> None:
    sheet = marked(house, form, taken(house))
    scores.appeal_evaluation(house, AGENT, sheet.evaluation.id, "No")
    assert [name for name, ask in NOTHING_OF_OURS.items() if ask(house)] == []
