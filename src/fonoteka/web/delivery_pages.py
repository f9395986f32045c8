"""The log of what was sent to the outside."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fonoteka.alerts import (
    find_deliveries,
    get_delivery,
    list_channels,
    list_subscriptions,
    replay_delivery,
)
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.delivery import DeliveryState
from fonoteka.web.delivery_words import outcome_text
from fonoteka.web.desk import Desk
from fonoteka.web.templates import render

_PAGE = 50


def add_delivery_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/alerts/deliveries")
    def show_deliveries(
        request: Request, state: DeliveryState | None = None, channel: str = "", cursor: str = ""
    ) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        page = find_deliveries(desk.alerts, actor, state, cursor, _PAGE, channel)
        return desk.page(
            request,
            visitor,
            "deliveries.html",
            found=page.items,
            next=page.next,
            state=state,
            states=DeliveryState,
            names=_names(desk, actor),
            channel=channel,
            outcome_text=lambda one: outcome_text(visitor.language, one),
        )

    _add_acts(router, desk)


def _names(desk: Desk, actor: Actor) -> dict[str, str]:
    """What channels and, for whoever may know of them, webhooks are called."""
    names = {one.id: one.name for one in list_channels(desk.alerts, actor)}
    if may(actor, Permission.EVENTS_SUBSCRIBE, actor.tenant_id):
        names |= {one.id: one.name for one in list_subscriptions(desk.alerts, actor)}
    return names


def _add_acts(router: APIRouter, desk: Desk) -> None:
    @router.get("/alerts/deliveries/{delivery_id}/result")
    def show_result(request: Request, delivery_id: str) -> Response:
        visitor = desk.visitor(request)
        found = get_delivery(desk.alerts, desk.actor_of(visitor), delivery_id)
        text = render(
            request,
            visitor,
            "_test_result.html",
            tested=found,
            outcome_text=lambda one: outcome_text(visitor.language, one),
        )
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})

    @router.post("/alerts/deliveries/{delivery_id}/replay")
    def replay(request: Request, delivery_id: str) -> Response:
        replay_delivery(desk.alerts, desk.actor(request), delivery_id)
        return RedirectResponse("/alerts/deliveries", 303)
