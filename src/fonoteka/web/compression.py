"""Pages in gzip (RFC 9110 §8.4.1.3) for whoever takes it. Sound is never packed: it is asked for by ranges.

A page holds nothing that a stranger must not guess: forms are guarded by the origin of the request, not by
tokens, so that the length of a packed page tells nobody anything.
"""

from __future__ import annotations

import gzip

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEVEL = 5
WORTH_BYTES = 1_000
"""Below that a page travels in one packet anyway."""
_KEPT = frozenset({"content-encoding", "etag"})
"""What has a tag is asked for again by it, as it was."""
_PACKED = ("text/html", "text/css", "text/javascript", "application/json", "image/svg+xml")


def takes_gzip(scope: Scope) -> bool:
    """Whether whoever asks has said so."""
    accepted = Headers(scope=scope).get("accept-encoding", "")
    return any(
        coding.strip() == "gzip" and weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
        for coding, _, weight in (one.partition(";") for one in accepted.lower().split(","))
    )


class PackedPages:
    """Middleware that packs whole answers of text; what is streamed, or packed already, goes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_wanted = takes_gzip(scope)
        start: Message = {}

        async def send_packed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                if not _is_packable(message):
                    start = {}
                    await send(message)
                return
            if start:
                body = message.get("body", b"")
                if is_wanted and not message.get("more_body", False) and len(body) >= WORTH_BYTES:
                    message = {**message, "body": _packed(start, body)}
                await send(start)
                start = {}
            await send(message)

        await self.app(scope, receive, send_packed)


def _is_packable(start: Message) -> bool:
    headers = MutableHeaders(scope=start)
    kind = headers.get("content-type", "").partition(";")[0].strip()
    if start["status"] == 206 or kind not in _PACKED or not _KEPT.isdisjoint(headers):
        return False
    headers.add_vary_header("Accept-Encoding")
    return True


def _packed(start: Message, body: bytes) -> bytes:
    packed = gzip.compress(body, LEVEL, mtime=0)
    headers = MutableHeaders(scope=start)
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(packed))
    return packed
