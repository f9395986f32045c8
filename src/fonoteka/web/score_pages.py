"""Results of scorecards: by agent, group, form and question, and the evaluations behind them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from fonoteka import policy
from fonoteka.archive import scores
from fonoteka.archive.scores import ScoreTable
from fonoteka.domain.report import Days
from fonoteka.domain.score_results import EvaluationQuery
from fonoteka.domain.scorecards import AppealState
from fonoteka.web.desk import Desk
from fonoteka.web.report_pages import Asked, Span, today_of
from fonoteka.web.score_words import ScoreWords

_TEXT_MAX = 100
_ROWS = 50


def add_score_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/scores")
    def show_results(request: Request, form: str = "") -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        asked = Asked.read(request, today_of(desk, actor, visitor))
        form = form[:_TEXT_MAX]
        found = scores.score_results(desk.archive, actor, asked.days, asked.group_id, form)
        every = (
            found if not (form or asked.group_id) else scores.score_results(desk.archive, actor, asked.days)
        )
        return desk.page(
            request,
            visitor,
            "scores.html",
            asked=asked,
            spans=tuple(Span),
            form_id=form,
            results=found,
            groups=every.groups,
            forms=every.forms,
            form_names={one.id: one.label for one in every.forms},
            appeals=scores.count_appeals(desk.archive, actor),
            address_of=lambda agent: _list_address(asked, agent, form),
            csv_address=lambda table: asked.address(f"/scores/{table}.csv", form=form),
        )

    @router.get("/scores/evaluations")
    def list_evaluations(
        request: Request, agent: str = "", form: str = "", appeal: str = "", after: str = ""
    ) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        has_period = any(name in request.query_params for name in ("period", "from", "to"))
        asked = Asked.read(request, today_of(desk, actor, visitor))
        zone = ZoneInfo(policy.own_tenant(desk.policy, actor).time_zone)
        since, until = _instants(asked.days, zone) if has_period else (None, None)
        state = next((one for one in AppealState if one == appeal), None)
        query = EvaluationQuery(
            since=since,
            until=until,
            agents=frozenset({agent[:_TEXT_MAX]}) if agent else None,
            form_id=form[:_TEXT_MAX],
            appeal=state,
        )
        page = scores.find_evaluations(desk.archive, actor, query, after or None, _ROWS)
        own = {name: value for name, value in request.query_params.items() if name != "after"}
        return desk.page(
            request,
            visitor,
            "score_list.html",
            evaluations=page.items,
            appeal=state,
            agent=agent,
            words=ScoreWords(visitor.language),
            next_address=f"/scores/evaluations?{urlencode({**own, 'after': page.next})}" if page.next else "",
            appeals=scores.count_appeals(desk.archive, actor),
        )

    @router.get("/scores/{table}.csv")
    def download(request: Request, table: ScoreTable, form: str = "") -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        asked = Asked.read(request, today_of(desk, actor, visitor))
        found = scores.score_results(desk.archive, actor, asked.days, asked.group_id, form[:_TEXT_MAX])
        name = f"scores-{table}_{found.days.first}_{found.days.last}.csv"
        return Response(
            scores.scores_csv(found, table),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )


def _list_address(asked: Asked, agent: str, form: str) -> str:
    return asked.address("/scores/evaluations", agent=agent, form=form)


def _instants(days: Days, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last."""
    return (
        datetime.combine(days.first, time(), zone).astimezone(UTC),
        datetime.combine(days.last + timedelta(days=1), time(), zone).astimezone(UTC),
    )
