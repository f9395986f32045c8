"""`fonoteka import`: take in recordings that others made."""

from __future__ import annotations

import json
import logging
import signal
import threading
from contextlib import ExitStack
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from fonoteka import wiring
from fonoteka.cli.options import DataOption, command_line_of, settings_of
from fonoteka.connectors.folder import (
    CdrClock,
    FolderConfig,
    Importer,
    ImportReport,
    Reconciler,
    Reconciliation,
    remove_abandoned,
    survey,
)
from fonoteka.domain.call import DEFAULT_TENANT_ID, CallOutcome
from fonoteka.domain.people import Tenant
from fonoteka.domain.running import last_beat
from fonoteka.policy import directory
from fonoteka.settings import Settings

_PROBLEMS_SHOWN = 20
_PATIENCE_WITHOUT_WORKER_S = 60.0


def import_files(
    path: Annotated[Path, typer.Argument(help="Folder of recordings (with all below it), or one file.")],
    pattern: Annotated[
        str,
        typer.Option(
            help="How the files are named: '{date:%Y%m%d}-{time:%H%M%S}-{calling}-{called}.wav'.",
            show_default="as FreePBX names them",
        ),
    ] = "",
    cdr: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The PBX's call detail records (CSV).")
    ] = None,
    sidecar: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Table (CSV or JSON) that describes the files.")
    ] = None,
    time_zone: Annotated[
        str,
        typer.Option(
            metavar="ZONE", help="Time zone of the times in names and tables.", show_default="the tenant's"
        ),
    ] = "",
    shift: Annotated[
        str, typer.Option(metavar="TIME", help="Added to all times, for a clock that was off: -3h.")
    ] = "0s",
    channels: Annotated[
        str, typer.Option(metavar="PARTIES", help="Who is heard on the channels of stereo files.")
    ] = "calling,called",
    tenant: Annotated[
        str, typer.Option(metavar="ID", help="The tenant whose calls they are.")
    ] = DEFAULT_TENANT_ID,
    allow_unknown: Annotated[
        bool, typer.Option("--allow-unknown", help="Take calls of which no number is known, too.")
    ] = False,
    cdr_since: Annotated[
        datetime | None,
        typer.Option(
            metavar="DAY",
            formats=["%Y-%m-%d"],
            help="First day of the CDR that is held against the ledger.",
            show_default="all days",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would come in and what would not.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as one JSON object on stdout.")] = False,
    data: DataOption = None,
) -> None:
    """Import recordings: FreePBX's tree, files with a table beside them, or files named by a pattern.

    The files stay where they are and as they are. Broken off or run again, it takes in what is missing and
    nothing twice. With --cdr the calls of the CDR are held against the ledger afterwards: those that should
    have a recording and have none become rows of it. Exit status 1 when something was left out or left over,
    or a recording is missing.
    """
    settings = settings_of(data=data)
    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    # What a decoder thinks of broken files is in the report, in fewer words.
    logging.getLogger("libav").setLevel(logging.CRITICAL)
    config = FolderConfig(
        path=path,
        tenant=tenant,
        pattern=pattern,
        cdr=cdr,
        sidecar=sidecar,
        time_zone=time_zone,
        shift=shift,
        channels=channels,
        allow_unknown=allow_unknown,
    )
    config.check()
    config = config.of_tenant(_tenant(settings, tenant))
    is_worked = last_beat(settings.folder.run / "worker.json") is not None
    importer = config.importer(
        settings, dry_run=dry_run, patience_s=None if is_worked else _PATIENCE_WITHOUT_WORKER_S
    )
    if not dry_run:
        remove_abandoned(settings.folder)
    report = _run(importer, path, console)
    found = None
    if cdr is not None and report.is_whole:
        since = cdr_since.replace(tzinfo=config.zone()) if cdr_since else None
        found = _reconcile(settings, config, report, since, dry_run)
    if as_json:
        ledger = {} if found is None else {"ledger": found.to_json()}
        typer.echo(
            json.dumps({**report.to_json(), **ledger, "dry_run": dry_run}, ensure_ascii=False, indent=1)
        )
    else:
        _tell(report, console, is_worked, dry_run)
        if found is not None:
            _tell_ledger(found, console, config.zone())
    if report.problems or not report.is_whole or (found and found.lacking):
        raise typer.Exit(1)


def _tenant(settings: Settings, tenant_id: str) -> Tenant:
    """Raises `PeopleNotFound`: a slip here would put calls where nobody looks for them."""
    rooms = wiring.open_rooms(settings)
    try:
        return directory(rooms.policy, command_line_of(tenant_id)).tenant
    finally:
        rooms.close()


def _run(importer: Importer, path: Path, console: Console) -> ImportReport:
    """Import under a progress bar; Ctrl-C ends it after the file in hand."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(30),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    stopping = threading.Event()
    with ExitStack() as stack:
        previous = signal.signal(signal.SIGINT, lambda *_: stopping.set())
        stack.callback(signal.signal, signal.SIGINT, previous)
        bar = stack.enter_context(
            Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        )
        name = escape(path.name.encode("utf-8", "replace").decode()) or "files"
        task = bar.add_task(name, total=survey(importer.planner.root, importer.data).files, note="")

        def advance(report: ImportReport) -> None:
            note = "waiting for the worker" if report.waiting else ""
            left_out = sum(report.problem_counts.values())
            bar.update(
                task, completed=report.files, note=note or (f"{left_out} left out" if left_out else "")
            )

        return importer.run(advance, stopping)


def _reconcile(
    settings: Settings, config: FolderConfig, report: ImportReport, since: datetime | None, dry_run: bool
) -> Reconciliation:
    assert config.cdr is not None
    rooms = wiring.open_rooms(settings)
    try:
        return Reconciler(
            config.tenant,
            CdrClock(config.zone(), config.clock_shift()),
            wiring.build_announce(settings, rooms),
            frozenset(report.met),
            since,
            dry_run,
        ).run(config.cdr)
    finally:
        rooms.close()


def _tell_ledger(found: Reconciliation, console: Console, zone: tzinfo) -> None:
    unwanted = found.outcomes[CallOutcome.SKIPPED] + found.outcomes[CallOutcome.NOT_KEPT]
    console.print(
        f"The CDR tells of [bold]{found.calls}[/] calls: {found.recorded} have a recording,"
        f" {found.outcomes[CallOutcome.MISSED]} were not answered,"
        f" {unwanted} the rules did not want."
    )
    if not found.lacking:
        console.print("[green]None is missing.[/]")
        return
    console.print(
        f"[yellow]{found.lacking} have no recording[/] and should have one; all of them with --json:"
    )
    for one in found.examples[:_PROBLEMS_SHOWN]:
        numbers = escape(" → ".join(one.numbers))
        console.print(
            f"  {one.started_at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {numbers}  [dim]{one.external_id}[/]"
        )
    if found.lacking > _PROBLEMS_SHOWN:
        console.print(f"  … and {found.lacking - _PROBLEMS_SHOWN} more")


def _tell(report: ImportReport, console: Console, is_worked: bool, dry_run: bool) -> None:
    would = "would come in" if dry_run else "came in"
    console.print(
        f"[bold]{report.imported_calls}[/] calls {would} (from {report.imported_files} files),"
        f" {report.known_files} files were known already, {report.others} are no recordings."
    )
    for note in report.notes():
        console.print(f"[yellow]note[/] {note}")
    left_out = sum(report.problem_counts.values())
    if left_out:
        console.print(f"[yellow]{left_out} left out[/]; all of them with --json:")
    for problem in report.problems[:_PROBLEMS_SHOWN]:
        shown = problem.path if problem.path.isprintable() else repr(problem.path)
        console.print(f"  {escape(shown)}  [dim]{problem.code}[/]  {escape(problem.detail)}")
    if left_out > _PROBLEMS_SHOWN:
        console.print(f"  … and {left_out - _PROBLEMS_SHOWN} more")
    if not report.is_whole:
        console.print("[yellow]Broken off[/]; the same command goes on from here.")
    if not is_worked and not dry_run and report.imported_calls:
        console.print("No worker is running: `fonoteka serve` makes the calls playable.")
