"""Insights: what conversations come to, and which calls are worth hearing."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from fonoteka.archive import insights
from fonoteka.archive.insights import InsightTable
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.insight import FIGURES_MIN, Insights, Metric, TopicTrend
from fonoteka.domain.report import Days
from fonoteka.web.desk import Desk
from fonoteka.web.insight_view import CHARTED, DOT_WIDTH, HEIGHT, LEFT, WIDTH, InsightView, calls_of
from fonoteka.web.problem_words import problem_text
from fonoteka.web.report_pages import Asked, Span, today_of
from fonoteka.web.report_view import filters_of
from fonoteka.web.visitor import Visitor

_AGENT_MAX = 40
_ROWS_MAX = 100
_WORTH_SHOWN = 6
_TOPICS_SHOWN = 8


def add_insight_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/insights")
    def show_insights(request: Request) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        asked = Asked.read(request, today_of(desk, actor, visitor))
        agent = request.query_params.get("agent", "")[:_AGENT_MAX]
        common = {"asked": asked, "spans": tuple(Span), "agent": agent}
        try:
            found = insights.talk_insights(desk.archive, actor, asked.days, asked.group_id)
        except RequestInvalid as error:
            told = problem_text(visitor.language, error)
            return desk.page(
                request, visitor, "insights.html", status_code=422, told=told, found=None, **common
            )
        shown = _shown(desk, actor, visitor, found, asked, request)
        return desk.page(request, visitor, "insights.html", told="", **common, **shown)

    @router.get("/insights/worth-hearing.csv")
    def download_worth(request: Request) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        asked = Asked.read(request, today_of(desk, actor, visitor))
        agent = request.query_params.get("agent", "")[:_AGENT_MAX]
        page = insights.worth_hearing(
            desk.archive, actor, asked.days, asked.group_id, agent, insights.WORTH_MAX
        )
        return _csv(insights.worth_csv(page), "worth-hearing", asked.days)

    @router.get("/insights/topics.csv")
    def download_topics(request: Request) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        asked = Asked.read(request, today_of(desk, actor, visitor))
        found = insights.topic_trends(desk.archive, actor, asked.days, asked.group_id)
        return _csv(insights.topics_csv(found), "topics", asked.days)

    @router.get("/insights/{table}.csv")
    def download(request: Request, table: InsightTable) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        asked = Asked.read(request, today_of(desk, actor, visitor))
        found = insights.talk_insights(desk.archive, actor, asked.days, asked.group_id)
        return _csv(insights.insights_csv(found, table), table, asked.days)


def _csv(content: bytes, name: str, days: Days) -> Response:
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}_{days.first}_{days.last}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _trends(desk: Desk, actor: Actor, asked: Asked) -> tuple[TopicTrend, ...]:
    if not may(actor, Permission.RECORDING_LISTEN, actor.tenant_id):
        return ()
    return insights.topic_trends(desk.archive, actor, asked.days, asked.group_id)[:_TOPICS_SHOWN]


def _shown(
    desk: Desk, actor: Actor, visitor: Visitor, found: Insights, asked: Asked, request: Request
) -> dict[str, object]:
    given = request.query_params
    agent, wants_all = given.get("agent", "")[:_AGENT_MAX], given.get("worth") == "all"
    metric = next((one for one in CHARTED if one == given.get("show")), CHARTED[0])
    view = InsightView(found, visitor.formats)
    limit = insights.WORTH_MAX if wants_all else _WORTH_SHOWN
    page = insights.worth_hearing(desk.archive, actor, asked.days, asked.group_id, agent, limit)
    whole = filters_of(found, visitor.formats)
    return {
        "found": found,
        "view": view,
        "page": page,
        "worth": view.worth(page.items),
        "trends": _trends(desk, actor, asked),
        "wants_all": wants_all,
        "metric": metric,
        "line": view.line(metric),
        "agents": found.agents[:_ROWS_MAX],
        "chosen": next((one for one in found.agents if one.label == agent), None),
        "whole": whole,
        "calls_of": partial(calls_of, whole),
        "Metric": Metric,
        "charted": CHARTED,
        "figures_min": FIGURES_MIN,
        "has_talks": found.sums.talks or found.before.talks or page.found,
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "dot_width": DOT_WIDTH,
    }
