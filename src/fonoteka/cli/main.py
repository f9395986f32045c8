"""The `fonoteka` program: its commands, and how errors reach a person."""

from __future__ import annotations

import logging
import sys

import pydantic
import typer
from rich.console import Console

from fonoteka import __version__
from fonoteka.cli import call, demo, doctor, parts, serve, token
from fonoteka.domain.errors import FonotekaError

app = typer.Typer(
    name="fonoteka",
    help="A library of a company's phone calls: records SIPREC, keeps, finds, plays.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("call")(call.call)
app.command("doctor")(doctor.doctor)
app.add_typer(token.app, name="token")
for part in (parts.recorder, parts.worker, parts.web):
    app.command(part.__name__, hidden=True)(part)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help="Print the version and end.")) -> None:
    """Options of the program itself."""
    if version:
        typer.echo(f"fonoteka {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; typed errors become one line with a code, exit status 1."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    error_console = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        app()
    except FonotekaError as error:
        error_console.print(f"[bold red]error[/] {error}  [dim]({error.code})[/]")
        sys.exit(1)
    except pydantic.ValidationError as error:
        for one in error.errors():
            name = ".".join(str(part) for part in one["loc"])
            error_console.print(f"[bold red]error[/] setting {name}: {one['msg']}  [dim](setting.invalid)[/]")
        sys.exit(1)
