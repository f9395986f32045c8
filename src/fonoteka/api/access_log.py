"""GET /audit: who did what, page by page, as CSV, and whether it is still what was written."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from fonoteka import accounts
from fonoteka.api import account_models as models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.instants import Instant
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import PlainText
from fonoteka.api.services import GivenServices
from fonoteka.domain.audit import AuditAction, AuditQuery

router = APIRouter(tags=["audit"])
_READ = problems(401, 403, 422)


@readable(router, "/audit", operation_id="find_events", responses=_READ)
def find_events(
    actor: SignedIn,
    services: GivenServices,
    since: Annotated[Instant | None, Query(description="Events from this time on.")] = None,
    until: Annotated[Instant | None, Query(description="Events before this time.")] = None,
    action: Annotated[AuditAction | None, Query(description="Only of this kind.")] = None,
    actor_name: Annotated[PlainText, Query(max_length=200, description="A part of who did it.")] = "",
    subject_id: Annotated[PlainText, Query(max_length=64, description="What it was done to.")] = "",
    cursor: Annotated[
        PlainText | None, Query(max_length=64, description="`next` of the page before; the filters stay.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many events a page holds at most.")] = 50,
) -> models.AuditPage:
    """The access log, newest first."""
    actions = frozenset() if action is None else frozenset({action})
    query = AuditQuery(since, until, actions, actor_name, subject_id)
    page = accounts.find_events(services.accounts, actor, query, cursor, limit)
    return models.AuditPage.model_validate(page)


@readable(
    router,
    "/audit.csv",
    operation_id="export_events",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **_READ},
)
def export_events(actor: SignedIn, services: GivenServices) -> Response:
    """The whole access log as CSV, oldest first; that it was exported is an event too."""
    return StreamingResponse(
        accounts.export_events(services.accounts, actor),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


@readable(router, "/audit/verify", operation_id="verify_events", responses=_READ)
def verify_events(
    actor: SignedIn,
    services: GivenServices,
    expected: Annotated[
        PlainText, Query(max_length=64, description="A hash that was noted down earlier: it must be there.")
    ] = "",
) -> models.ChainReport:
    """Compute every hash of the access log anew."""
    return models.ChainReport.model_validate(accounts.verify_chain(services.accounts, actor, expected))
