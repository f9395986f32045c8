"""`fonoteka token`: API tokens."""

from __future__ import annotations

from typing import Annotated

import typer

from fonoteka import wiring
from fonoteka.accounts import create_token
from fonoteka.cli.options import DataOption, settings_of
from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.call import DEFAULT_TENANT_ID

app = typer.Typer(help="API tokens.", no_args_is_help=True)

COMMAND_LINE = Actor(ActorKind.SYSTEM, "command-line", "command line", DEFAULT_TENANT_ID, Role.ADMINISTRATOR)


@app.callback()
def token() -> None:
    """API tokens."""


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the token is for; shown in the access log.")],
    data: DataOption = None,
) -> None:
    """Make a token and print it; it is shown this once."""
    rooms = wiring.open_rooms(settings_of(data=data))
    typer.echo(create_token(rooms.accounts, name, COMMAND_LINE))
    rooms.close()
