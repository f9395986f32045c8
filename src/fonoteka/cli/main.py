"""The `fonoteka` program: its commands, and how errors reach a person."""

from __future__ import annotations

import logging
import sys
from importlib import import_module

import pydantic
import typer
from rich.console import Console

from fonoteka import __version__
from fonoteka.domain.errors import FonotekaError

COMMANDS = (
    "serve",
    "demo",
    "call",
    "import",
    "doctor",
    "plan",
    "token",
    "user",
    "people",
    "tenant",
    "storage",
    "report",
    "hold",
    "tag",
    "export",
    "audit",
    "alert",
    "webhook",
    "speech",
    "topics",
    "db",
)
_FILES = {"import": "import_files"}
"""Commands whose file has another name, `import` being a word of Python."""
PARTS = ("recorder", "worker", "web")


def build_app(wanted: str = "") -> typer.Typer:
    """The program with all commands, or with the one named: the rooms of the others are not loaded then."""
    app = typer.Typer(
        name="fonoteka",
        help="A library of a company's phone calls: records SIPREC, keeps, finds, plays.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback(invoke_without_command=True)(root)
    known = (*COMMANDS, *PARTS)
    for name in (wanted,) if wanted in known else known:
        if name in PARTS:
            module = import_module(f"fonoteka.cli.{name}")
            app.command(name, hidden=True)(getattr(module, name))
            continue
        file = _FILES.get(name, name)
        module = import_module(f"fonoteka.cli.{file}")
        if isinstance(group := getattr(module, "app", None), typer.Typer):
            app.add_typer(group, name=name)
        else:
            app.command(name)(getattr(module, file))
    return app


def root(version: bool = typer.Option(False, "--version", help="Print the version and end.")) -> None:
    """A library of a company's phone calls: records SIPREC, keeps, finds, plays."""
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
        build_app(sys.argv[1] if len(sys.argv) > 1 else "")()
    except FonotekaError as error:
        error_console.print(f"[bold red]error[/] {error}  [dim]({error.code})[/]")
        sys.exit(1)
    except pydantic.ValidationError as error:
        for one in error.errors():
            name = ".".join(str(part) for part in one["loc"])
            error_console.print(f"[bold red]error[/] setting {name}: {one['msg']}  [dim](setting.invalid)[/]")
        sys.exit(1)
