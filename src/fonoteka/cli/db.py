"""`fonoteka db`: the database looked at, brought up to date, copied into another."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from fonoteka.cli.options import DataOption, settings_of
from fonoteka.domain.running import only_one
from fonoteka.settings import Settings
from fonoteka.store import CopiedTable, Store

app = typer.Typer(help="The database: looked at, brought up to date, copied.", no_args_is_help=True)


@app.callback()
def db() -> None:
    """The database: looked at, brought up to date, copied."""


@app.command("status")
def status(data: DataOption = None) -> None:
    """Print which database is used, the state of its tables and how many rows they have."""
    store = Store.open(settings_of(data=data).sqlalchemy_url)
    state = store.state()
    store.close()
    typer.echo(f"database: {state.address}")
    if state.revision is None:
        typer.echo("tables: none yet; `fonoteka db migrate` or the first start makes them")
        return
    typer.echo(f"revision: {state.revision} of {state.newest_revision}")
    typer.echo(
        f"rows: {state.rows}" if state.rows is not None else "rows: not counted before `fonoteka db migrate`"
    )


@app.command("migrate")
def migrate(data: DataOption = None) -> None:
    """Bring the tables up to this version, as every start does; all of it or nothing."""
    store = Store.open(settings_of(data=data).sqlalchemy_url)
    before = store.state().revision
    store.migrate()
    after = store.state().revision
    store.close()
    typer.echo(f"revision: {after}" + (" already" if before == after else f", was {before or 'none'}"))


@app.command("copy")
def copy(
    target: Annotated[
        str, typer.Argument(metavar="URL", help="postgresql://USER:PASSWORD@HOST/DATABASE, empty.")
    ],
    data: DataOption = None,
) -> None:
    """Copy the database into an empty one, compare both, and say what to set. Fonoteka must not run."""
    settings = settings_of(data=data)
    run = settings.folder.run
    with only_one(run / "serve.lock"), only_one(run / "worker.lock"), only_one(run / "web.lock"):
        done, address = _copy(settings, target)
    _show(done)
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"Copied and compared. Now set [bold]database_url[/] in {settings.data / 'fonoteka.toml'} to"
    )
    console.print(f"the address you gave ({address}), or FONOTEKA_DATABASE_URL, and start Fonoteka.")
    console.print("Keep the old database until you have seen your calls. Audio has stayed where it is.")


def _copy(settings: Settings, target: str) -> tuple[tuple[CopiedTable, ...], str]:
    source, to = Store.open(settings.sqlalchemy_url), Store.open(target)
    source.migrate()
    to.migrate()
    rows = source.state().rows
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("copying", total=rows)
        done = source.copy_to(to, lambda table, more: bar.update(task, advance=more, description=table))
    address = to.state().address
    source.close()
    to.close()
    return done, address


def _show(done: tuple[CopiedTable, ...]) -> None:
    table = Table("table", "rows", "checksum, in both", box=None)
    for one in done:
        table.add_row(one.name, str(one.rows), one.checksum)
    Console(soft_wrap=True).print(table)
