"""`fonoteka token`: API tokens."""

from __future__ import annotations

from typing import Annotated

import typer

from fonoteka import wiring
from fonoteka.accounts import create_token
from fonoteka.cli.options import DataOption, TenantOption, command_line_of, settings_of
from fonoteka.policy import directory

app = typer.Typer(help="API tokens.", no_args_is_help=True)

COMMAND_LINE = command_line_of(None)


@app.callback()
def token() -> None:
    """API tokens."""


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the token is for; shown in the access log.")],
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Make a token and print it; it is shown this once."""
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        actor = command_line_of(tenant)
        directory(rooms.policy, actor)  # raises when there is no such tenant
        typer.echo(create_token(rooms.accounts, name, actor))
    finally:
        rooms.close()
