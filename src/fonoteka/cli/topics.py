"""`fonoteka topics`: phrase dictionaries, tried, taken from one installation to another, read for anew."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from fonoteka import archive
from fonoteka.cli.options import DataOption, TenantOption, command_line_of, settings_of
from fonoteka.cli.rooms import rooms_of
from fonoteka.domain.access import Actor
from fonoteka.domain.errors import ImportInvalid
from fonoteka.domain.query import CallQuery
from fonoteka.domain.running import last_beat
from fonoteka.domain.topic_notation import parse_phrases
from fonoteka.domain.topics import WORDED
from fonoteka.settings import Settings
from fonoteka.speech import topics
from fonoteka.wiring import Rooms

app = typer.Typer(help="Topics: phrases that calls are read for.", no_args_is_help=True)
_POLL_S = 0.5
_FILE_BYTES_MAX = 20_000_000
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file; - is standard input.")]


@app.callback()
def topics_() -> None:
    """Topics: phrases that calls are read for."""


@app.command("list")
def list_(tenant: TenantOption = None, data: DataOption = None) -> None:
    """Print the topics: id, name, whether calls are read for it, whether it alerts, how many phrases."""
    with _rooms(tenant, data) as (_, rooms, actor):
        for one in topics.list_topics(rooms.speech, actor):
            state = "active" if one.is_active else "off"
            told = "alerts" if one.alerts else "-"
            typer.echo("\t".join((one.id, one.name, state, told, str(len(parse_phrases(one.phrases))))))


@app.command("try")
def try_(
    file: FileArgument,
    calls: Annotated[int, typer.Option(min=1, max=200, help="On how many of the newest calls.")] = 100,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Print what the phrases of a file would find: call, second, line, who says it, the words."""
    text = _text(file)
    with _rooms(tenant, data) as (_, rooms, actor):
        query = CallQuery(topic_ids=frozenset({WORDED}), include_unheard=True)
        found = archive.find_calls(rooms.archive, actor, query, limit=calls).items
        trial = topics.try_phrases(rooms.speech, actor, found, text)
    for one in trial.places:
        at = f"{one.snippet.since_ms / 1000:.1f}"
        typer.echo("\t".join((one.call.id, at, str(one.line), one.speaker.value, one.snippet.hit)))
    typer.echo(f"{trial.found} of {trial.with_words} calls", err=True)


@app.command("export")
def export(tenant: TenantOption = None, data: DataOption = None) -> None:
    """Print all topics as JSON, for `import`."""
    with _rooms(tenant, data) as (_, rooms, actor):
        told = [
            {
                "name": one.name,
                "description": one.description,
                "phrases": one.phrases.split("\n"),
                "is_active": one.is_active,
                "alerts": one.alerts,
            }
            for one in topics.list_topics(rooms.speech, actor)
        ]
    typer.echo(json.dumps({"topics": told}, ensure_ascii=False, indent=2))


@app.command("import")
def import_(
    file: FileArgument,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Make the topics of a file that `export` printed, or change those of the same names."""
    contents = _contents(_text(file))
    with _rooms(tenant, data) as (_, rooms, actor):
        for name, what in topics.put_topics(rooms.speech, actor, contents, dry_run=dry_run):
            typer.echo(f"{what}\t{name}")


@app.command("rerun")
def rerun(
    wait: Annotated[bool, typer.Option(help="Stay and show how far it is.")] = True,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Have all calls read anew; the workers do it behind all new calls. A changed topic does so by itself."""
    with _rooms(tenant, data) as (settings, rooms, actor):
        total = topics.reread_calls(rooms.speech, actor)
        typer.echo(f"{total} recordings are to be read")
        if not wait or not total:
            return
        if last_beat(settings.folder.run / "worker.json") is None:
            typer.echo("No worker runs on this data folder; they are read when one does.")
            return
        columns = (TextColumn("reading"), BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("", total=total)
            while left := topics.calls_to_reread(rooms.speech, actor):
                progress.update(task, completed=max(0, total - left))
                time.sleep(_POLL_S)
            progress.update(task, completed=total)


@app.command("status")
def status(tenant: TenantOption = None, data: DataOption = None) -> None:
    """Print how many recordings are still to be read for the topics as they are now."""
    with _rooms(tenant, data) as (_, rooms, actor):
        typer.echo(f"to read: {topics.calls_to_reread(rooms.speech, actor)}")


def _text(file: Path) -> str:
    try:
        raw = sys.stdin.buffer.read(_FILE_BYTES_MAX + 1) if str(file) == "-" else file.read_bytes()
        if len(raw) > _FILE_BYTES_MAX:
            raise ImportInvalid(f"A file of topics has at most {_FILE_BYTES_MAX} bytes.")
        return raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ImportInvalid(f"{file}: {error}") from error


def _contents(text: str) -> list[topics.TopicContent]:
    try:
        value = json.loads(text)
        return [_content(one) for one in value["topics"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ImportInvalid(f"The file is none that `fonoteka topics export` printed: {error!r}") from error


def _content(value: dict[str, Any]) -> topics.TopicContent:
    texts = (value["name"], value.get("description", ""), "\n".join(value["phrases"]))
    flags = (value.get("is_active", True), value.get("alerts", False))
    if not all(isinstance(one, str) for one in texts) or not all(isinstance(one, bool) for one in flags):
        raise TypeError("texts and true or false are wanted")
    return topics.TopicContent(*texts, *flags)


@contextmanager
def _rooms(tenant: str | None, data: Path | None) -> Iterator[tuple[Settings, Rooms, Actor]]:
    settings = settings_of(data=data)
    with rooms_of(settings) as rooms:
        yield settings, rooms, command_line_of(tenant)
