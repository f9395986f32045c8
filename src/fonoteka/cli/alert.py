"""`fonoteka alert`: what is wrong, who is told, what was sent."""

from __future__ import annotations

import json
import time
from datetime import UTC
from typing import Annotated

import typer

from fonoteka import alerts as room
from fonoteka.cli.options import DataOption, TenantOption, settings_of
from fonoteka.cli.options import command_line_of as actor_of
from fonoteka.cli.rooms import rooms_of
from fonoteka.domain.alerts import Channel
from fonoteka.domain.delivery import Delivery, DeliveryState, Outcome
from fonoteka.domain.errors import ChannelNotFound, DeliveryFailed
from fonoteka.wiring import Rooms

app = typer.Typer(help="What is wrong, who is told, what was sent.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="A JSON array, for programs.")]
_PATIENCE_S = 90.0


@app.callback()
def alert() -> None:
    """What is wrong, who is told, what was sent."""


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="What was wrong, too.")] = False,
    as_json: JsonOption = False,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Print what is wrong: since when, how bad, what."""
    with rooms_of(settings_of(data=data)) as rooms:
        actor = actor_of(tenant)
        found = (
            room.find_alerts(rooms.alerts, actor, limit=200).items
            if every
            else room.open_alerts(rooms.alerts, actor)
        )
    if as_json:
        typer.echo(json.dumps([room.alert_json(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        said = room.say(one, "en", UTC)
        until = "" if one.cleared_at is None else f" until {one.cleared_at:%Y-%m-%d %H:%M}"
        when = f"{one.raised_at:%Y-%m-%d %H:%M}{until}"
        typer.echo(f"{when}\t{one.severity}\t{one.condition}\t{said.title}: {said.text}")


@app.command("channels")
def channels(tenant: TenantOption = None, data: DataOption = None) -> None:
    """Print who is told: id, kind, on or off, name, address."""
    with rooms_of(settings_of(data=data)) as rooms:
        for one in room.list_channels(rooms.alerts, actor_of(tenant)):
            state = "on" if one.is_enabled else "off"
            typer.echo("\t".join((one.id, one.kind, state, one.name, one.address or "no address yet")))


@app.command("test")
def try_(
    channel: Annotated[str, typer.Argument(help="Its id, name or address.")],
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Send a test message and say how it went; exit status 1 if it was not taken."""
    with rooms_of(settings_of(data=data)) as rooms:
        actor = actor_of(tenant)
        found = _channel(room.list_channels(rooms.alerts, actor), channel)
        queued = room.try_channel(rooms.alerts, actor, found.id)
        done = _wait(rooms, queued, actor.tenant_id)
    if done.outcome is not Outcome.ACCEPTED:
        what = done.outcome or "not tried yet"
        raise DeliveryFailed(f"{done.message.target}: {what}. {done.detail}".strip())
    typer.echo(f"{done.message.target}: taken")


@app.command("deliveries")
def deliveries(
    state: Annotated[DeliveryState | None, typer.Option(help="Only those in that state.")] = None,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Print the newest 200 messages: id, when, state, attempts, where to, what, what the receiver said."""
    with rooms_of(settings_of(data=data)) as rooms:
        page = room.find_deliveries(rooms.alerts, actor_of(tenant), state, limit=200)
    for one in page.items:
        told = f"{one.outcome or ''} {one.detail}".strip()
        cells = (one.id, f"{one.created_at:%Y-%m-%d %H:%M}", one.state, str(one.attempts))
        typer.echo("\t".join((*cells, one.message.target, one.message.subject, told)))


@app.command("replay")
def replay(
    delivery: Annotated[str, typer.Argument(help="Its id.")],
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Queue a message once more, under the same id; the running Fonoteka sends it."""
    with rooms_of(settings_of(data=data)) as rooms:
        room.replay_delivery(rooms.alerts, actor_of(tenant), delivery)


def _channel(known: tuple[Channel, ...], wanted: str) -> Channel:
    for one in known:
        if wanted in (one.id, one.name, one.address):
            return one
    raise ChannelNotFound(f"There is no channel “{wanted}”; fonoteka alert channels lists them.")


def _wait(rooms: Rooms, queued: Delivery, tenant_id: str) -> Delivery:
    """Deliver it here, unless a running Fonoteka is quicker; as it stands after its first attempt."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        room.deliver_due(rooms.alerts, attempts_max=1)
        found = room.get_delivery(rooms.alerts, actor_of(tenant_id), queued.id)
        if found.outcome is not None or time.monotonic() > until:
            return found
        time.sleep(0.2)
