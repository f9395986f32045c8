"""The overview: figures of a period for the heads of departments; each opens its calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from fonoteka import policy
from fonoteka.archive import ReportTable, call_report, report_csv
from fonoteka.domain.access import Actor
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.query import NOBODY, Became, CallerKind
from fonoteka.domain.report import Days, Report
from fonoteka.web import report_view
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text
from fonoteka.web.report_view import BLOCKS, Head
from fonoteka.web.visitor import Visitor

_GROUP_MAX = 100
_ROWS_MAX = 100


class Span(StrEnum):
    """Periods that can be chosen with one click, in the tenant's time zone."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    MONTH = "month"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    QUARTER = "quarter"
    YEAR = "year"

    def days(self, today: date) -> Days:
        """The days that are meant today."""
        back = {Span.WEEK: 7, Span.MONTH: 30, Span.QUARTER: 91, Span.YEAR: 365}
        if self in back:
            return Days(today - timedelta(days=back[self] - 1), today)
        if self is Span.THIS_MONTH:
            return Days(today.replace(day=1), today)
        if self is Span.LAST_MONTH:
            last = today.replace(day=1) - timedelta(days=1)
            return Days(last.replace(day=1), last)
        day = today if self is Span.TODAY else today - timedelta(days=1)
        return Days(day, day)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. Without days of its own, `span` counts."""

    head: Head
    span: Span | None
    days: Days
    group_id: str

    @classmethod
    def read(cls, request: Request, today: date) -> Asked:
        """What cannot be understood counts as not given."""
        given = request.query_params
        head = next((one for one in Head if one == given.get("for")), Head.SALES)
        span = next((one for one in Span if one == given.get("period")), None)
        first, last = _day(given.get("from", "")), _day(given.get("to", ""))
        group_id = given.get("group", "")[:_GROUP_MAX]
        if span is None and (first or last):
            days = Days(first or last or today, last or max(first or today, today))
            return cls(head, None, days, group_id)
        span = span or Span.MONTH
        return cls(head, span, span.days(today), group_id)

    def address(self, path: str = "/overview", **other: str) -> str:
        """`path` asked for the same, but for what is given otherwise."""
        own = {"for": self.head.value, "group": self.group_id}
        if self.span is None:
            own |= {"from": self.days.first.isoformat(), "to": self.days.last.isoformat()}
        else:
            own["period"] = self.span.value
        if "period" in other:
            own = {name: value for name, value in own.items() if name not in ("from", "to")}
        told = {name: value for name, value in (own | other).items() if value}
        return f"{path}?{urlencode(told)}"


def add_report_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/overview")
    def show_overview(request: Request) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        asked = Asked.read(request, today_of(desk, actor, visitor))
        try:
            report = call_report(desk.archive, actor, asked.days, asked.group_id)
        except RequestInvalid as error:
            told = problem_text(visitor.language, error)
            return desk.page(
                request,
                visitor,
                "overview.html",
                status_code=422,
                told=told,
                report=None,
                **_choices(asked),
            )
        return desk.page(
            request, visitor, "overview.html", told="", **_choices(asked), **_shown(report, asked, visitor)
        )

    @router.get("/overview/{table}.csv")
    def download(request: Request, table: ReportTable) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        asked = Asked.read(request, today_of(desk, actor, visitor))
        report = call_report(desk.archive, actor, asked.days, asked.group_id)
        name = f"{table}_{report.days.first}_{report.days.last}.csv"
        return Response(
            report_csv(report, table),
            media_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )


def _choices(asked: Asked) -> dict[str, object]:
    return {"asked": asked, "heads": tuple(Head), "spans": tuple(Span)}


def _shown(report: Report, asked: Asked, visitor: Visitor) -> dict[str, object]:
    formats = visitor.formats
    whole = report_view.filters_of(report, formats)
    return {
        "report": report,
        "blocks": BLOCKS[asked.head],
        "headlines": report_view.headlines(report, formats, whole),
        "chart": report_view.days_chart(report),
        "heat": report_view.heat_map(report),
        "whole": whole,
        "of_day": partial(report_view.of_day, whole),
        "of_cell": partial(report_view.of_cell, whole),
        "relative": partial(report_view.relative, formats),
        "exact_percent": partial(report_view.exact_percent, formats),
        "minutes": partial(report_view.minutes, formats),
        "agents": report.agents[:_ROWS_MAX],
        "groups": report.groups[:_ROWS_MAX],
        "Became": Became,
        "Direction": Direction,
        "CallerKind": CallerKind,
        "nobody": NOBODY,
        "width": report_view.WIDTH,
        "height": report_view.HEIGHT,
        "left": report_view.LEFT,
    }


def today_of(desk: Desk, actor: Actor, visitor: Visitor) -> date:
    """Today in the tenant's time zone."""
    zone = ZoneInfo(policy.own_tenant(desk.policy, actor).time_zone)
    return visitor.formats.now.astimezone(zone).date()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
