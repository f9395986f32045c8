"""`fonoteka hold`: legal holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from fonoteka import wiring
from fonoteka.archive import legal_holds, place_legal_hold, release_legal_hold
from fonoteka.cli.options import DataOption, TenantOption, command_line_of, settings_of
from fonoteka.domain.legal_hold import HoldFilter

app = typer.Typer(help="Legal holds: what nothing may delete.", no_args_is_help=True)

_DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


@app.callback()
def hold() -> None:
    """Legal holds: what nothing may delete."""


@app.command("place")
def place(
    case: Annotated[str, typer.Argument(help="The name of the case.")],
    reason: Annotated[str, typer.Argument(help="Why.")],
    call: Annotated[list[str] | None, typer.Option(help="A call's id; may be given often.")] = None,
    number: Annotated[str, typer.Option(help="All calls of this extension or number, future ones too.")] = "",
    since: Annotated[datetime | None, typer.Option(formats=_DATES, help="From then on (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DATES, help="Before then (UTC).")] = None,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Put recordings under a hold."""
    found = HoldFilter(number, _utc(since), _utc(until))
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        placed = place_legal_hold(
            rooms.archive,
            command_line_of(tenant),
            case,
            reason,
            call_ids=call or (),
            filter=None if found.is_empty else found,
        )
    finally:
        rooms.close()
    typer.echo(f"{placed.id}: {placed.recordings} recordings")


@app.command("release")
def release(
    hold_id: Annotated[str, typer.Argument(metavar="ID", help="Which; see `fonoteka hold list`.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """End a hold."""
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        release_legal_hold(rooms.archive, command_line_of(tenant), hold_id, reason)
    finally:
        rooms.close()


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Released ones too.")] = False,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Print the holds: id, case, recordings, since when, by whom."""
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        holds = legal_holds(rooms.archive, command_line_of(tenant), with_released=every)
    finally:
        rooms.close()
    for one in holds:
        ended = "" if one.released_at is None else f"released {one.released_at:%Y-%m-%d}"
        placed = f"{one.placed_at:%Y-%m-%d}"
        typer.echo("\t".join((one.id, one.case_name, str(one.recordings), placed, one.author_name, ended)))


def _utc(given: datetime | None) -> datetime | None:
    return None if given is None else given.replace(tzinfo=UTC)
