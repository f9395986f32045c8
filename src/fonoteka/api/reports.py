"""GET /reports: figures of a period, of the calls that one may see alone."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from fonoteka import archive
from fonoteka.api.authentication import SignedIn
from fonoteka.api.days import EXAMPLE_DAY, GivenDays
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import GROUP, PlainText
from fonoteka.api.rule_models import Given
from fonoteka.api.services import GivenServices
from fonoteka.archive import ReportTable

router = APIRouter(tags=["reports"])


class Span(Given):
    """Days of the tenant's time zone."""

    first: date = Field(description="The first day.", examples=[EXAMPLE_DAY])
    last: date = Field(description="The last day.", examples=["2026-04-24"])


class Figures(Given):
    """Sums over calls."""

    calls: int = Field(description="All calls.", examples=[8412])
    incoming: int = Field(description="Those from outside.", examples=[5120])
    outgoing: int = Field(description="Those to the outside.", examples=[2980])
    internal: int = Field(description="Those between own numbers.", examples=[312])
    answered: int = Field(description="Calls that somebody answered.", examples=[7900])
    missed: int = Field(description="Incoming calls that nobody answered.", examples=[214])
    unanswered: int = Field(description="Other calls that nobody answered.", examples=[298])
    talk_ms: int = Field(description="The length of the answered calls together.", examples=[1_990_800_000])
    wanted: int = Field(description="Calls that should have a recording.", examples=[7700])
    recorded: int = Field(description="Calls that have one.", examples=[7531])


class DayFigures(Given):
    """Figures of a day."""

    day: date = Field(description="The day.", examples=[EXAMPLE_DAY])
    figures: Figures = Field(description="Its figures.")


class HourFigures(Given):
    """Calls that began in an hour of a weekday, over all weeks of the period."""

    weekday: int = Field(description="0 is Monday.", examples=[1])
    hour: int = Field(description="0 to 23.", examples=[11])
    calls: int = Field(description="How many.", examples=[96])
    missed: int = Field(description="Incoming ones that nobody answered.", examples=[3])


class SubjectFigures(Given):
    """Figures of an extension or a group; a call of several counts for each."""

    id: str = Field(description="Its id; empty: of none.")
    label: str = Field(description="The extension's number or the group's name.", examples=["104"])
    name: str = Field(description="Whose extension it is.", examples=["Anna Lebedeva"])
    figures: Figures = Field(description="In the period.")
    before: Figures = Field(description="In the period before.")


class CallerFigures(Given):
    """Outside numbers that called."""

    new: int = Field(description="Numbers that had never called before the period.", examples=[214])
    new_calls: int = Field(description="Their calls.", examples=[260])
    known: int = Field(description="Numbers that had.", examples=[630])
    known_calls: int = Field(description="Their calls.", examples=[1290])


class SoundFigures(Given):
    """Bytes of recordings."""

    added_bytes: int = Field(description="Of the period's calls.")
    before_bytes: int = Field(description="Of the calls of the period before.")
    stored_bytes: int = Field(description="Everything stored now.")


class Report(Given):
    """All figures of a period that the asker may see."""

    days: Span = Field(description="The days.")
    zone: str = Field(description="The tenant's time zone.", examples=["Europe/Moscow"])
    group_id: str = Field(description="Of which group; empty: of all calls.")
    figures: Figures = Field(description="In the period.")
    before: Figures = Field(description="In as many days before.")
    by_day: tuple[DayFigures, ...] = Field(description="Each day.")
    by_day_before: tuple[DayFigures, ...] = Field(description="Each day of the period before.")
    by_hour: tuple[HourFigures, ...] = Field(description="Hours of the week that had calls.")
    agents: tuple[SubjectFigures, ...] = Field(description="Own extensions, most calls first.")
    groups: tuple[SubjectFigures, ...] = Field(description="Groups, most calls first.")
    callers: CallerFigures = Field(description="Who called.")
    callers_before: CallerFigures = Field(description="Who called in the period before.")
    sound: SoundFigures | None = Field(description="Null for who may not see the storage.")
    is_counting: bool = Field(
        description="Changes of the last moments, or of a great import, are not in it yet."
    )


@readable(router, "/reports/overview", operation_id="get_report", responses=problems(401, 403, 422))
def get_report(
    actor: SignedIn,
    services: GivenServices,
    days: GivenDays,
    group: Annotated[PlainText, GROUP] = "",
) -> Report:
    """Calls, answered and missed, by day, hour, agent and group, with the period before.

    Calls that one may not see are not counted.
    """
    return Report.model_validate(archive.call_report(services.archive, actor, days, group))


@readable(
    router,
    "/reports/overview.csv",
    operation_id="export_report",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **problems(401, 403, 422)},
)
def export_report(
    actor: SignedIn,
    services: GivenServices,
    days: GivenDays,
    table: Annotated[ReportTable, Query(description="Which table.")] = ReportTable.TOTALS,
    group: Annotated[PlainText, GROUP] = "",
) -> Response:
    """One table of the same as CSV: UTF-8 with a mark, semicolons, a first row of names."""
    report = archive.call_report(services.archive, actor, days, group)
    return Response(
        archive.report_csv(report, table),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{table}.csv"'},
    )
