"""What every response says about itself, and the check that a form was sent by our own page."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fonoteka.domain.errors import AccessDenied

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SecurityHeaders:
    """Middleware that adds security headers to every response that has not set its own.

    The nonce in `scope["state"]["nonce"]` lets wavesurfer.js put its style sheet into its shadow root;
    nothing else on a page is inline.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in security_headers(nonce).items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def security_headers(nonce: str) -> dict[str, str]:
    """The headers of a response. `Referrer-Policy: no-referrer` would make browsers send `Origin: null`
    with our own forms, which `same_origin_check` must refuse."""
    return {
        "Content-Security-Policy": (
            f"default-src 'self'; style-src 'self' 'nonce-{nonce}'; object-src 'none'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }


def same_origin_check(public_url: str) -> Callable[[Request], None]:
    """A dependency that raises `AccessDenied` when another site made the browser send a change.

    Browsers say so in `Sec-Fetch-Site` (to HTTPS and loopback) or in `Origin` (always with POST). A
    request with neither comes from no browser, and so carries nobody's cookie against their will.
    """
    public_host = _host(public_url)

    def check(request: Request) -> None:
        if request.method in _SAFE_METHODS:
            return
        fetched_from = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        if fetched_from is not None:
            ours = fetched_from in ("same-origin", "none")
        elif origin is not None:
            host = _host(origin)
            ours = host != "" and host in (request.headers.get("host", "").lower(), public_host)
        else:
            ours = True
        if not ours:
            raise AccessDenied("The request was made by another site.")

    return check


def _host(url: str) -> str:
    """Host and port of an address in lower case; empty when it has none (as the origin `null`)."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def local_address(address: str, fallback: str = "/calls") -> str:
    """`address` if it is a path of ours, else the fallback: a sign-in must not lead to another site."""
    plain = address.isprintable() and "\\" not in address
    return address if plain and address.startswith("/") and not address.startswith("//") else fallback
