"""Scorecards: forms, evaluations of calls, appeals, results."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from fonoteka.api import score_form_models as form_models
from fonoteka.api import score_models as models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.days import GivenDays
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import GROUP, PlainText, known_call_id
from fonoteka.api.services import GivenServices
from fonoteka.archive import scores
from fonoteka.archive.scores import ScoreTable
from fonoteka.domain.score_results import EvaluationQuery
from fonoteka.domain.scorecards import AppealState

router = APIRouter(tags=["scorecards"], route_class=LimitedRoute)

CallId = Annotated[str, Depends(known_call_id)]
FormId = Annotated[str, Path(alias="id", description="A form's `form_id`.", max_length=100)]
EvaluationId = Annotated[str, Path(description="An evaluation's `id`.", max_length=100)]
FORM = Query(description="Only evaluations by this form (its `form_id`).", max_length=100)
_CHANGE = problems(400, 401, 403, 404, 409, 422)
_READ = problems(401, 403, 404, 422)


@readable(router, "/scorecards", operation_id="list_score_forms", responses=problems(401, 403, 422))
def list_score_forms(actor: SignedIn, services: GivenServices) -> form_models.FormVersions:
    """Of each form the newest version and the active one; who may not change forms sees the active ones."""
    found = scores.list_score_forms(services.archive, actor)
    return form_models.FormVersions(items=tuple(form_models.FormVersion.model_validate(one) for one in found))


@router.post("/scorecards", operation_id="create_score_form", status_code=201, responses=_CHANGE)
def create_score_form(
    actor: SignedIn, services: GivenServices, given: form_models.FormContent
) -> form_models.FormVersion:
    """A new form: a draft."""
    made = scores.create_score_form(services.archive, actor, given.value())
    return form_models.FormVersion.model_validate(made)


@readable(router, "/scorecards/{id}", operation_id="get_score_form", responses=_READ)
def get_score_form(actor: SignedIn, services: GivenServices, form_id: FormId) -> form_models.FormVersions:
    """All versions of a form."""
    found = scores.score_form_versions(services.archive, actor, form_id)
    return form_models.FormVersions(items=tuple(form_models.FormVersion.model_validate(one) for one in found))


@router.put("/scorecards/{id}", operation_id="save_score_form", responses=_CHANGE)
def save_score_form(
    actor: SignedIn, services: GivenServices, form_id: FormId, given: form_models.FormToSave
) -> form_models.FormVersion:
    """Save the form's draft; a version that is or was active stays, and the draft comes beside it."""
    saved = scores.save_score_form(
        services.archive, actor, form_id, given.content.value(), given.version, given.edits
    )
    return form_models.FormVersion.model_validate(saved)


@router.post("/scorecards/{id}/activate", operation_id="activate_score_form", responses=_CHANGE)
def activate_score_form(
    actor: SignedIn, services: GivenServices, form_id: FormId, given: form_models.LookedAt
) -> form_models.FormVersion:
    """Let calls be marked with the newest version, which never changes from now on."""
    active = scores.activate_score_form(services.archive, actor, form_id, given.version, given.edits)
    return form_models.FormVersion.model_validate(active)


@router.post("/scorecards/{id}/retire", operation_id="retire_score_form", status_code=204, responses=_CHANGE)
def retire_score_form(actor: SignedIn, services: GivenServices, form_id: FormId) -> None:
    """Let no more calls be marked with the form; what was marked stays."""
    scores.retire_score_form(services.archive, actor, form_id)


@router.post(
    "/scorecards/{id}/discard", operation_id="discard_score_draft", status_code=204, responses=_CHANGE
)
def discard_score_draft(
    actor: SignedIn, services: GivenServices, form_id: FormId, given: form_models.LookedAt
) -> None:
    """Throw the draft away; a form that was nothing else is no more."""
    scores.discard_score_draft(services.archive, actor, form_id, given.version, given.edits)


@readable(router, "/calls/{call_id}/evaluations", operation_id="list_call_evaluations", responses=_READ)
def list_call_evaluations(
    actor: SignedIn, services: GivenServices, call_id: CallId
) -> models.EvaluationSheets:
    """The evaluations of a call that you may see."""
    found = scores.evaluations_of_call(services.archive, actor, call_id)
    return models.EvaluationSheets(items=tuple(map(models.sheet, found)))


@router.post(
    "/calls/{call_id}/evaluations", operation_id="begin_evaluation", status_code=201, responses=_CHANGE
)
def begin_evaluation(
    actor: SignedIn, services: GivenServices, call_id: CallId, given: models.NewEvaluation
) -> models.EvaluationSheet:
    """Begin to mark an agent's part of a call; gives back the own evaluation where there is one."""
    return models.sheet(scores.begin_evaluation(services.archive, actor, call_id, given.form_id, given.agent))


