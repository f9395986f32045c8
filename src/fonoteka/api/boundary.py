"""The request boundary of the API: every request is counted, and an unforeseen failure becomes one answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fonoteka.api import metrics

API_ROOT = "/api/v1"

_log = logging.getLogger(__name__)


def is_api_path(path: str) -> bool:
    """Whether an address is answered for programs (problem details) rather than for people (pages)."""
    return path in ("/api", "/metrics") or path.startswith("/api/")


class RequestBoundary:
    """ASGI middleware. `on_failure` makes the answer to an exception that nobody foresaw.

    Where the answer had begun already, the exception goes on to the server, which breaks the connection
    off: the client must not take half an answer for a whole one.
    """

    def __init__(self, app: ASGIApp, on_failure: Callable[[str], ASGIApp]) -> None:
        self._app = app
        self._on_failure = on_failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_api_path(scope["path"]):
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # Unless an endpoint knows better: these are people's calls, nothing for a shared cache.
                MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            _log.debug("the client left during %s", _operation(scope))
        except Exception:
            metrics.FAILURES.inc()
            _log.exception("%s failed", _operation(scope))
            if status:
                raise
            await self._on_failure(scope["path"])(scope, receive, watched)
        finally:
            operation = _operation(scope)
            metrics.REQUESTS.labels(operation, str(status or "aborted")).inc()
            metrics.REQUEST_DURATION.labels(operation).observe(time.perf_counter() - started)


def _operation(scope: Scope) -> str:
    """The operation id of the route that answered; never the path, which outsiders choose."""
    return getattr(scope.get("route"), "operation_id", None) or "other"
