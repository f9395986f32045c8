"""What the pages stand on: the use cases, the settings, and who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from fonoteka import policy
from fonoteka.accounts import Accounts, actor_of_session
from fonoteka.alerts import AlertRoom
from fonoteka.archive import Archive, list_searches
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.errors import AccessDenied, PeopleNotFound, SignInRequired
from fonoteka.domain.ports import LiveControl
from fonoteka.domain.status import SystemStatus
from fonoteka.policy import PolicyRoom
from fonoteka.settings import Settings
from fonoteka.sharing import SharingRoom
from fonoteka.speech import SpeechRoom
from fonoteka.web.banner import Banner, banner_of
from fonoteka.web.templates import page
from fonoteka.web.visitor import Visitor, visitor_of

SESSION_COOKIE = "fonoteka_session"
TENANT_COOKIE = "fonoteka_tenant"
"""For which company the visitor sets things up, where that is another than the own."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a page may ask for. `status` is asked with every page: it answers within milliseconds."""

    archive: Archive
    accounts: Accounts
    settings: Settings
    status: Callable[[], SystemStatus]
    policy: PolicyRoom
    live: LiveControl
    alerts: AlertRoom
    speech: SpeechRoom
    sharing: SharingRoom

    def visitor(self, request: Request) -> Visitor:
        """The signed-in visitor. Raises `SignInRequired`."""
        return visitor_of(request, self.actor(request))

    def actor(self, request: Request) -> Actor:
        """Who is signed in. Raises `SignInRequired`."""
        secret = request.cookies.get(SESSION_COOKIE)
        if not secret:
            raise SignInRequired
        actor = actor_of_session(self.accounts, secret, remote_address(request))
        request.state.own_actor = actor
        wanted = request.cookies.get(TENANT_COOKIE, "")
        if wanted in ("", actor.tenant_id):
            return actor
        try:
            return policy.act_for(self.policy, actor, wanted)
        except (AccessDenied, PeopleNotFound):
            # Somebody else chose it in this browser, or the company is gone.
            return actor

    def own_actor(self, request: Request) -> Actor:
        """Who is signed in, not acting for another company. Raises `SignInRequired`."""
        self.actor(request)
        own = request.state.own_actor
        assert isinstance(own, Actor)
        return own

    @staticmethod
    def actor_of(visitor: Visitor) -> Actor:
        """The visitor's actor. Raises `SignInRequired` before sign-in."""
        if visitor.actor is None:
            raise SignInRequired
        return visitor.actor

    def page(self, request: Request, visitor: Visitor, name: str, /, **values: Any) -> HTMLResponse:
        """A page within the shell, which shows how the recorder is and what is wrong."""
        own = getattr(request.state, "own_actor", None)
        manages = own is not None and may(own, Permission.TENANTS_MANAGE, DEFAULT_TENANT_ID)
        companies = policy.list_tenants(self.policy, own) if own is not None and manages else ()
        actor = self.actor_of(visitor)
        sees = may(actor, Permission.CALL_SEE, actor.tenant_id)
        return page(
            request,
            visitor,
            name,
            status=self.status(),
            banner=self.banner(visitor),
            own=own,
            companies=companies,
            searches=list_searches(self.archive, actor) if sees else (),
            **values,
        )

    def banner(self, visitor: Visitor) -> Banner:
        """What is wrong now and nobody has taken note of."""
        return banner_of(self.alerts, self.actor_of(visitor), visitor)

    def keep_session(self, response: Response, secret: str) -> None:
        """Hand the session's secret to the browser, out of reach of scripts and other sites."""
        response.set_cookie(
            SESSION_COOKIE,
            secret,
            max_age=self.settings.session_days * 86_400,
            httponly=True,
            samesite="lax",
            secure=self.is_https,
        )

    @property
    def is_https(self) -> bool:
        """Whether people reach the pages over HTTPS."""
        return self.settings.public_url.lower().startswith("https:")


def user_agent(request: Request) -> str:
    """What the browser says it is."""
    return request.headers.get("user-agent", "")


def remote_address(request: Request) -> str:
    """The address that the request came from."""
    return request.client.host if request.client else ""
