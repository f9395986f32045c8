"""Routes whose request bodies are bounded before anything reads them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from fonoteka.domain.errors import RequestInvalid

BODY_MAX = 17 * 1024 * 1024


class LimitedRoute(APIRoute):
    """Refuses bodies of more than `BODY_MAX` bytes, told or counted."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Called by FastAPI."""
        handle = super().get_route_handler()

        async def limited(request: Request) -> Response:
            told = request.headers.get("content-length", "0")
            if not told.isdigit() or len(told) > 18 or int(told) > BODY_MAX:
                raise RequestInvalid("body", f"A body has at most {BODY_MAX} bytes.")
            receive, came = request.receive, 0

            async def counted() -> Message:
                nonlocal came
                message = await receive()
                came += len(message.get("body", b""))
                if came > BODY_MAX:
                    raise HTTPException(413, "the body is too large")
                return message

            return await handle(Request(request.scope, counted))

        return limited
