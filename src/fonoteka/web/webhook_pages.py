"""Call events: which programs are told, of what; saved, tried, switched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from fonoteka import policy
from fonoteka.alerts import (
    delete_subscription,
    get_delivery,
    list_subscriptions,
    renew_subscription_secret,
    save_subscription,
    try_subscription,
)
from fonoteka.domain.access import Permission, may
from fonoteka.domain.call_events import CallEventKind, EventSubscription
from fonoteka.domain.delivery import Delivery
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import AccessDenied, AddressInvalid, ChannelInvalid, DeliveryNotFound
from fonoteka.web.channel_pages import Text, Told
from fonoteka.web.delivery_words import outcome_text
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text
from fonoteka.web.visitor import Visitor

_PAGE = "/alerts/webhooks"


def add_webhook_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/alerts/webhooks")
    def show_webhooks(request: Request, edit: str = "", tested: str = "") -> Response:
        visitor = desk.visitor(request)
        return _page(desk, request, visitor, _form(desk, visitor, edit), Told(), tested)

    @router.post("/alerts/webhooks/save")
    def save(
        request: Request,
        id: Text = "",
        name: Text = "",
        address: Text = "",
        kinds: Annotated[list[CallEventKind], Form()] = [],  # noqa: B006 - FastAPI copies it
        group: Text = "",
        direction: Text = "",
        is_enabled: Text = "",
    ) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        given = EventSubscription(
            id,
            actor.tenant_id,
            name,
            address,
            datetime.now(UTC),
            kinds=frozenset() if len(set(kinds)) == len(CallEventKind) else frozenset(kinds),
            group_id=group,
            direction=next((one for one in Direction if one == direction), None),
            is_enabled=is_enabled != "",
        )
        if not kinds:
            told = Told(visitor.language.gettext("Choose at least one event."), "kinds")
            return _page(desk, request, visitor, given, told)
        try:
            saved = save_subscription(desk.alerts, actor, given)
        except (ChannelInvalid, AddressInvalid) as error:
            told = Told(problem_text(visitor.language, error), str(error.context.get("field", "")))
            return _page(desk, request, visitor, given, told)
        if saved.secret:
            told = Told(secret=saved.secret, about=saved.name)
            return _page(desk, request, visitor, _form(desk, visitor, ""), told)
        return RedirectResponse(_PAGE, 303)

    @router.post("/alerts/webhooks/delete")
    def delete(request: Request, id: Text) -> Response:
        delete_subscription(desk.alerts, desk.actor(request), id)
        return RedirectResponse(_PAGE, 303)

    @router.post("/alerts/webhooks/test")
    def test(request: Request, id: Text) -> Response:
        delivery = try_subscription(desk.alerts, desk.actor(request), id)
        return RedirectResponse(f"{_PAGE}?tested={delivery.id}#tested", 303)

    @router.post("/alerts/webhooks/secret")
    def renew(request: Request, id: Text) -> Response:
        visitor = desk.visitor(request)
        secret = renew_subscription_secret(desk.alerts, desk.actor_of(visitor), id)
        form = _form(desk, visitor, id)
        return _page(desk, request, visitor, form, Told(secret=secret, about=form.name))


def _form(desk: Desk, visitor: Visitor, edit: str) -> EventSubscription:
    """What the form shows: the webhook being changed, or an empty one."""
    actor = desk.actor_of(visitor)
    known = next((one for one in list_subscriptions(desk.alerts, actor) if one.id == edit), None)
    return known or EventSubscription("", actor.tenant_id, "", "", datetime.now(UTC))


def _page(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    form: EventSubscription,
    told: Told,
    tested: str = "",
) -> Response:
    actor = desk.actor_of(visitor)
    return desk.page(
        request,
        visitor,
        "webhooks.html",
        status_code=422 if told.error else 200,
        webhooks=list_subscriptions(desk.alerts, actor),
        form=form,
        told=told,
        kinds=tuple(CallEventKind),
        groups=_groups(desk, visitor),
        directions=(Direction.INCOMING, Direction.OUTGOING, Direction.INTERNAL),
        has_public_url=bool(desk.alerts.public_url),
        tested=_tested(desk, visitor, tested),
        outcome_text=lambda one: outcome_text(visitor.language, one),
    )


def _groups(desk: Desk, visitor: Visitor) -> dict[str, str]:
    try:
        return {one.id: one.name for one in policy.directory(desk.policy, desk.actor_of(visitor)).groups}
    except AccessDenied:
        return {}


def _tested(desk: Desk, visitor: Visitor, delivery_id: str) -> Delivery | None:
    actor = desk.actor_of(visitor)
    if not delivery_id or not may(actor, Permission.SYSTEM_WATCH, actor.tenant_id):
        return None
    try:
        return get_delivery(desk.alerts, actor, delivery_id)
    except DeliveryNotFound:
        return None
