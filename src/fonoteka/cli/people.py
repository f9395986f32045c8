"""`fonoteka people`: extensions, groups and trunks from and to CSV."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fonoteka import wiring
from fonoteka.cli.options import DataOption, TenantOption, command_line_of, settings_of
from fonoteka.domain.errors import PeopleInvalid
from fonoteka.policy import PeopleKind, Preview, export_people, import_people, preview_people

app = typer.Typer(help="Extensions, groups and trunks.", no_args_is_help=True)

_SHOWN_MAX = 20
_KIND = typer.Argument(help="What the file lists.")


@app.callback()
def people() -> None:
    """Extensions, groups and trunks."""


@app.command("export")
def export(
    kind: Annotated[PeopleKind, _KIND],
    file: Annotated[Path | None, typer.Argument(help="The file to write; none: standard output.")] = None,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Write all of a kind as CSV."""
    rooms = wiring.open_rooms(settings_of(data=data))
    written = export_people(rooms.policy, command_line_of(tenant), kind)
    rooms.close()
    if file is None:
        sys.stdout.buffer.write(written)
    else:
        file.write_bytes(written)


@app.command("import")
def import_(
    kind: Annotated[PeopleKind, _KIND],
    file: Annotated[
        Path, typer.Argument(help="CSV: UTF-8 or Windows-1251, commas or semicolons.", exists=True)
    ],
    remove_missing: Annotated[
        bool, typer.Option("--remove-missing", help="Remove what the file does not name.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Show what a CSV file would change, ask, and change it: all of it, or nothing."""
    actor, read = command_line_of(tenant), file.read_bytes()
    rooms = wiring.open_rooms(settings_of(data=data))
    try:
        preview = preview_people(rooms.policy, actor, kind, read, removes_missing=remove_missing)
        _show(preview)
        if preview.problems:
            raise PeopleInvalid(f"{preview.problem_count} lines cannot be imported; nothing was changed.")
        if yes or typer.confirm("Change this?"):
            import_people(rooms.policy, actor, kind, read, preview.digest, removes_missing=remove_missing)
    finally:
        rooms.close()


def _show(preview: Preview) -> None:
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for title, some in (
        ("added", preview.added),
        ("changed", tuple(now for _, now in preview.changed)),
        ("removed", preview.removed),
    ):
        names = [getattr(one, "number", "") or one.name for one in some[:_SHOWN_MAX]]
        more = ", …" if len(some) > _SHOWN_MAX else ""
        console.print(f"{title:>9}: {len(some)}  {', '.join(names)}{more}".rstrip())
    console.print(f"unchanged: {preview.unchanged}")
    for problem in preview.problems:
        console.print(f"line {problem.line}: {problem.text}")
