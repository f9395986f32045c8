"""GET /metrics: all figures for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from starlette.requests import Request
from starlette.responses import Response

from fonoteka.api.authentication import SignedIn
from fonoteka.api.methods import readable
from fonoteka.api.metrics import exposition
from fonoteka.api.openapi import problems
from fonoteka.api.services import GivenServices
from fonoteka.domain.access import Permission, require

router = APIRouter(tags=["system"])


@readable(
    router,
    "/metrics",
    operation_id="get_metrics",
    response_class=PlainTextResponse,
    responses=problems(401, 403),
)
def get_metrics(request: Request, actor: SignedIn, services: GivenServices) -> Response:
    """The figures of all processes in Prometheus' text format, or OpenMetrics where Accept asks for it."""
    require(actor, Permission.SYSTEM_WATCH, actor.tenant_id)
    content, content_type = exposition(services.status, request.headers.get("accept", ""))
    return Response(content, headers={"Content-Type": content_type})
