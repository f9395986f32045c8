"""`fonoteka user`: people who may sign in."""

from __future__ import annotations

from typing import Annotated

import typer

from fonoteka import wiring
from fonoteka.accounts import change_user, create_sign_in_link, create_user, list_users
from fonoteka.cli.options import DataOption, TenantOption, command_line_of, settings_of
from fonoteka.cli.serve import page_address
from fonoteka.domain.access import Role
from fonoteka.domain.errors import UserInvalid, UserNotFound
from fonoteka.domain.rights import DEFAULT_REACH, Reach, Rights
from fonoteka.policy import directory
from fonoteka.wiring import Rooms

app = typer.Typer(help="People who may sign in.", no_args_is_help=True)

LoginArgument = Annotated[str, typer.Argument(help="What is typed to sign in; an e-mail address is one.")]


@app.callback()
def user() -> None:
    """People who may sign in."""


@app.command("create")
def create(
    login: LoginArgument,
    name: Annotated[str, typer.Option(help="What others read.", show_default="the login")] = "",
    role: Annotated[Role, typer.Option(help="What the user is.")] = Role.AGENT,
    group: Annotated[
        list[str] | None, typer.Option(help="A group whose calls are heard; may be given several times.")
    ] = None,
    extension: Annotated[
        list[str] | None, typer.Option(help="An own extension; may be given several times.")
    ] = None,
    reach: Annotated[
        Reach | None,
        typer.Option(
            help="Whose calls.", show_default="tenant for owners, administrators, auditors; own for agents"
        ),
    ] = None,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Make a user and print a link that signs in once; the user then sets a password."""
    settings = settings_of(data=data)
    rooms = wiring.open_rooms(settings)
    try:
        actor = command_line_of(tenant)
        rights = _rights(rooms, tenant, reach or DEFAULT_REACH[role], group or [], extension or [])
        _, secret = create_user(rooms.accounts, actor, login, name or login, role, rights)
        typer.echo(f"{page_address(settings)}/sign-in/link/{secret}")
    finally:
        rooms.close()


@app.command("list")
def list_(tenant: TenantOption = None, data: DataOption = None) -> None:
    """Print every user: login, name, role, reach, and whether signing in is refused."""
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        for one in list_users(rooms.accounts, command_line_of(tenant)):
            state = "disabled" if one.disabled_at else ""
            typer.echo("\t".join((one.login, one.name, one.role, one.rights.reach, state)).rstrip())
    finally:
        rooms.close()


@app.command("link")
def link(
    login: LoginArgument,
    minutes: Annotated[int, typer.Option(help="How long the link is good.")] = 60,
    data: DataOption = None,
) -> None:
    """Print a link that signs a user in once: for whoever forgot the password."""
    settings = settings_of(data=data)
    rooms = wiring.open_rooms(settings)
    try:
        secret = create_sign_in_link(rooms.accounts, login, minutes)
        typer.echo(f"{page_address(settings)}/sign-in/link/{secret}")
    finally:
        rooms.close()


@app.command("disable")
def disable(login: LoginArgument, tenant: TenantOption = None, data: DataOption = None) -> None:
    """Refuse signing in, and sign out everywhere."""
    _switch(login, tenant, data, is_disabled=True)


@app.command("enable")
def enable(login: LoginArgument, tenant: TenantOption = None, data: DataOption = None) -> None:
    """Let a disabled user in again."""
    _switch(login, tenant, data, is_disabled=False)


def _switch(login: str, tenant: str | None, data: DataOption, *, is_disabled: bool) -> None:
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        actor = command_line_of(tenant)
        known = {one.login: one for one in list_users(rooms.accounts, actor)}.get(login.casefold())
        if known is None:
            raise UserNotFound
        change_user(
            rooms.accounts, actor, known.id, known.name, known.role, known.rights, is_disabled=is_disabled
        )
    finally:
        rooms.close()


def _rights(
    rooms: Rooms, tenant: str | None, reach: Reach, groups: list[str], extensions: list[str]
) -> Rights:
    people = directory(rooms.policy, command_line_of(tenant))  # raises when there is no such tenant
    ids = {one.name.casefold(): one.id for one in people.groups}
    for name in groups:
        if name.casefold() not in ids:
            raise UserInvalid("group_ids", f"There is no group “{name[:100]}”.")
    return Rights(reach, frozenset(ids[name.casefold()] for name in groups), frozenset(extensions))
