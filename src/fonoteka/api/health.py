"""GET /health: how the system is, for load balancers and monitors; no sign-in, no internals."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from fonoteka.api import models
from fonoteka.api.methods import readable
from fonoteka.api.services import GivenServices, Services
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.errors import StorageFull, StoreUnavailable

router = APIRouter(tags=["system"])


@readable(
    router,
    "/health",
    operation_id="get_health",
    responses={503: {"model": models.Health, "description": "The database cannot be reached."}},
)
def get_health(services: GivenServices, response: Response) -> models.Health:
    """How the parts of the system are.

    200 while calls can be found and played, even if some part is down (`degraded`); 503 when the database
    cannot be reached.
    """
    status = services.status()
    database = _database_answers(services)
    if not database:
        response.status_code = 503
    low = status.disk_free_bytes < services.settings.disk_free_min_bytes
    healthy = status.recorder_alive and status.worker_alive and database and not low
    return models.Health(
        status="ok" if healthy else "degraded",
        parts=models.HealthParts(
            recorder="ok" if status.recorder_alive else "down",
            worker="ok" if status.worker_alive else "down",
            database="ok" if database else "down",
            disk="low" if low else "ok",
        ),
    )


def _database_answers(services: Services) -> bool:
    try:
        with services.archive.store.reading() as tx:
            tx.calls.get(DEFAULT_TENANT_ID, "")
    except (StoreUnavailable, StorageFull):
        return False
    return True
