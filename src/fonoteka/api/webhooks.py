"""Webhooks: which programs are told of call events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from fonoteka import alerts as room
from fonoteka.api import alert_models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import PlainText
from fonoteka.api.rule_models import Given
from fonoteka.api.services import GivenServices
from fonoteka.domain.call_events import CallEventKind, EventSubscription
from fonoteka.domain.direction import Direction

router = APIRouter(tags=["webhooks"], prefix="/webhooks", route_class=LimitedRoute)
_READ = problems(401, 403, 422)
_CHANGE = problems(400, 401, 403, 404, 422)

KnownId = Annotated[str, Path(alias="id", description="Its `id`.", max_length=100)]


class NewWebhook(Given):
    """A program that is told of call events."""

    name: PlainText = Field(description="What it is called.", examples=["CRM"], max_length=1000)
    address: PlainText = Field(
        description="Where events are posted to.", examples=["https://crm.example.com/calls"], max_length=2000
    )
    kinds: frozenset[CallEventKind] = Field(
        frozenset(), description="Which events; none: all.", examples=[["recording.ready"]]
    )
    group_id: PlainText = Field("", description="Only calls of this group; empty: all.", max_length=100)
    direction: Direction | None = Field(None, description="Only calls of this direction; null: all.")
    is_enabled: bool = Field(True, description="Whether it is on.")

    def value(self, tenant_id: str, subscription_id: str = "") -> EventSubscription:
        """As the room takes it."""
        return EventSubscription(
            id=subscription_id,
            tenant_id=tenant_id,
            name=self.name,
            address=self.address,
            created_at=datetime.now(UTC),
            kinds=self.kinds,
            group_id=self.group_id,
            direction=self.direction,
            is_enabled=self.is_enabled,
        )


class Webhook(NewWebhook):
    """A webhook, as it is stored."""

    id: str = Field(description="Identifier.")
    secret: str = Field(description="What signs its requests; told once, when it is made.")


class Webhooks(Given):
    """All webhooks of the tenant."""

    items: tuple[Webhook, ...] = Field(description="The webhooks, oldest first.")


@readable(router, "", operation_id="list_webhooks", responses=_READ)
def list_webhooks(actor: SignedIn, services: GivenServices) -> Webhooks:
    """Who is told of call events."""
    found = room.list_subscriptions(services.alerts, actor)
    return Webhooks(items=tuple(map(_shown, found)))


@router.post("", operation_id="create_webhook", status_code=201, responses=_CHANGE)
def create_webhook(actor: SignedIn, services: GivenServices, given: NewWebhook) -> Webhook:
    """A new webhook; the answer holds its secret, this once."""
    return _shown(room.save_subscription(services.alerts, actor, given.value(actor.tenant_id)))


@router.put("/{id}", operation_id="save_webhook", responses=_CHANGE)
def save_webhook(actor: SignedIn, services: GivenServices, webhook_id: KnownId, given: NewWebhook) -> Webhook:
    """Change a webhook; its secret stays."""
    return _shown(room.save_subscription(services.alerts, actor, given.value(actor.tenant_id, webhook_id)))


@router.delete("/{id}", operation_id="delete_webhook", status_code=204, responses=_CHANGE)
def delete_webhook(actor: SignedIn, services: GivenServices, webhook_id: KnownId) -> None:
    """Delete a webhook; what is queued for it is given up."""
    room.delete_subscription(services.alerts, actor, webhook_id)


@router.post("/{id}/test", operation_id="test_webhook", status_code=202, responses=_CHANGE)
def test_webhook(actor: SignedIn, services: GivenServices, webhook_id: KnownId) -> alert_models.Delivery:
    """Send an event `test`; ask for the delivery (`GET /alerts/deliveries/{id}`) to learn how it went."""
    return alert_models.Delivery.of(room.try_subscription(services.alerts, actor, webhook_id))


@router.post("/{id}/secret", operation_id="renew_webhook_secret", responses=_CHANGE)
def renew_webhook_secret(
    actor: SignedIn, services: GivenServices, webhook_id: KnownId
) -> alert_models.Secret:
    """A new secret; the former one signs nothing from now on."""
    return alert_models.Secret(secret=room.renew_subscription_secret(services.alerts, actor, webhook_id))


def _shown(one: EventSubscription) -> Webhook:
    return Webhook.model_validate({name: getattr(one, name) for name in Webhook.model_fields})
