"""The API put together: everything under /api/v1, and /metrics where Prometheus looks."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from fonoteka.api import (
    access_log,
    account_routes,
    alerts,
    annotating,
    audio,
    calls,
    customers,
    exports,
    forecast,
    health,
    holds,
    insights,
    ledger,
    live,
    people,
    planner,
    recordings,
    reports,
    rules,
    saved_searches,
    score_queues,
    scores,
    scrape,
    selection,
    shares,
    storage,
    topics,
    uploads,
    webhooks,
)
from fonoteka.api import (
    speech as speech_routes,
)
from fonoteka.api.authentication import signed_in
from fonoteka.api.boundary import API_ROOT
from fonoteka.api.methods import readable
from fonoteka.api.openapi import describe
from fonoteka.api.parameters import refuse_stray_parameters
from fonoteka.api.services import Services, provide


def create_router(services: Services) -> APIRouter:
    """Everything that answers programs. Include it without a prefix; `install_errors` completes it."""
    router = APIRouter(dependencies=[Depends(provide(services))])
    router.include_router(make_api())
    router.include_router(scrape.router, include_in_schema=False)
    return router


def make_api() -> APIRouter:
    """Everything under /api/v1, still without the services that it works with."""
    api = APIRouter(prefix=API_ROOT)
    strict = [Depends(signed_in), Depends(refuse_stray_parameters)]
    for room in (
        exports.router,
        shares.router,
        calls.router,
        annotating.router,
        customers.router,
        selection.router,
        saved_searches.router,
        uploads.router,
        recordings.router,
        audio.router,
        speech_routes.router,
        topics.router,
        live.router,
        rules.router,
        people.router,
        ledger.router,
        reports.router,
        insights.router,
        scores.router,
        score_queues.router,
        storage.router,
        holds.router,
        alerts.router,
        webhooks.router,
        planner.router,
        forecast.router,
        account_routes.router,
        access_log.router,
    ):
        api.include_router(room, dependencies=strict)
    for room in (health.router, scrape.router, shares.public_router):
        api.include_router(room)
    document: dict[str, Any] = {}

    @readable(
        api,
        "/openapi.json",
        include_in_schema=False,
        operation_id="get_openapi",
        dependencies=[Depends(signed_in)],
    )
    async def get_openapi() -> JSONResponse:
        if not document:
            document.update(describe(api))
        return JSONResponse(document)

    return api
