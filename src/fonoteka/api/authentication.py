"""Who asks: a bearer token (RFC 6750) or the cookie of a signed-in browser becomes an Actor."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from fonoteka import accounts
from fonoteka.api.errors import CrossOriginRefused
from fonoteka.api.services import GivenServices
from fonoteka.domain.access import Actor
from fonoteka.domain.errors import SignInRequired

SESSION_COOKIE = "fonoteka_session"

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_SECRET_MAX = 512

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="An API token, made with `fonoteka token create NAME`.",
)
_cookie = APIKeyCookie(
    name=SESSION_COOKIE,
    auto_error=False,
    scheme_name="session",
    description="The cookie of a browser that is signed in. Changes must come from the same origin.",
)


def signed_in(
    request: Request,
    services: GivenServices,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    cookie: Annotated[str | None, Security(_cookie)],
) -> Actor:
    """The actor of this request. Raises `SignInRequired`; `CrossOriginRefused` for a foreign page's change.

    A token outranks the cookie; an Authorization header of another scheme (a proxy's) is passed over.
    """
    remote_address = request.client.host if request.client else ""
    if bearer is not None:
        return accounts.actor_of_token(services.accounts, _secret(bearer.credentials), remote_address)
    if cookie is None:
        raise SignInRequired
    if request.method not in _SAFE_METHODS and not _is_same_origin(request, services.settings.public_url):
        raise CrossOriginRefused
    return accounts.actor_of_session(services.accounts, _secret(cookie), remote_address)


SignedIn = Annotated[Actor, Depends(signed_in)]


def _secret(text: str) -> str:
    """A secret that may be looked up. Ours are short printable ASCII; nothing else is worth a query."""
    if not text or len(text) > _SECRET_MAX or not (text.isascii() and text.isprintable()):
        raise SignInRequired
    return text


def _is_same_origin(request: Request, public_url: str) -> bool:
    """Whether a browser sent this from one of our own pages; what says nothing about itself is refused.

    Fetch Metadata where the browser sends it (only over HTTPS and to loopback), else Origin against Host.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    host = _host(request.headers.get("origin", ""))
    ours = {request.headers.get("host", "").lower(), _host(public_url)}
    return host != "" and host in ours


def _host(url: str) -> str:
    """Host and port of an address in lower case; empty when it has none (as the origin `null`)."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
