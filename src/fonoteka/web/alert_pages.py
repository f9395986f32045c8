"""What is and was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fonoteka.alerts import acknowledge_alert, find_alerts, list_channels, open_alerts, say
from fonoteka.alerts.words import Said
from fonoteka.domain.alerts import Alert, Severity
from fonoteka.web.desk import Desk
from fonoteka.web.templates import render
from fonoteka.web.visitor import Visitor

_PAGE = 30


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert in the visitor's words."""

    alert: Alert
    said: Said
    is_critical: bool
    lasted_ms: int


def add_alert_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/alerts")
    def show_alerts(request: Request, cursor: str = "") -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        page = find_alerts(desk.alerts, actor, cursor, _PAGE)
        return desk.page(
            request,
            visitor,
            "alerts.html",
            now=[_row(one, visitor) for one in open_alerts(desk.alerts, actor)],
            past=[_row(one, visitor) for one in page.items if not one.is_open],
            next=page.next,
            cursor=cursor,
            deaf=_deaf(desk, visitor),
        )

    @router.get("/alerts/banner")
    def show_banner(request: Request) -> Response:
        visitor = desk.visitor(request)
        text = render(request, visitor, "_banner.html", banner=desk.banner(visitor))
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})

    @router.post("/alerts/{alert_id}/acknowledge")
    def acknowledge(request: Request, alert_id: str) -> Response:
        acknowledge_alert(desk.alerts, desk.actor(request), alert_id)
        return RedirectResponse("/alerts", 303)


def _deaf(desk: Desk, visitor: Visitor) -> bool:
    """Whether nobody is told of anything but by the page."""
    channels = list_channels(desk.alerts, desk.actor_of(visitor))
    has_mail = desk.alerts.mail is not None
    return not any(one.is_enabled and one.address and (has_mail or one.kind == "webhook") for one in channels)


def _row(alert: Alert, visitor: Visitor) -> AlertRow:
    end: datetime = alert.cleared_at or visitor.formats.now
    lasted_ms = max(0, int((end - alert.raised_at).total_seconds() * 1000))
    said = say(alert, visitor.language.code, visitor.formats.zone)
    return AlertRow(alert, said, alert.severity is Severity.CRITICAL, lasted_ms)
