"""Errors over HTTP: the only place that knows which status a code has. Problem details of RFC 9457."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from fonoteka.api.boundary import RequestBoundary, is_api_path
from fonoteka.domain.errors import (
    FonotekaError,
    PeopleInvalid,
    RangeUnsatisfiable,
    RequestInvalid,
    RuleInvalid,
    SignInThrottled,
)

MEDIA_TYPE = "application/problem+json"

STATUS: dict[str, int] = {
    "internal": 500,
    "request.invalid": 422,
    "request.refused": 400,
    "request.cross_origin": 403,
    "route.not_found": 404,
    "route.method_not_allowed": 405,
    "range.unsatisfiable": 416,
    "sign_in.required": 401,
    "sign_in.refused": 401,
    "sign_in.throttled": 429,
    "access.denied": 403,
    "user.invalid": 422,
    "user.not_found": 404,
    "session.not_found": 404,
    "call.not_found": 404,
    "recording.not_found": 404,
    "recording.not_ready": 409,
    "recording.silent": 404,
    "recording.deleted": 410,
    "recording.binned": 410,
    "recording.held": 409,
    "recording.protected": 409,
    "recording.failed": 409,
    "hold.not_found": 404,
    "search.not_found": 404,
    "tag.not_found": 404,
    "tag.taken": 409,
    "tag.in_use": 409,
    "tag.governs": 409,
    "tag.protects": 409,
    "score_form.not_found": 404,
    "score_queue.not_found": 404,
    "evaluation.not_found": 404,
    "evaluation.closed": 409,
    "appeal.closed": 409,
    "comment.not_found": 404,
    "customer.unknown": 404,
    "object.missing": 500,
    "objects.unavailable": 503,
    "storage.full": 507,
    "storage.quota_full": 507,
    "storage.consent_needed": 409,
    "store.unavailable": 503,
    "token.not_found": 404,
    "people.invalid": 422,
    "people.not_found": 404,
    "rule.invalid": 422,
    "rule.version_not_found": 404,
    "version.conflict": 409,
    "policy.snapshot_corrupt": 500,
    "store.not_empty": 409,
    "store.copy_differs": 500,
    "spool.corrupt": 500,
    "worker.crashed": 500,
    "spool.unwritable": 500,
    "wire.malformed": 400,
    "wire.metadata_malformed": 400,
    "wire.sdp_malformed": 400,
    "codec.unknown": 415,
    "audio.malformed": 500,
    "audio.too_long": 409,
    "export.busy": 503,
    "export.differs": 500,
    "media.ports_exhausted": 503,
    "media.process_lost": 503,
    "caller.refused": 502,
    "caller.speech_unavailable": 500,
    "connector.refused": 503,
    "connector.unreachable": 503,
    "setting.invalid": 500,
    "import.invalid": 400,
    "upload.conflict": 409,
    "upload.too_large": 413,
    "address.in_use": 500,
    "data.in_use": 500,
    "demo.failed": 500,
    "recorder.unreachable": 503,
    "signalling.refused": 500,
    "address.invalid": 422,
    "alert.not_found": 404,
    "channel.invalid": 422,
    "channel.not_found": 404,
    "mail.not_configured": 409,
    "recipient.forbidden": 422,
    "share.too_many": 429,
    "share.not_found": 404,
    "link.not_found": 404,
    "link.not_opened": 403,
    "link.password_refused": 403,
    "link.over": 410,
    "link.expired": 410,
    "link.used_up": 410,
    "link.revoked": 410,
    "link.withdrawn": 410,
    "delivery.failed": 502,
    "speech.model_missing": 404,
    "speech.model_invalid": 409,
    "speech.engine_unavailable": 502,
    "speech.engine_refused": 502,
    "speech.language_invalid": 422,
    "topic.not_found": 404,
    "topic.phrase_invalid": 422,
    "delivery.not_found": 404,
}
"""HTTP status by code; a code that is not here is answered 500 (docs/operate/errors.md, a test compares)."""

_RETRY_AFTER_S = {
    "recording.not_ready": 1,
    "store.unavailable": 5,
    "objects.unavailable": 5,
    "recorder.unreachable": 5,
    "export.busy": 30,
    "share.too_many": 600,
}

_log = logging.getLogger(__name__)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_TEXT_MAX = 200

Handler = Callable[[Request, Exception], Response | Awaitable[Response]]


class RouteNotFound(FonotekaError):
    """There is nothing at this address."""

    code = "route.not_found"


class MethodNotAllowed(FonotekaError):
    """This address does not take this method."""

    code = "route.method_not_allowed"


class RequestRefused(FonotekaError):
    """The request cannot be understood as HTTP."""

    code = "request.refused"


class CrossOriginRefused(FonotekaError):
    """A page of another origin may not change anything in the name of a signed-in user."""

    code = "request.cross_origin"


def status_of(error: type[FonotekaError] | FonotekaError) -> int:
    """The HTTP status of an error."""
    return STATUS.get(error.code, 500)


def problem_type(code: str) -> str:
    """The `type` of a problem: a name, not an address to fetch (RFC 9457 §3.1.1)."""
    return f"urn:fonoteka:problem:{code}"


def problem(
    error: FonotekaError, path: str, errors: Sequence[dict[str, str]] = (), **headers: str
) -> JSONResponse:
    """The answer to an error. What lies behind a status of 5xx is for the log, never for the client."""
    status = status_of(error)
    title = (type(error).__doc__ or "").splitlines()[0]
    body: dict[str, Any] = {
        "type": problem_type(error.code),
        "title": title,
        "status": status,
        "detail": title if status >= 500 else str(error),
        "code": error.code,
        "instance": quote(path[:_TEXT_MAX], safe="/:@!$&'()*+,;=~"),
    }
    if status == 422:
        body["errors"] = list(errors) or _field_errors(error)
        body["field"] = body["errors"][0]["field"]
    return JSONResponse(
        body,
        status,
        headers={**_headers(error), **headers, "Cache-Control": "no-store"},
        media_type=MEDIA_TYPE,
    )


def _field_errors(error: FonotekaError) -> list[dict[str, str]]:
    """Where an error of that kind lies: a parameter, a field of a rule (`rules.0.name`), a line of a file."""
    field, told = str(error.context.get("field", "")), str(error)
    if isinstance(error, PeopleInvalid) and isinstance(problems := error.context.get("problems"), tuple):
        return [{"field": f"line {one.line}", "in": "body", "detail": one.text} for one in problems]
    if isinstance(error, RuleInvalid) and isinstance(position := error.context.get("rule_position"), int):
        return [{"field": f"rules.{position - 1}.{field}", "in": "body", "detail": told}]
    where = error.place if isinstance(error, RequestInvalid) else "body"
    return [{"field": field, "in": where, "detail": told}]


def install_errors(app: FastAPI) -> None:
    """Answer every error under /api with problem details; other paths keep the handlers set before.

    Call it after everything else that installs handlers for errors.
    """
    app.add_middleware(RequestBoundary, on_failure=lambda path: problem(FonotekaError(), path))
    _install(app, FonotekaError, _answer_typed)
    _install(app, RequestValidationError, _answer_validation)
    _install(app, HTTPException, _answer_http)


def _install(app: FastAPI, kind: type[Exception], answer: Callable[[Request, Any], Response]) -> None:
    previous: Handler | None = app.exception_handlers.get(kind)

    async def handle(request: Request, error: Exception) -> Response:
        if is_api_path(request.scope["path"]):
            return answer(request, error)
        if previous is None:
            raise error
        response = previous(request, error)
        return response if isinstance(response, Response) else await response

    app.add_exception_handler(kind, handle)


def _answer_typed(request: Request, error: FonotekaError) -> Response:
    if status_of(error) >= 500:
        _log.error("%s: %s", error.code, error)
    return problem(error, request.scope["path"])


def _answer_validation(request: Request, error: RequestValidationError) -> Response:
    errors = [
        {
            "field": ".".join(str(step) for step in one["loc"][1:])[:_TEXT_MAX] or str(one["loc"][0]),
            "in": str(one["loc"][0]),
            "detail": str(one["msg"])[:_TEXT_MAX],
        }
        for one in error.errors()
    ]
    first = errors[0]
    return problem(RequestInvalid(first["field"], first["detail"]), request.scope["path"], errors)


def _answer_http(request: Request, error: HTTPException) -> Response:
    path = request.scope["path"]
    if error.status_code == 404:
        return problem(RouteNotFound(), path)
    if error.status_code == 405:
        return problem(MethodNotAllowed(), path, Allow=", ".join(_allowed(request)))
    _log.info("refused with %d: %s", error.status_code, error.detail)
    return problem(RequestRefused(), path)


def _allowed(request: Request) -> list[str]:
    """The methods that this address takes; one path has several routes, and each knows only its own."""
    scope = {"type": "http", "path": request.scope["path"], "root_path": "", "headers": []}
    return [
        method
        for method in _METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    ]


def _headers(error: FonotekaError) -> dict[str, str]:
    """The header that RFC 9110 and RFC 6750 want beside a status."""
    if isinstance(error, RangeUnsatisfiable):
        return {"Content-Range": f"bytes */{error.size_bytes}", "Accept-Ranges": "bytes"}
    if isinstance(error, SignInThrottled):
        return {"Retry-After": str(error.retry_after_s)}
    if error.code in _RETRY_AFTER_S:
        return {"Retry-After": str(_RETRY_AFTER_S[error.code])}
    if error.code == "sign_in.required":
        return {"WWW-Authenticate": 'Bearer realm="fonoteka"'}
    return {}
