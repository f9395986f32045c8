"""Storage: what is used, the plan, terms, the bin, and what a change would do."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from fonoteka import archive
from fonoteka.api import storage_models as models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import known_recording_id
from fonoteka.api.services import GivenServices
from fonoteka.domain.storage_use import Going

router = APIRouter(tags=["storage"], route_class=LimitedRoute)
_CHANGE = problems(400, 401, 403, 409, 422)
RecordingId = Annotated[str, Depends(known_recording_id)]


@readable(router, "/storage", operation_id="get_storage", responses=problems(401, 403, 422))
def get_storage(actor: SignedIn, services: GivenServices) -> models.StorageOverview:
    """What is used, by what protects it, and what would go next."""
    return models.StorageOverview.model_validate(archive.storage_overview(services.archive, actor))


@readable(router, "/storage/audit", operation_id="get_storage_audit", responses=problems(401, 403, 422))
def get_storage_audit(actor: SignedIn, services: GivenServices) -> models.StorageAuditState:
    """What the newest audit of rows, sums and objects saw, and when the next is due.

    It is over all companies: 403 for one beside others.
    """
    return models.StorageAuditState.model_validate(archive.storage_audit_state(services.archive, actor))


@router.post(
    "/storage/audit", operation_id="ask_storage_audit", status_code=202, responses=problems(401, 403, 422)
)
def ask_storage_audit(actor: SignedIn, services: GivenServices) -> models.StorageAuditState:
    """Have a worker audit now. Nothing is mended; 403 as above."""
    archive.ask_storage_audit(services.archive, actor)
    return get_storage_audit(actor, services)


@router.put("/storage/plan", operation_id="save_plan", responses=_CHANGE)
def save_plan(actor: SignedIn, services: GivenServices, change: models.PlanChange) -> models.StoragePlan:
    """Put a storage plan in force.

    409 when somebody else has saved since `plan.version`, or when recordings would go and it is not `agreed`.
    """
    plan = change.plan.value(actor.tenant_id)
    saved = archive.change_plan(services.archive, actor, plan, change.note, agreed=change.agreed)
    return models.StoragePlan.model_validate(saved)


@readable(router, "/storage/plan/history", operation_id="get_plan_history", responses=problems(401, 403, 422))
def get_plan_history(
    actor: SignedIn,
    services: GivenServices,
    limit: Annotated[int, Query(ge=1, le=200, description="How many versions at most.")] = 50,
) -> models.PlanHistory:
    """The versions of the plan, newest first."""
    found = archive.plan_history(services.archive, actor, limit)
    return models.PlanHistory(items=tuple(models.PlanVersion.model_validate(one) for one in found))


@readable(router, "/storage/terms", operation_id="get_terms", responses=problems(401, 403, 422))
def get_terms(actor: SignedIn, services: GivenServices) -> models.RetentionTerms:
    """The terms in force, beside those of the rules."""
    return models.RetentionTerms.model_validate(archive.retention_terms(services.archive, actor))


@router.put("/storage/terms", operation_id="save_terms", responses=_CHANGE)
def save_terms(actor: SignedIn, services: GivenServices, change: models.TermsChange) -> models.RetentionTerms:
    """Put retention terms in force; recordings follow within minutes. 409 as for the plan."""
    terms = change.terms.value(actor.tenant_id)
    saved = archive.change_retention(services.archive, actor, terms, change.note, agreed=change.agreed)
    return models.RetentionTerms.model_validate(saved)


@router.post("/storage/dry-run", operation_id="try_storage", responses=problems(400, 401, 403, 422))
def try_storage(actor: SignedIn, services: GivenServices, trial: models.StorageTrial) -> models.StorageDryRun:
    """What a plan, terms, or both would make go at once."""
    found = archive.preview_change(
        services.archive,
        actor,
        plan=None if trial.plan is None else trial.plan.value(actor.tenant_id),
        terms=None if trial.terms is None else trial.terms.value(actor.tenant_id),
    )
    return models.StorageDryRun.model_validate(found)


@router.post(
    "/storage/dry-run.csv",
    operation_id="list_going",
    response_class=StreamingResponse,
    responses=problems(400, 401, 403, 422),
)
def list_going(actor: SignedIn, services: GivenServices, trial: models.StorageTrial) -> StreamingResponse:
    """Every recording that the dry run counts, as CSV."""
    rows = archive.going(
        services.archive,
        actor,
        plan=None if trial.plan is None else trial.plan.value(actor.tenant_id),
        terms=None if trial.terms is None else trial.terms.value(actor.tenant_id),
    )
    return StreamingResponse(_csv(rows), media_type="text/csv; charset=utf-8")


@router.post("/storage/bin/empty", operation_id="empty_bin", responses=problems(400, 401, 403, 422, 503))
def empty_bin(actor: SignedIn, services: GivenServices, wanted: models.BinEmptying) -> models.Emptied:
    """Delete for good what lies in the bin, all or some."""
    return models.Emptied(recordings=archive.empty_bin(services.archive, actor, wanted.recording_ids))


@router.post(
    "/storage/confirm", operation_id="confirm_sweep", status_code=204, responses=problems(401, 403, 422)
)
def confirm_sweep(actor: SignedIn, services: GivenServices) -> None:
    """Say that the clock is right after it jumped, so that halted sweeps go on."""
    archive.confirm_sweep(services.archive, actor)


@readable(
    router,
    "/recordings/{recording_id}/kept",
    operation_id="get_kept",
    responses=problems(401, 403, 404, 422),
)
def get_kept(actor: SignedIn, services: GivenServices, recording_id: RecordingId) -> models.Kept:
    """Until when a recording is kept, and by what."""
    return models.Kept.model_validate(archive.kept_until(services.archive, actor, recording_id))


def _csv(rows: Iterator[Going]) -> Iterator[str]:
    fields = tuple(models.Going.model_fields)
    yield _line(fields)
    for one in rows:
        told = models.Going.model_validate(one).model_dump(mode="json")
        yield _line([str(told[name]) for name in fields])


def _line(cells: tuple[str, ...] | list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
