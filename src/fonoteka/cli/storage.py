"""`fonoteka storage`: what is used, the plan, the audit, the sweep."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import typer

from fonoteka.archive import (
    audit_storage,
    change_plan,
    confirm_sweep,
    preview_plan,
    storage_forecast,
    storage_overview,
    storage_plan,
    sweep_retention,
)
from fonoteka.cli.options import DataOption, TenantOption, command_line_of, settings_of
from fonoteka.cli.rooms import rooms_of
from fonoteka.domain.storage_plan import WhenFull
from fonoteka.domain.storage_use import StorageDryRun

app = typer.Typer(help="Room for recordings: plan, use, audit.", no_args_is_help=True)

_NO_QUOTA = "none"


@app.callback()
def storage() -> None:
    """Room for recordings: plan, use, audit."""


@app.command("show")
def show(tenant: TenantOption = None, data: DataOption = None) -> None:
    """Print the plan and what is used, by what protects it."""
    with rooms_of(settings_of(data=data)) as rooms:
        seen = storage_overview(rooms.archive, command_line_of(tenant))
    plan = seen.plan
    quota = _NO_QUOTA if plan.quota_bytes is None else f"{plan.quota_bytes} bytes"
    typer.echo(f"quota: {quota}; when full: {plan.when_full}; bin: {plan.bin_days} days")
    typer.echo(f"used: {seen.used.stored_bytes} bytes, {seen.used.recordings} recordings")
    for standing, amount in seen.by_standing.items():
        typer.echo(f"  {standing}: {amount.stored_bytes} bytes, {amount.recordings} recordings")
    typer.echo(f"free on the disk: {seen.disk_free_bytes} bytes")
    if seen.refuses:
        typer.echo("full: new calls are refused")
    if seen.halted_since is not None:
        typer.echo(f"sweeps are halted since {seen.halted_since}: the clock had jumped")


@app.command("forecast")
def forecast(tenant: TenantOption = None, data: DataOption = None) -> None:
    """Print when the room is full, and what each group adds."""
    with rooms_of(settings_of(data=data)) as rooms:
        told = storage_forecast(rooms.archive, command_line_of(tenant))
    one = told.forecast
    typer.echo(f"used: {told.used_bytes} bytes; {one.state}; about {one.bytes_per_day} bytes a day")
    if one.full_on is not None:
        typer.echo(f"full on {one.full_on}, probably between {one.earliest} and {one.latest or 'never'}")
    for group in told.groups:
        typer.echo(f"  {group.name}: {group.stored_bytes} bytes, {group.added_bytes} in 30 days")


@app.command("plan")
def plan(
    quota: Annotated[
        str | None, typer.Option(help=f"Bytes, or “{_NO_QUOTA}”.", show_default="as it is")
    ] = None,
    when_full: Annotated[WhenFull | None, typer.Option(help="What then.", show_default="as it is")] = None,
    bin_days: Annotated[int | None, typer.Option(help="Days in the bin.", show_default="as it is")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Change the storage plan; what would go is shown, and asked about."""
    actor = command_line_of(tenant)
    with rooms_of(settings_of(data=data)) as rooms:
        wanted = storage_plan(rooms.archive, actor)
        if quota is not None:
            wanted = replace(wanted, quota_bytes=_bytes_of(quota))
        wanted = replace(
            wanted,
            when_full=when_full or wanted.when_full,
            bin_days=wanted.bin_days if bin_days is None else bin_days,
        )
        going = preview_plan(rooms.archive, actor, wanted)
        _show(going)
        if yes or not going.takes_something or typer.confirm("Change the plan?"):
            change_plan(rooms.archive, actor, wanted, "command line", agreed=True)


@app.command("sweep")
def sweep(data: DataOption = None) -> None:
    """Sweep now, for all tenants, as the worker does every minute."""
    with rooms_of(settings_of(data=data)) as rooms:
        done = sweep_retention(rooms.archive)
    typer.echo(f"binned: {done.binned}; deleted for good: {done.emptied}; overwritten: {done.overwritten}")
    for one in done.halted_tenants:
        typer.echo(f"halted: {one}: the clock has jumped; see `fonoteka storage confirm`")


@app.command("confirm")
def confirm(tenant: TenantOption = None, data: DataOption = None) -> None:
    """Say that the clock is right, so that halted sweeps go on."""
    with rooms_of(settings_of(data=data)) as rooms:
        confirm_sweep(rooms.archive, command_line_of(tenant))


@app.command("audit")
def audit(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what is wrong.")] = False,
    safe_hours: Annotated[
        float, typer.Option(min=0, help="Objects without a row that are younger are left alone.")
    ] = 24,
    data: DataOption = None,
) -> None:
    """Compare rows, sums and objects in both directions. Exit status 1 when something is wrong and stays."""
    with rooms_of(settings_of(data=data)) as rooms:
        seen = audit_storage(rooms.archive, repair=repair, safe_age=timedelta(hours=safe_hours))
    typer.echo(
        f"{seen.recordings} recordings, {seen.objects} objects, {seen.object_bytes} bytes: "
        + ", ".join(f"{kind} {count}" for kind, count in seen.counts.items())
    )
    for one in seen.findings:
        typer.echo(f"{one.kind}: {one.subject}: {one.detail}{' (mended)' if one.repaired else ''}")
    if sum(seen.counts.values()) > seen.repaired:
        raise typer.Exit(1)


def _bytes_of(text: str) -> int | None:
    if text == _NO_QUOTA:
        return None
    if not text.isdecimal():
        raise typer.BadParameter(f"“{text}” is neither a number of bytes nor “{_NO_QUOTA}”.")
    return int(text)


def _show(going: StorageDryRun) -> None:
    for leaving, amount in going.leaving.items():
        typer.echo(f"{leaving}: {amount.recordings} recordings, {amount.stored_bytes} bytes")
    if going.final_at is not None:
        typer.echo(f"what is binned goes for good on {going.final_at:%Y-%m-%d}")
    if going.missing_bytes:
        typer.echo(f"{going.missing_bytes} bytes too much stay, being protected: new calls are refused")
