"""The page of the access log: who did what, to which call, from where, and whether it is whole."""

from __future__ import annotations

from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from fonoteka import accounts
from fonoteka.archive import get_recording
from fonoteka.domain.audit import AuditAction, AuditQuery
from fonoteka.domain.windows import start_of
from fonoteka.web.access_words import AccessWords
from fonoteka.web.desk import Desk

_PAGE = 50
_TEXT_MAX = 200
_OF_RECORDINGS = "recording."


def add_audit_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/audit")
    def show_audit(
        request: Request,
        who: str = "",
        what: str = "",
        since: str = "",
        until: str = "",
        subject: str = "",
        cursor: str = "",
        verify: str = "",
    ) -> Response:
        visitor = desk.visitor(request)
        actor, zone = desk.actor_of(visitor), visitor.formats.zone
        action = next((one for one in AuditAction if one.value == what), None)
        first, last = _day(since), _day(until)
        query = AuditQuery(
            None if first is None else start_of(first, zone),
            None if last is None else start_of(last + timedelta(days=1), zone),
            frozenset() if action is None else frozenset({action}),
            who.strip()[:_TEXT_MAX],
            subject[:_TEXT_MAX],
        )
        page = accounts.find_events(desk.accounts, actor, query, cursor or None, _PAGE)
        return desk.page(
            request,
            visitor,
            "audit.html",
            page=page,
            who=who[:_TEXT_MAX],
            action=action,
            since=first,
            until=last,
            subject=subject[:_TEXT_MAX],
            actions=tuple(AuditAction),
            words=AccessWords(visitor.language),
            report=accounts.verify_chain(desk.accounts, actor) if verify else None,
            is_recording=lambda event: event.action.startswith(_OF_RECORDINGS),
        )

    @router.get("/audit/recordings/{recording_id}")
    def open_recording(request: Request, recording_id: str) -> Response:
        recording = get_recording(desk.archive, desk.actor(request), recording_id)
        return RedirectResponse(f"/calls/{recording.call_id}", 303)

    @router.get("/audit/export")
    def export(request: Request) -> Response:
        return StreamingResponse(
            accounts.export_events(desk.accounts, desk.actor(request)),
            media_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": 'attachment; filename="audit.csv"',
                "Cache-Control": "no-store",
            },
        )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
