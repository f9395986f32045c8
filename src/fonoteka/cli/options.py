"""Options that several commands share, and settings made of them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.errors import SettingInvalid
from fonoteka.settings import Settings, load_settings

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="Folder of everything that Fonoteka keeps.", show_default="data"
    ),
]
HttpOption = Annotated[
    str | None,
    typer.Option(
        "--http", metavar="HOST:PORT", help="Address of pages and API.", show_default="127.0.0.1:8080"
    ),
]
SipOption = Annotated[
    str | None,
    typer.Option(
        "--sip", metavar="HOST:PORT", help="Address for SIPREC, UDP and TCP.", show_default="0.0.0.0:5060"
    ),
]
TenantOption = Annotated[
    str | None, typer.Option("--tenant", metavar="ID", help="Whose.", show_default=DEFAULT_TENANT_ID)
]


def command_line_of(tenant_id: str | None) -> Actor:
    """Who acts when a command is typed: an owner of that tenant."""
    tenant_id = DEFAULT_TENANT_ID if tenant_id is None else tenant_id
    return Actor(ActorKind.SYSTEM, "command-line", "command line", tenant_id, Role.OWNER)


def settings_of(**given: Any) -> Settings:
    """Settings from file, environment and these options; the data folder exists afterwards."""
    settings = load_settings(**given)
    try:
        settings.folder.make()
    except OSError as error:
        raise SettingInvalid(
            f"The data folder {settings.data} cannot be made ({error.strerror}): name another with --data."
        ) from error
    return settings


def host_and_port(address: str, name: str) -> tuple[str, int]:
    """`HOST:PORT` or `[IPv6]:PORT`, taken apart. Raises `SettingInvalid` naming the option."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise SettingInvalid(f"{name} is HOST:PORT, such as 127.0.0.1:8080; “{address}” is not.")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104 - an empty host means every interface


def log_as(settings: Settings) -> None:
    """How much a process says, as the settings want it."""
    logging.getLogger().setLevel(settings.log_level)
    # It tells at every start that it looked at the database.
    logging.getLogger("alembic").setLevel("WARNING")
