"""`fonoteka doctor`: is this machine fit, and if not, what to do."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from fonoteka.cli.checks import CHECKS
from fonoteka.cli.finding import Finding, Verdict
from fonoteka.cli.options import DataOption, HttpOption, SipOption
from fonoteka.settings import load_settings

_SIGNS = {Verdict.GOOD: "[green]✓[/]", Verdict.WARN: "[yellow]![/]", Verdict.BAD: "[bold red]✗[/]"}


def doctor(
    data: DataOption = None,
    http: HttpOption = None,
    sip: SipOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Findings as JSON.")] = False,
) -> None:
    """Check folders, ports, disk, clock, libraries, database, objects; exit status 1 if one is wrong."""
    settings = load_settings(data=data, http=http, sip=sip)
    findings = [finding for check in CHECKS for finding in check(settings)]
    if as_json:
        typer.echo(json.dumps([_plain(finding) for finding in findings], ensure_ascii=False))
    else:
        _show(findings)
    sys.exit(1 if any(finding.verdict is Verdict.BAD for finding in findings) else 0)


def _show(findings: list[Finding]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for finding in findings:
        console.print(f"{_SIGNS[finding.verdict]} {finding.subject}: {finding.fact}")
        if finding.advice:
            console.print(f"    {finding.advice}")


def _plain(finding: Finding) -> dict[str, str]:
    return {
        "subject": finding.subject,
        "verdict": finding.verdict.value,
        "fact": finding.fact,
        "advice": finding.advice,
    }
