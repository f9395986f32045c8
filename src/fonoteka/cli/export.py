"""`fonoteka export`: calls of a period or a search into a folder or a ZIP."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from fonoteka import wiring
from fonoteka.archive import (
    AudioFormat,
    ExportFormat,
    check_export,
    count_calls,
    export_to_folder,
    zip_calls,
)
from fonoteka.cli.options import DataOption, TenantOption, command_line_of, settings_of
from fonoteka.domain.access import Actor
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import ExportDiffers
from fonoteka.domain.query import CallQuery, CallSelection
from fonoteka.policy import directory

_SHOWN = 20
_DAY = ["%Y-%m-%d"]


def export(
    target: Annotated[Path, typer.Argument(help="A folder, or a file whose name ends in .zip.")],
    since: Annotated[datetime | None, typer.Option(formats=_DAY, metavar="DAY", help="First day.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAY, metavar="DAY", help="Last day.")] = None,
    number: Annotated[str, typer.Option(help="Digits of a number, or a part of a name.")] = "",
    direction: Annotated[Direction | None, typer.Option(help="Only of this direction.")] = None,
    group: Annotated[str, typer.Option(help="Only of this group, by its name.")] = "",
    extension: Annotated[str, typer.Option(help="Only of this own extension.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every call there is.")] = False,
    format: Annotated[
        AudioFormat | None, typer.Option(help="Audio format.", show_default="as stored")
    ] = None,
    mixed: Annotated[bool, typer.Option("--mixed", help="All parties in one channel.")] = False,
    language: Annotated[str, typer.Option(help="Of the CSV: ru or en.")] = "ru",
    verify: Annotated[bool, typer.Option("--verify", help="Only check what is there.")] = False,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Export recordings with a manifest (CSV, JSON, SHA-256). Into a folder it goes on where it was.

    Exit status 1 when something could not be exported; the manifest names it.
    """
    if verify:
        _verify(target)
        return
    if not (since or until or number or direction or group or extension or everything):
        raise typer.BadParameter("Say which calls: a period, a search, or --all.")
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        actor = command_line_of(tenant)
        people = directory(rooms.policy, actor)
        zone = ZoneInfo(people.tenant.time_zone)
        group_ids = [one.id for one in people.groups if one.name == group]
        if group and not group_ids:
            raise typer.BadParameter(f"There is no group “{group}”.")
        query = CallQuery(
            since=since and datetime.combine(since, time(), zone),
            until=until and datetime.combine(until + timedelta(days=1), time(), zone),
            number=number,
            direction=direction,
            include_unheard=True,
            group_ids=frozenset(group_ids[:1] if group else ()),
            extension=extension,
        )
        _export(rooms, actor, query, ExportFormat(format, mixed, language), target)
    finally:
        rooms.close()


def _export(rooms: wiring.Rooms, actor: Actor, query: CallQuery, wanted: ExportFormat, target: Path) -> None:
    totals = count_calls(rooms.archive, actor, query)
    selection = CallSelection(query=query)
    if target.suffix.lower() == ".zip":
        size = _write_zip(target, zip_calls(rooms.archive, actor, selection, wanted))
        typer.echo(f"{target}: about {totals.calls} calls, {size} bytes")
        return
    problems: list[str] = []
    files = size = 0
    with _progress() as progress:
        task = progress.add_task("calls", total=totals.calls if totals.is_exact else None)
        last = ""
        for line in export_to_folder(rooms.archive, actor, selection, wanted, target):
            progress.advance(task, int(line.file.call_id != last))
            last = line.file.call_id
            files, size = files + bool(line.sha256), size + line.size_bytes
            if line.error:
                problems.append(f"{line.file.call_id}: {line.error}")
    typer.echo(f"{target}: {files} files, {size} bytes, {len(problems)} problems")
    _fail_if(problems)


def _write_zip(target: Path, pieces: Iterable[bytes]) -> int:
    part = target.with_name(target.name + ".part")
    size = 0
    try:
        with part.open("wb") as file, _progress() as progress:
            task = progress.add_task("MB", total=None)
            for piece in pieces:
                file.write(piece)
                size += len(piece)
                progress.update(task, completed=size // 1_000_000)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return size


def _verify(target: Path) -> None:
    files, bad = 0, []
    for name, is_good in check_export(target):
        files += 1
        if not is_good:
            bad.append(name)
    if bad:
        for name in bad[:_SHOWN]:
            typer.echo(f"{name}: missing or changed", err=True)
        raise ExportDiffers(f"{len(bad)} of {files} files are not what the manifest says.")
    typer.echo(f"{target}: {files} files, all as the manifest says")


def _fail_if(problems: list[str]) -> None:
    for one in problems[:_SHOWN]:
        typer.echo(one, err=True)
    if problems:
        raise typer.Exit(1)


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
