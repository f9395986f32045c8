"""Who asks, users, the browsers that are signed in, and tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from fonoteka import accounts
from fonoteka.api import account_models as models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import PlainText
from fonoteka.api.services import GivenServices, Services

router = APIRouter(tags=["accounts"], route_class=LimitedRoute)
_READ = problems(401, 403, 404, 422)
_CHANGE = problems(400, 401, 403, 404, 422)

UserId = Annotated[PlainText, Path(alias="id", max_length=64, description="The user's `id`.")]


@readable(router, "/me", operation_id="get_me", responses=problems(401, 403, 422))
def get_me(actor: SignedIn) -> models.Me:
    """Who asks, and what they may do."""
    return models.Me.of(actor)


@readable(router, "/users", operation_id="list_users", responses=_READ)
def list_users(actor: SignedIn, services: GivenServices) -> models.Users:
    """All users of the tenant."""
    found = accounts.list_users(services.accounts, actor)
    return models.Users(items=tuple(models.User.model_validate(one) for one in found))


@router.post("/users", operation_id="create_user", status_code=201, responses=_CHANGE)
def create_user(actor: SignedIn, services: GivenServices, given: models.NewUser) -> models.SignInLink:
    """A new user, who signs in by the link first and then sets a password."""
    user, secret = accounts.create_user(
        services.accounts, actor, given.login, given.name, given.role, given.rights.value()
    )
    return models.SignInLink(user=models.User.model_validate(user), url=_link(services, secret))


@readable(router, "/users/{id}", operation_id="get_user", responses=_READ)
def get_user(actor: SignedIn, services: GivenServices, user_id: UserId) -> models.User:
    """One user."""
    return models.User.model_validate(accounts.get_user(services.accounts, actor, user_id))


@router.put("/users/{id}", operation_id="save_user", responses=_CHANGE)
def save_user(
    actor: SignedIn, services: GivenServices, user_id: UserId, given: models.ChangedUser
) -> models.User:
    """Change a user; it holds from the next request on. Who is disabled is signed out everywhere."""
    user = accounts.change_user(
        services.accounts,
        actor,
        user_id,
        given.name,
        given.role,
        given.rights.value(),
        is_disabled=given.is_disabled,
    )
    return models.User.model_validate(user)


@router.post("/users/{id}/link", operation_id="make_user_link", status_code=201, responses=_CHANGE)
def make_user_link(actor: SignedIn, services: GivenServices, user_id: UserId) -> models.SignInLink:
    """A link for a user who forgot the password."""
    secret = accounts.make_user_link(services.accounts, actor, user_id)
    return models.SignInLink(url=_link(services, secret))


@readable(router, "/sessions", operation_id="list_sessions", responses=_READ)
def list_sessions(
    actor: SignedIn,
    services: GivenServices,
    user_id: Annotated[
        PlainText | None, Query(max_length=64, description="Of that user; else the own ones.")
    ] = None,
) -> models.Sessions:
    """Browsers that are signed in."""
    found = accounts.list_sessions(services.accounts, actor, user_id)
    return models.Sessions(items=tuple(models.Session.model_validate(one) for one in found))


@router.delete("/sessions/{id}", operation_id="end_session", status_code=204, responses=_CHANGE)
def end_session(
    actor: SignedIn,
    services: GivenServices,
    session_id: Annotated[PlainText, Path(alias="id", max_length=64, description="Its `id`.")],
) -> None:
    """Sign a browser out."""
    accounts.end_session(services.accounts, actor, session_id)


@readable(router, "/tokens", operation_id="list_tokens", responses=_READ)
def list_tokens(actor: SignedIn, services: GivenServices) -> models.Tokens:
    """All tokens of the tenant that are not revoked."""
    found = accounts.list_tokens(services.accounts, actor)
    return models.Tokens(items=tuple(models.Token.model_validate(one) for one in found))


@router.post("/tokens", operation_id="create_token", status_code=201, responses=_CHANGE)
def create_token(actor: SignedIn, services: GivenServices, given: models.NewToken) -> models.MadeToken:
    """A new token, with no more rights than its maker's."""
    secret = accounts.create_token(
        services.accounts,
        given.name,
        actor,
        role=given.role,
        rights=None if given.rights is None else given.rights.value(),
        expires_at=given.expires_at,
    )
    return models.MadeToken(token=secret)


@router.delete("/tokens/{id}", operation_id="revoke_token", status_code=204, responses=_CHANGE)
def revoke_token(
    actor: SignedIn,
    services: GivenServices,
    token_id: Annotated[PlainText, Path(alias="id", max_length=64, description="Its `id`.")],
) -> None:
    """Make a token good for nothing."""
    accounts.revoke_token(services.accounts, token_id, actor)


def _link(services: Services, secret: str) -> str:
    base = services.settings.public_url.rstrip("/") or f"http://{services.settings.http}"
    return f"{base}/sign-in/link/{secret}"
