"""Scorecards: forms, marking calls by them, appeals, results. Use cases are verbs, as in `archive`."""

from fonoteka.archive.scores.appealing import answer_appeal, appeal_evaluation, count_appeals
from fonoteka.archive.scores.filling import (
    agents_to_mark,
    begin_evaluation,
    discard_evaluation,
    evaluations_of_call,
    get_evaluation,
    reopen_evaluation,
    save_evaluation,
    submit_evaluation,
)
from fonoteka.archive.scores.forms import (
    activate_score_form,
    create_score_form,
    discard_score_draft,
    list_score_forms,
    retire_score_form,
    save_score_form,
    score_form_versions,
)
from fonoteka.archive.scores.queues import (
    Evaluator,
    KnownQueue,
    close_score_queue,
    create_score_queue,
    evaluators_to_choose,
    list_score_queues,
    score_queue_tasks,
    skip_score_task,
)
from fonoteka.archive.scores.results import (
    EvaluationPage,
    ScoreTable,
    find_evaluations,
    score_results,
    scores_csv,
)
from fonoteka.archive.scores.sheets import Sheet

__all__ = [
    "EvaluationPage",
    "Evaluator",
    "KnownQueue",
    "ScoreTable",
    "Sheet",
    "activate_score_form",
    "agents_to_mark",
    "answer_appeal",
    "appeal_evaluation",
    "begin_evaluation",
    "close_score_queue",
    "count_appeals",
    "create_score_form",
    "create_score_queue",
    "discard_evaluation",
    "discard_score_draft",
    "evaluations_of_call",
    "evaluators_to_choose",
    "find_evaluations",
    "get_evaluation",
    "list_score_forms",
    "list_score_queues",
    "reopen_evaluation",
    "retire_score_form",
    "save_evaluation",
    "save_score_form",
    "score_form_versions",
    "score_queue_tasks",
    "score_results",
    "scores_csv",
    "skip_score_task",
    "submit_evaluation",
]
