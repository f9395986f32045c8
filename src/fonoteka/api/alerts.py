"""What is wrong, who is told, and what was sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from fonoteka import alerts as room
from fonoteka.api import alert_models as models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import PlainText
from fonoteka.api.services import GivenServices
from fonoteka.domain.delivery import DeliveryState

router = APIRouter(tags=["alerts"], prefix="/alerts", route_class=LimitedRoute)
_READ = problems(401, 403, 404, 422)
_CHANGE = problems(400, 401, 403, 404, 422)

KnownId = Annotated[str, Path(alias="id", description="Its `id`.", max_length=100)]
Cursor = Annotated[PlainText, Query(max_length=100, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many a page holds at most.")]


@readable(router, "", operation_id="find_alerts", responses=_READ)
def find_alerts(
    actor: SignedIn, services: GivenServices, cursor: Cursor = "", limit: Limit = 50
) -> models.AlertPage:
    """What is and what was wrong, newest first."""
    page = room.find_alerts(services.alerts, actor, cursor, limit)
    return models.AlertPage(items=tuple(map(models.Alert.of, page.items)), next=page.next)


@router.post("/{id}/acknowledge", operation_id="acknowledge_alert", responses=_CHANGE)
def acknowledge_alert(actor: SignedIn, services: GivenServices, alert_id: KnownId) -> models.Alert:
    """Take note of an alert: no banner and no reminders until it gets worse."""
    return models.Alert.of(room.acknowledge_alert(services.alerts, actor, alert_id))


@readable(router, "/channels", operation_id="list_channels", responses=_READ)
def list_channels(actor: SignedIn, services: GivenServices) -> models.Channels:
    """Where news of alerts go."""
    found = room.list_channels(services.alerts, actor)
    return models.Channels(items=tuple(models.Channel.model_validate(_plain(one)) for one in found))


@router.post("/channels", operation_id="create_channel", status_code=201, responses=_CHANGE)
def create_channel(actor: SignedIn, services: GivenServices, given: models.NewChannel) -> models.Channel:
    """A new channel; the answer to a new webhook holds its secret, this once."""
    made = room.save_channel(services.alerts, actor, given.value(actor.tenant_id, datetime.now(UTC)))
    return models.Channel.model_validate(_plain(made))


@router.put("/channels/{id}", operation_id="save_channel", responses=_CHANGE)
def save_channel(
    actor: SignedIn, services: GivenServices, channel_id: KnownId, given: models.NewChannel
) -> models.Channel:
    """Change a channel; of a user's own, whether it is on and how much it wants."""
    value = given.value(actor.tenant_id, datetime.now(UTC), channel_id)
    return models.Channel.model_validate(_plain(room.save_channel(services.alerts, actor, value)))


@router.delete("/channels/{id}", operation_id="delete_channel", status_code=204, responses=_CHANGE)
def delete_channel(actor: SignedIn, services: GivenServices, channel_id: KnownId) -> None:
    """Delete a channel; a user's own can be switched off instead."""
    room.delete_channel(services.alerts, actor, channel_id)


@router.post("/channels/{id}/test", operation_id="test_channel", status_code=202, responses=_CHANGE)
def test_channel(actor: SignedIn, services: GivenServices, channel_id: KnownId) -> models.Delivery:
    """Send a test message; ask for the delivery to learn how it went."""
    return models.Delivery.of(room.try_channel(services.alerts, actor, channel_id))


@router.post("/channels/{id}/secret", operation_id="renew_channel_secret", responses=_CHANGE)
def renew_channel_secret(actor: SignedIn, services: GivenServices, channel_id: KnownId) -> models.Secret:
    """A new secret of a webhook; the former one signs nothing from now on."""
    return models.Secret(secret=room.renew_secret(services.alerts, actor, channel_id))


@readable(router, "/deliveries", operation_id="find_deliveries", responses=_READ)
def find_deliveries(
    actor: SignedIn,
    services: GivenServices,
    state: Annotated[DeliveryState | None, Query(description="Only deliveries in that state.")] = None,
    channel: Annotated[
        PlainText, Query(max_length=100, description="Only those of the channel or webhook with this `id`.")
    ] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> models.DeliveryPage:
    """What was sent, waits to be sent, or was given up, newest first."""
    page = room.find_deliveries(services.alerts, actor, state, cursor, limit, channel)
    return models.DeliveryPage(items=tuple(map(models.Delivery.of, page.items)), next=page.next)


@readable(router, "/deliveries/{id}", operation_id="get_delivery", responses=_READ)
def get_delivery(actor: SignedIn, services: GivenServices, delivery_id: KnownId) -> models.Delivery:
    """One delivery."""
    return models.Delivery.of(room.get_delivery(services.alerts, actor, delivery_id))


@router.post("/deliveries/{id}/replay", operation_id="replay_delivery", status_code=202, responses=_CHANGE)
def replay_delivery(actor: SignedIn, services: GivenServices, delivery_id: KnownId) -> models.Delivery:
    """Send a message once more, under the same `id`; one that waits is sent at once."""
    return models.Delivery.of(room.replay_delivery(services.alerts, actor, delivery_id))


def _plain(channel: object) -> dict[str, object]:
    names = models.Channel.model_fields
    return {name: getattr(channel, name) for name in names}
