"""`fonoteka audit`: the access log."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fonoteka import wiring
from fonoteka.accounts import export_events, verify_chain
from fonoteka.cli.options import DataOption, TenantOption, command_line_of, settings_of

app = typer.Typer(help="The access log: who did what.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """The access log: who did what."""


@app.command("verify")
def verify(
    expect: Annotated[
        str, typer.Option(metavar="HASH", help="A hash printed earlier and noted down elsewhere.")
    ] = "",
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Compute every hash anew; exit status 1 when an event was changed, taken out or put in."""
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        report = verify_chain(rooms.accounts, command_line_of(tenant), expect)
    finally:
        rooms.close()
    if report.broken_at is None:
        typer.echo(f"{report.events} events, none changed or missing\n{report.hash}")
        return
    what = {
        "missing": f"event {report.broken_at} is missing",
        "changed": f"event {report.broken_at} is not what was written",
        "rewritten": "no event has the expected hash: the log was written anew",
    }[report.reason]
    typer.echo(f"{report.events} events fit, then {what}", err=True)
    raise typer.Exit(1)


@app.command("export")
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write; else standard output.")] = None,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Write the whole access log as CSV, oldest first."""
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        pieces = export_events(rooms.accounts, command_line_of(tenant))
        if file is None:
            sys.stdout.writelines(pieces)
            return
        with file.open("w", encoding="utf-8", newline="") as out:
            out.writelines(pieces)
    finally:
        rooms.close()
