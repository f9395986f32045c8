"""`fonoteka tenant`: companies that share an installation."""

from __future__ import annotations

from typing import Annotated

import typer

from fonoteka import wiring
from fonoteka.cli.options import DataOption, command_line_of, settings_of
from fonoteka.domain.people import Tenant
from fonoteka.policy import create_tenant, list_tenants, own_tenant, save_tenant

app = typer.Typer(help="Companies that share an installation.", no_args_is_help=True)


@app.callback()
def tenant() -> None:
    """Companies that share an installation."""


@app.command("create")
def create(
    tenant_id: Annotated[str, typer.Argument(metavar="ID", help="Small Latin letters, digits, hyphens.")],
    name: Annotated[str, typer.Argument(help="The company's name.")],
    time_zone: Annotated[str, typer.Option(help="An IANA name.")] = "Europe/Moscow",
    region: Annotated[str, typer.Option(help="How national numbers are read (ISO 3166).")] = "RU",
    data: DataOption = None,
) -> None:
    """Make a tenant: extensions, groups, trunks, rules and calls of its own."""
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        create_tenant(rooms.policy, command_line_of(None), Tenant(tenant_id, name, time_zone, region))
    finally:
        rooms.close()


@app.command("save")
def save(
    tenant_id: Annotated[str, typer.Argument(metavar="ID", help="Which.")],
    name: Annotated[str | None, typer.Option(help="The company's name.", show_default="as it is")] = None,
    time_zone: Annotated[str | None, typer.Option(help="An IANA name.", show_default="as it is")] = None,
    region: Annotated[
        str | None, typer.Option(help="How national numbers are read.", show_default="as it is")
    ] = None,
    data: DataOption = None,
) -> None:
    """Change a tenant's name, time zone or region."""
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        known = own_tenant(rooms.policy, command_line_of(tenant_id))
        changed = Tenant(known.id, name or known.name, time_zone or known.time_zone, region or known.region)
        save_tenant(rooms.policy, command_line_of(tenant_id), changed)
    finally:
        rooms.close()


@app.command("list")
def list_(data: DataOption = None) -> None:
    """Print every tenant: id, name, time zone, region."""
    rooms = wiring.open_rooms(settings_of(data=data))
    for one in list_tenants(rooms.policy, command_line_of(None)):
        typer.echo("\t".join((one.id, one.name, one.time_zone, one.region)))
    rooms.close()
