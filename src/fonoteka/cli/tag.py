"""`fonoteka tag`: the tags that calls can have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from fonoteka import archive
from fonoteka.archive import Archive
from fonoteka.cli.options import DataOption, TenantOption, command_line_of, settings_of
from fonoteka.cli.rooms import rooms_of
from fonoteka.domain.access import Actor
from fonoteka.domain.annotations import TagColour, TagUse
from fonoteka.domain.errors import TagNotFound

app = typer.Typer(help="Tags of calls.", no_args_is_help=True)

NameArgument = Annotated[
    str, typer.Argument(metavar="TAG", help="The tag's name, whatever its case, or its id.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.callback()
def tag() -> None:
    """Tags of calls."""


@app.command("list")
def list_(tenant: TenantOption = None, data: DataOption = None) -> None:
    """Print the tags: id, name, colour, on how many calls."""
    with _rooms(tenant, data) as (room, actor):
        for one in archive.list_tags(room, actor):
            typer.echo("\t".join((one.tag.id, one.tag.name, one.tag.colour, str(one.calls))))


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Its name.")],
    colour: Annotated[TagColour, typer.Option(help="Its colour.")] = TagColour.GREY,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Make a tag."""
    with _rooms(tenant, data) as (room, actor):
        typer.echo(archive.create_tag(room, actor, name, colour).id)


@app.command("save")
def save(
    tag: NameArgument,
    name: Annotated[str | None, typer.Option(help="Its new name.")] = None,
    colour: Annotated[TagColour | None, typer.Option(help="Its new colour.")] = None,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Give a tag another name or colour, on every call."""
    with _rooms(tenant, data) as (room, actor):
        archive.change_tag(room, actor, _known(room, actor, tag).tag.id, name, colour)


@app.command("merge")
def merge(
    tag: NameArgument,
    into: Annotated[str, typer.Argument(help="The tag that stays.")],
    yes: YesOption = False,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Put another tag in the place of this one, on every call."""
    with _rooms(tenant, data) as (room, actor):
        use, target = _known(room, actor, tag), _known(room, actor, into)
        _ask(yes, f"Put {target.tag.name} in the place of {use.tag.name} on {use.calls} calls?")
        archive.merge_tags(room, actor, use.tag.id, target.tag.id, use.calls or 0)


@app.command("delete")
def delete(
    tag: NameArgument, yes: YesOption = False, tenant: TenantOption = None, data: DataOption = None
) -> None:
    """Take a tag off every call, and away."""
    with _rooms(tenant, data) as (room, actor):
        use = _known(room, actor, tag)
        _ask(yes, f"Delete {use.tag.name} and take it off {use.calls} calls?")
        archive.delete_tag(room, actor, use.tag.id, use.calls or 0)


@contextmanager
def _rooms(tenant: str | None, data: Path | None) -> Iterator[tuple[Archive, Actor]]:
    with rooms_of(settings_of(data=data)) as rooms:
        yield rooms.archive, command_line_of(tenant)


def _known(room: Archive, actor: Actor, wanted: str) -> TagUse:
    """Raises `TagNotFound`."""
    uses = archive.list_tags(room, actor)
    known = next((one for one in uses if wanted in (one.tag.id, one.tag.name)), None)
    known = known or next((one for one in uses if one.tag.name.casefold() == wanted.strip().casefold()), None)
    if known is None:
        raise TagNotFound
    return known


def _ask(yes: bool, question: str) -> None:
    if not yes and not typer.confirm(question):
        raise typer.Exit(1)
