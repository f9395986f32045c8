"""`fonoteka token`: API tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from fonoteka import wiring
from fonoteka.accounts import create_token, list_tokens, revoke_token
from fonoteka.cli.options import DataOption, TenantOption, command_line_of, settings_of
from fonoteka.domain.access import ROLE_PERMISSIONS, Permission, Role
from fonoteka.domain.rights import Rights
from fonoteka.policy import directory

app = typer.Typer(help="API tokens.", no_args_is_help=True)

COMMAND_LINE = command_line_of(None)


@app.callback()
def token() -> None:
    """API tokens."""


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the token is for; shown in the access log.")],
    role: Annotated[Role, typer.Option(help="What the token is.")] = Role.ADMINISTRATOR,
    only: Annotated[
        list[Permission] | None,
        typer.Option(
            help="The only permission; may be given several times.", show_default="those of the role"
        ),
    ] = None,
    days: Annotated[int, typer.Option(min=0, help="For how many days it is good; 0: until revoked.")] = 0,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Make a token and print it; it is shown this once."""
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        actor = command_line_of(tenant)
        directory(rooms.policy, actor)  # raises when there is no such tenant
        wanted = frozenset(only or ROLE_PERMISSIONS[role])
        given = Rights(added=wanted, removed=ROLE_PERMISSIONS[role] - wanted)
        until = datetime.now(UTC) + timedelta(days=days) if days else None
        typer.echo(create_token(rooms.accounts, name, actor, role=role, rights=given, expires_at=until))
    finally:
        rooms.close()


@app.command("list")
def list_(tenant: TenantOption = None, data: DataOption = None) -> None:
    """Print every token: id, name, role, until when it is good, when it was last used."""
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        for one in list_tokens(rooms.accounts, command_line_of(tenant)):
            times = (f"{at:%Y-%m-%d %H:%M}Z" if at else "–" for at in (one.expires_at, one.seen_at))
            typer.echo("\t".join((one.id, one.name, one.role, *times)))
    finally:
        rooms.close()


@app.command("revoke")
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As `fonoteka token list` prints it.")],
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Make a token good for nothing."""
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        revoke_token(rooms.accounts, token_id, command_line_of(tenant))
    finally:
        rooms.close()
