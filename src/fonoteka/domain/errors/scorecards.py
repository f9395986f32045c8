"""Forms, evaluations, queues of calls to mark."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class ScoreFormNotFound(FonotekaError):
    """There is no such scorecard, or none of its versions is active."""

    code = "score_form.not_found"


class ScoreQueueNotFound(FonotekaError):
    """There is no such queue of calls to mark, or the call does not wait in it."""

    code = "score_queue.not_found"


class EvaluationNotFound(FonotekaError):
    """There is no such evaluation."""

    code = "evaluation.not_found"


class EvaluationClosed(FonotekaError):
    """The evaluation is not open for that now."""

    code = "evaluation.closed"


class AppealClosed(FonotekaError):
    """No appeal waits for an answer, or there was one already."""

    code = "appeal.closed"
