"""`fonoteka webhook`: which programs are told of call events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from fonoteka import alerts as room
from fonoteka.cli.options import DataOption, TenantOption, settings_of
from fonoteka.cli.options import command_line_of as actor_of
from fonoteka.cli.rooms import rooms_of
from fonoteka.domain.call_events import CallEventKind, EventSubscription
from fonoteka.domain.direction import Direction

app = typer.Typer(help="Programs that are told of call events.", no_args_is_help=True)


@app.callback()
def webhook() -> None:
    """Programs that are told of call events."""


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    address: Annotated[str, typer.Argument(help="Where events are posted to.")],
    event: Annotated[
        list[CallEventKind] | None, typer.Option(help="Which events; repeatable.", show_default="all")
    ] = None,
    direction: Annotated[Direction | None, typer.Option(help="Only such calls.")] = None,
    group: Annotated[str, typer.Option(help="Only calls of the group with this id.")] = "",
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Make a webhook and print its id and its secret, this once."""
    with rooms_of(settings_of(data=data)) as rooms:
        actor = actor_of(tenant)
        given = EventSubscription(
            "",
            actor.tenant_id,
            name,
            address,
            datetime.now(UTC),
            kinds=frozenset(event or ()),
            group_id=group,
            direction=direction,
        )
        made = room.save_subscription(rooms.alerts, actor, given)
    typer.echo(f"{made.id}\t{made.secret}")


@app.command("list")
def list_(tenant: TenantOption = None, data: DataOption = None) -> None:
    """Print the webhooks: id, on or off, name, address, events."""
    with rooms_of(settings_of(data=data)) as rooms:
        for one in room.list_subscriptions(rooms.alerts, actor_of(tenant)):
            kinds = " ".join(sorted(one.kinds)) or "all"
            state = "on" if one.is_enabled else "off"
            typer.echo("\t".join((one.id, state, one.name, one.address, kinds)))


@app.command("test")
def try_(
    webhook_id: Annotated[str, typer.Argument(metavar="ID")],
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Queue a test event; `fonoteka alert deliveries` tells how it went."""
    with rooms_of(settings_of(data=data)) as rooms:
        typer.echo(room.try_subscription(rooms.alerts, actor_of(tenant), webhook_id).id)


@app.command("delete")
def delete(
    webhook_id: Annotated[str, typer.Argument(metavar="ID")],
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Delete a webhook; what is queued for it is given up."""
    with rooms_of(settings_of(data=data)) as rooms:
        room.delete_subscription(rooms.alerts, actor_of(tenant), webhook_id)
