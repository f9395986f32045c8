"""GET /insights: what conversations come to, and which calls are worth hearing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from fonoteka.api import insight_models as models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.days import GivenDays
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import GROUP, PlainText
from fonoteka.api.services import GivenServices
from fonoteka.archive import insights
from fonoteka.archive.insights import InsightTable

router = APIRouter(tags=["insights"])
_CSV: dict[int | str, dict[str, object]] = {200: {"content": {"text/csv": {}}}}

Group = Annotated[PlainText, GROUP]
Agent = Annotated[PlainText, Query(description="Only of this own number.", max_length=100, examples=["104"])]
Limit = Annotated[int, Query(description="How many calls at most.", ge=1, le=insights.WORTH_MAX)]


@readable(router, "/insights/talk", operation_id="get_insights", responses=problems(401, 403, 422))
def get_insights(
    actor: SignedIn, services: GivenServices, days: GivenDays, group: Group = ""
) -> models.TalkInsights:
    """Figures of conversations by agent, group and day, with the period before and the agents' quartiles.

    Only of numbers within reach: an agent's own.
    """
    found = insights.talk_insights(services.archive, actor, days, group)
    return models.TalkInsights.of(found)


@readable(
    router,
    "/insights/talk.csv",
    operation_id="export_insights",
    response_class=Response,
    responses={**_CSV, **problems(401, 403, 422)},
)
def export_insights(
    actor: SignedIn,
    services: GivenServices,
    days: GivenDays,
    table: Annotated[InsightTable, Query(description="Which table.")] = InsightTable.AGENTS,
    group: Group = "",
) -> Response:
    """One table of the same as CSV: UTF-8 with a mark, semicolons, a first row of names."""
    found = insights.talk_insights(services.archive, actor, days, group)
    return _file(insights.insights_csv(found, table), f"insights-{table}.csv")


@readable(
    router, "/insights/worth-hearing", operation_id="find_worth_hearing", responses=problems(401, 403, 422)
)
def find_worth_hearing(
    actor: SignedIn,
    services: GivenServices,
    days: GivenDays,
    group: Group = "",
    agent: Agent = "",
    limit: Limit = 20,
) -> models.WorthCalls:
    """Calls that are worth hearing, the weightiest first, with their reasons and moments."""
    page = insights.worth_hearing(services.archive, actor, days, group, agent, limit)
    return models.WorthCalls.of(page)


@readable(router, "/insights/topics", operation_id="get_topic_trends", responses=problems(401, 403, 422))
def get_topic_trends(
    actor: SignedIn, services: GivenServices, days: GivenDays, group: Group = ""
) -> models.TopicTrends:
    """How many calls had each topic, against as many days before; those first that rise most."""
    found = insights.topic_trends(services.archive, actor, days, group)
    return models.TopicTrends(items=tuple(map(models.TopicTrend.model_validate, found)))


@readable(
    router,
    "/insights/topics.csv",
    operation_id="export_topic_trends",
    response_class=Response,
    responses={**_CSV, **problems(401, 403, 422)},
)
def export_topic_trends(
    actor: SignedIn, services: GivenServices, days: GivenDays, group: Group = ""
) -> Response:
    """The same as CSV, with the calls of each of the last eight weeks, the latest last."""
    found = insights.topic_trends(services.archive, actor, days, group)
    return _file(insights.topics_csv(found), "topics.csv")


@readable(
    router,
    "/insights/worth-hearing.csv",
    operation_id="export_worth_hearing",
    response_class=Response,
    responses={**_CSV, **problems(401, 403, 422)},
)
def export_worth_hearing(
    actor: SignedIn,
    services: GivenServices,
    days: GivenDays,
    group: Group = "",
    agent: Agent = "",
    limit: Limit = insights.WORTH_MAX,
) -> Response:
    """The same as CSV, a row for each reason."""
    page = insights.worth_hearing(services.archive, actor, days, group, agent, limit)
    return _file(insights.worth_csv(page), "worth-hearing.csv")


def _file(content: bytes, name: str) -> Response:
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