@readable(router, "/evaluations", operation_id="find_evaluations", responses=problems(401, 403, 422))
def find_evaluations(
    actor: SignedIn,
    services: GivenServices,
    since: Annotated[datetime | None, Query(description="Calls that began at this instant or later.")] = None,
    until: Annotated[datetime | None, Query(description="Calls that began before this instant.")] = None,
    agent: Annotated[PlainText, Query(description="Only of this own number.", max_length=100)] = "",
    form: Annotated[PlainText, FORM] = "",
    evaluator: Annotated[PlainText, Query(description="Only by this user (its `id`).", max_length=100)] = "",
    appeal: Annotated[
        AppealState | None, Query(description="Only those with an appeal that became this.")
    ] = None,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", max_length=200)] = None,
    limit: Annotated[int, Query(description="How many.", ge=1, le=200)] = 50,
) -> models.EvaluationPage:
    """Submitted evaluations of agents within reach, those of the newest calls first."""
    query = EvaluationQuery(since, until, frozenset({agent}) if agent else None, form, evaluator, appeal)
    return models.EvaluationPage.model_validate(
        scores.find_evaluations(services.archive, actor, query, cursor, limit)
    )


@readable(router, "/evaluations/{evaluation_id}", operation_id="get_evaluation", responses=_READ)
def get_evaluation(
    actor: SignedIn, services: GivenServices, evaluation_id: EvaluationId
) -> models.EvaluationSheet:
    """An evaluation, with its form, its submissions and appeals."""
    return models.sheet(scores.get_evaluation(services.archive, actor, evaluation_id))


@router.put("/evaluations/{evaluation_id}", operation_id="save_evaluation", responses=_CHANGE)
def save_evaluation(
    actor: SignedIn,
    services: GivenServices,
    evaluation_id: EvaluationId,
    given: models.EvaluationToSave,
) -> models.EvaluationSheet:
    """Keep the answers as they are so far."""
    answers = [one.as_answer() for one in given.answers]
    return models.sheet(
        scores.save_evaluation(services.archive, actor, evaluation_id, answers, given.summary, given.edits)
    )


@router.post("/evaluations/{evaluation_id}/submit", operation_id="submit_evaluation", responses=_CHANGE)
def submit_evaluation(
    actor: SignedIn,
    services: GivenServices,
    evaluation_id: EvaluationId,
    given: models.EvaluationLookedAt,
) -> models.EvaluationSheet:
    """Put the saved answers in force; the agent sees them from now on."""
    return models.sheet(scores.submit_evaluation(services.archive, actor, evaluation_id, given.edits))


@router.post("/evaluations/{evaluation_id}/reopen", operation_id="reopen_evaluation", responses=_CHANGE)
def reopen_evaluation(
    actor: SignedIn, services: GivenServices, evaluation_id: EvaluationId
) -> models.EvaluationSheet:
    """Open a submitted evaluation again; until it is submitted anew, the last submission counts."""
    return models.sheet(scores.reopen_evaluation(services.archive, actor, evaluation_id))


@router.delete(
    "/evaluations/{evaluation_id}",
    operation_id="discard_evaluation",
    status_code=204,
    responses=_CHANGE,
)
def discard_evaluation(actor: SignedIn, services: GivenServices, evaluation_id: EvaluationId) -> None:
    """Throw away the own evaluation that was never submitted."""
    scores.discard_evaluation(services.archive, actor, evaluation_id)


@router.post("/evaluations/{evaluation_id}/appeal", operation_id="appeal_evaluation", responses=_CHANGE)
def appeal_evaluation(
    actor: SignedIn, services: GivenServices, evaluation_id: EvaluationId, given: models.NewAppeal
) -> models.EvaluationSheet:
    """Say why the marks are wrong, once for each submission."""
    return models.sheet(scores.appeal_evaluation(services.archive, actor, evaluation_id, given.text))


@router.post("/evaluations/{evaluation_id}/appeal/answer", operation_id="answer_appeal", responses=_CHANGE)
def answer_appeal(
    actor: SignedIn, services: GivenServices, evaluation_id: EvaluationId, given: models.AppealAnswer
) -> models.EvaluationSheet:
    """Accept the appeal that waits, which opens the evaluation again, or reject it with a reason."""
    return models.sheet(
        scores.answer_appeal(services.archive, actor, evaluation_id, given.accept, given.text)
    )


@readable(router, "/reports/scores", operation_id="get_score_results", responses=problems(401, 403, 422))
def get_score_results(
    actor: SignedIn,
    services: GivenServices,
    days: GivenDays,
    group: Annotated[PlainText, GROUP] = "",
    form: Annotated[PlainText, FORM] = "",
) -> models.ScoreResults:
    """Means and spreads by agent, group, form and question, of agents within reach."""
    return models.ScoreResults.model_validate(
        scores.score_results(services.archive, actor, days, group, form)
    )


@readable(
    router,
    "/reports/scores.csv",
    operation_id="export_score_results",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **problems(401, 403, 422)},
)
def export_score_results(
    actor: SignedIn,
    services: GivenServices,
    days: GivenDays,
    table: Annotated[ScoreTable, Query(description="Which table.")] = ScoreTable.AGENTS,
    group: Annotated[PlainText, GROUP] = "",
    form: Annotated[PlainText, FORM] = "",
) -> Response:
    """One table of the same as CSV: UTF-8 with a mark, semicolons, a first row of names."""
    found = scores.score_results(services.archive, actor, days, group, form)
    return Response(
        scores.scores_csv(found, table),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="scores-{table}.csv"'},
    )
