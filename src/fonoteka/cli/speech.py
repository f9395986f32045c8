"""`fonoteka speech`: the back archive analysed again, and what waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from fonoteka.cli.options import DataOption, settings_of
from fonoteka.cli.rooms import rooms_of
from fonoteka.cli.speech_models import app as models_app
from fonoteka.domain.running import last_beat
from fonoteka.settings import Settings
from fonoteka.speech import RerunScope, SpeechRoom, order_again, speech_progress, unsearchable

app = typer.Typer(help="What machines find out of recordings.", no_args_is_help=True)

app.add_typer(models_app, name="models")

_POLL_S = 0.5


@app.callback()
def speech() -> None:
    """What machines find out of recordings."""


@app.command("rerun")
def rerun(
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Recordings of this day (UTC) or later.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Recordings before this day (UTC).")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what this version has analysed already.")
    ] = False,
    wait: Annotated[bool, typer.Option(help="Stay and show how far it is.")] = True,
    tenant: Annotated[
        str | None, typer.Option("--tenant", metavar="ID", help="Whose.", show_default="all")
    ] = None,
    data: DataOption = None,
) -> None:
    """Analyse the back archive; the workers do it behind all new calls. May be interrupted at any time."""
    scope = RerunScope(tenant, _utc(since), _utc(until), everything)
    with _room(data) as (settings, room):
        ordered = order_again(room, scope)
        typer.echo(f"{ordered} recordings are to be analysed")
        if not wait or not ordered:
            return
        if last_beat(settings.folder.run / "worker.json") is None:
            typer.echo("No worker runs on this data folder; they are analysed when one does.")
            return
        _show(room)


@app.command("status")
def status(data: DataOption = None) -> None:
    """Print how many recordings wait to be analysed, and how many transcripts no search finds yet."""
    with _room(data) as (_, room):
        waiting, unfound = speech_progress(room), unsearchable(room)
    typer.echo(f"new: {waiting.new}; back-log: {waiting.backlog}; not yet searchable: {unfound}")


def _show(room: SpeechRoom) -> None:
    total = speech_progress(room).backlog
    columns = (TextColumn("analysing"), BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total)
        while left := speech_progress(room).backlog:
            progress.update(task, completed=max(0, total - left))
            time.sleep(_POLL_S)
        progress.update(task, completed=total)


def _utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)


@contextmanager
def _room(data: DataOption) -> Iterator[tuple[Settings, SpeechRoom]]:
    settings = settings_of(data=data)
    with rooms_of(settings) as rooms:
        yield settings, rooms.speech
