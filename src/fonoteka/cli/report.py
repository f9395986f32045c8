"""`fonoteka report`: figures of a period as CSV, and the proof that they are right."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from fonoteka.archive import Archive, ReportTable, call_report, check_reports, report_csv
from fonoteka.archive.insights import (
    WORTH_MAX,
    InsightTable,
    insights_csv,
    talk_insights,
    topic_trends,
    topics_csv,
    worth_csv,
    worth_hearing,
)
from fonoteka.archive.scores import ScoreTable, score_results, scores_csv
from fonoteka.cli.options import DataOption, TenantOption, command_line_of, settings_of
from fonoteka.cli.rooms import rooms_of
from fonoteka.domain.access import Actor
from fonoteka.domain.report import Days

app = typer.Typer(help="Figures of calls, and whether they are right.", no_args_is_help=True)

_Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="In the tenant's time zone.")]


@app.callback()
def report() -> None:
    """Figures of calls, and whether they are right."""


@app.command("export")
def export(
    since: _Day,
    until: _Day,
    table: Annotated[ReportTable, typer.Option(help="Which table.")] = ReportTable.TOTALS,
    group: Annotated[str, typer.Option(help="A group's id.")] = "",
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Write a table of the days from SINCE to UNTIL (included) as CSV."""
    days = Days(since.date(), until.date())
    _write(data, tenant, lambda archive, actor: report_csv(call_report(archive, actor, days, group), table))


@app.command("insights")
def export_insights(
    since: _Day,
    until: _Day,
    table: Annotated[InsightTable, typer.Option(help="Which table.")] = InsightTable.AGENTS,
    group: Annotated[str, typer.Option(help="A group's id.")] = "",
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Write figures of the conversations of the days from SINCE to UNTIL (included) as CSV."""
    days = Days(since.date(), until.date())
    _write(
        data, tenant, lambda archive, actor: insights_csv(talk_insights(archive, actor, days, group), table)
    )


@app.command("worth-hearing")
def export_worth(
    since: _Day,
    until: _Day,
    group: Annotated[str, typer.Option(help="A group's id.")] = "",
    agent: Annotated[str, typer.Option(help="An own number.")] = "",
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Write the calls of the days from SINCE to UNTIL (included) that are worth hearing, as CSV."""
    days = Days(since.date(), until.date())
    _write(
        data,
        tenant,
        lambda archive, actor: worth_csv(worth_hearing(archive, actor, days, group, agent, WORTH_MAX)),
    )


@app.command("topics")
def export_topics(
    since: _Day,
    until: _Day,
    group: Annotated[str, typer.Option(help="A group's id.")] = "",
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Write how many calls of the days from SINCE to UNTIL (included) had each topic, as CSV."""
    days = Days(since.date(), until.date())
    _write(data, tenant, lambda archive, actor: topics_csv(topic_trends(archive, actor, days, group)))


@app.command("scores")
def export_scores(
    since: _Day,
    until: _Day,
    table: Annotated[ScoreTable, typer.Option(help="Which table.")] = ScoreTable.AGENTS,
    group: Annotated[str, typer.Option(help="A group's id.")] = "",
    form: Annotated[str, typer.Option(help="A form's id.")] = "",
    tenant: TenantOption = None,
    data: DataOption = None,
) -> None:
    """Write what scorecards of the calls from SINCE to UNTIL (included) come to, as CSV."""
    days = Days(since.date(), until.date())
    _write(
        data,
        tenant,
        lambda archive, actor: scores_csv(score_results(archive, actor, days, group, form), table),
    )


@app.command("check")
def check(
    mend: Annotated[bool, typer.Option("--mend", help="Count anew what is wrong.")] = False,
    data: DataOption = None,
) -> None:
    """Recount every hour from its calls. Exit status 1 when something is wrong and stays."""
    with rooms_of(settings_of(data=data)) as rooms:
        checks = check_reports(rooms.archive, mend=mend)
    for one in checks:
        told = "right" if one.is_right else f"{len(one.wrong_hours)} wrong"
        if one.is_right or one.is_summed:
            typer.echo(f"{one.tenant_id}: {one.hours} hours, {told}")
        else:
            typer.echo(f"{one.tenant_id}: {one.hours} hours, {told}; sums or callers wrong")
    if not mend and not all(one.is_right for one in checks):
        raise typer.Exit(1)


def _write(data: DataOption, tenant: TenantOption, csv_of: Callable[[Archive, Actor], bytes]) -> None:
    with rooms_of(settings_of(data=data)) as rooms:
        sys.stdout.buffer.write(csv_of(rooms.archive, command_line_of(tenant)))
