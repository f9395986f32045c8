"""`fonoteka speech models`: local models listed, fetched, verified, used. Nothing else ever fetches one."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from fonoteka.cli.options import DataOption, settings_of
from fonoteka.domain.errors import ModelInvalid
from fonoteka.speech.engines.engine import EngineConfig, EngineKind
from fonoteka.speech.engines.onnx_asr import OnnxAsr
from fonoteka.speech.model_catalogue import CATALOGUE
from fonoteka.speech.model_hub import HUB, pull_model
from fonoteka.speech.models import (
    ABOUT_NAME,
    ANY_LANGUAGE,
    describe_model,
    installed_models,
    models_in_use,
    read_model,
    use_model,
    verify_model,
)

app = typer.Typer(help="Local speech models.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A model's name.")]


@app.callback()
def models() -> None:
    """Local speech models."""


@app.command("list")
def list_(data: DataOption = None) -> None:
    """Print the models that are here, that are used, and that can be pulled."""
    folder = settings_of(data=data).folder.models
    here = {one.name: one for one in installed_models(folder)}
    used = models_in_use(folder)
    for one in here.values():
        languages = ", ".join(sorted(language for language, name in used.items() if name == one.name))
        typer.echo(f"{one.name}: here, {one.kind}" + (f", used for {languages}" if languages else ""))
    for known in CATALOGUE:
        if known.name not in here:
            languages = ", ".join(known.languages)
            typer.echo(f"{known.name}: can be pulled, {known.megabytes} MB, {languages}, {known.licence}")


@app.command("pull")
def pull(
    name: NameArgument,
    hub: Annotated[str, typer.Option(help="Address of the hub, or of a mirror.")] = HUB,
    data: DataOption = None,
) -> None:
    """Fetch a model, compare checksums; what was cut off goes on where it was."""
    folder = settings_of(data=data).folder.models
    columns = (TextColumn(name), BarColumn(24), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=None)
        pull_model(folder, name, hub, lambda done, total: progress.update(task, completed=done, total=total))
    typer.echo(f"{name} is in {folder / name}; use it with: fonoteka speech models use {name}")


@app.command("verify")
def verify(name: NameArgument, data: DataOption = None) -> None:
    """Compare a model's files with their checksums. Exit status 1 when one differs."""
    wrong = verify_model(read_model(settings_of(data=data).folder.models, name))
    for one in wrong:
        typer.echo(one)
    if wrong:
        raise typer.Exit(1)
    typer.echo(f"{name} is whole")


@app.command("use")
def use(
    name: NameArgument,
    language: Annotated[
        str, typer.Option(help="Which calls: ru, en, …; * is every language without a model of its own.")
    ] = "",
    kind: Annotated[
        str, typer.Option(help="What a folder of your own holds, as onnx-asr names it (t-one-ctc, …).")
    ] = "",
    quantization: Annotated[str, typer.Option(help="Of a folder of your own: int8, or nothing.")] = "",
    data: DataOption = None,
) -> None:
    """Load a model to see that it works, and use it from the next call on."""
    settings = settings_of(data=data)
    folder = settings.folder.models
    if kind and (folder / name).is_dir():
        describe_model(folder / name, kind, quantization)
    elif (folder / name).is_dir() and not (folder / name / ABOUT_NAME).exists():
        raise ModelInvalid(f"{folder / name} does not say what it is: name its --kind.")
    model = read_model(folder, name)
    OnnxAsr(model, EngineConfig(EngineKind.ONNX_ASR, folder), "")
    known = next((one for one in CATALOGUE if one.name == name), None)
    for one in (language,) if language else known.languages if known else (ANY_LANGUAGE,):
        use_model(folder, model, one)
        typer.echo(f"{name} is used for {'any language' if one == ANY_LANGUAGE else one}")
    if settings.transcript_engine != EngineKind.ONNX_ASR:
        typer.echo(f"transcript_engine is “{settings.transcript_engine}”: local models rest.")
