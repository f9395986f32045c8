"""Errors as pages: what happened and what to do. The API has problem details of its own."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from fonoteka.domain.errors import (
    AccessDenied,
    AlertNotFound,
    AppealClosed,
    CallNotFound,
    ChannelNotFound,
    CommentNotFound,
    CustomerUnknown,
    DeliveryNotFound,
    EvaluationClosed,
    EvaluationNotFound,
    ExportBusy,
    FonotekaError,
    HoldNotFound,
    ObjectsUnavailable,
    PeopleNotFound,
    RecorderUnreachable,
    RecordingNotFound,
    RequestInvalid,
    ScoreFormNotFound,
    ScoreQueueNotFound,
    SearchNotFound,
    ShareNotFound,
    SignInRequired,
    StorageFull,
    StoreUnavailable,
    TopicNotFound,
    VersionConflict,
)
from fonoteka.web.security import local_address, security_headers
from fonoteka.web.templates import page
from fonoteka.web.visitor import visitor_of

_LOG = logging.getLogger(__name__)
_STATUS: dict[type[FonotekaError], int] = {
    AccessDenied: 403,
    CallNotFound: 404,
    RecordingNotFound: 404,
    PeopleNotFound: 404,
    AlertNotFound: 404,
    ChannelNotFound: 404,
    DeliveryNotFound: 404,
    EvaluationNotFound: 404,
    ScoreFormNotFound: 404,
    ScoreQueueNotFound: 404,
    EvaluationClosed: 409,
    AppealClosed: 409,
    VersionConflict: 409,
    HoldNotFound: 404,
    SearchNotFound: 404,
    CommentNotFound: 404,
    CustomerUnknown: 404,
    RecorderUnreachable: 503,
    ExportBusy: 503,
    ShareNotFound: 404,
    TopicNotFound: 404,
    RequestInvalid: 400,
    ObjectsUnavailable: 503,
    StorageFull: 507,
    StoreUnavailable: 503,
}

Handler = Callable[[Request, Any], Response | Awaitable[Response]]


def install_error_pages(app: FastAPI) -> None:
    """Answer errors with pages; programs' addresses keep the handlers that were set before."""
    handlers: dict[type[Exception], Handler] = {
        FonotekaError: _fonoteka_error,
        HTTPException: _http_error,
        RequestValidationError: _invalid,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, _for_people(handler, app.exception_handlers.get(kind)))


def _for_people(pages: Handler, programs: Handler | None) -> Callable[[Request, Any], Awaitable[Response]]:
    async def handle(request: Request, error: Exception) -> Response:
        if not _is_for_programs(request.url.path):
            answer = pages(request, error)
        elif programs is None:
            raise error
        else:
            answer = programs(request, error)
        return answer if isinstance(answer, Response) else await answer

    return handle


def _is_for_programs(path: str) -> bool:
    return path in ("/api", "/metrics") or path.startswith("/api/")


def error_page(request: Request, status_code: int, code: str) -> Response:
    """A page that says what happened and what to do, by the status; `code` is for the support."""
    return page(
        request,
        visitor_of(request, None),
        "error.html",
        status_code=status_code,
        error_status=status_code,
        code=code,
    )


def _fonoteka_error(request: Request, error: FonotekaError) -> Response:
    if isinstance(error, SignInRequired):
        return _to_sign_in(request)
    status_code = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)
    if status_code >= 500:
        _LOG.error("%s %s: %s: %s", request.method, request.url.path, error.code, error)
    return error_page(request, status_code, error.code)


def _http_error(request: Request, error: HTTPException) -> Response:
    answer = error_page(request, error.status_code, f"http.{error.status_code}")
    answer.headers.update(error.headers or {})
    return answer


def _invalid(request: Request, error: RequestValidationError) -> Response:
    return error_page(request, 400, RequestInvalid.code)


def _unexpected(request: Request, error: Exception) -> Response:
    # Starlette answers this outside every middleware and then raises the error again for the log.
    answer = error_page(request, 500, FonotekaError.code)
    answer.headers.update(security_headers(getattr(request.state, "nonce", "")))
    return answer


def _to_sign_in(request: Request) -> Response:
    """To the sign-in page and back here afterwards; a script that asked is told to go there."""
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = local_address(here) if request.method == "GET" else "/calls"
    return RedirectResponse("/sign-in" if back in ("/", "/calls") else f"/sign-in?next={quote(back)}", 303)
