"""The page of users: who may sign in, what each may do, and links for those who have no password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, TypeVar

from fastapi import APIRouter, Form, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from fonoteka import accounts, policy
from fonoteka.domain.access import OF_CALLS, ROLE_PERMISSIONS, Actor, Permission, Role
from fonoteka.domain.errors import AccessDenied, FonotekaError, UserInvalid
from fonoteka.domain.rights import DEFAULT_REACH, Reach, Rights
from fonoteka.domain.user import User
from fonoteka.web.access_words import AccessWords
from fonoteka.web.desk import Desk
from fonoteka.web.problem_words import problem_text
from fonoteka.web.url_form import GivenForm
from fonoteka.web.visitor import Visitor

_PARTS = re.compile(r"[,;\s]+")
_ADJUSTED = "permission."
_Kind = TypeVar("_Kind", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds."""

    id: str = ""
    login: str = ""
    name: str = ""
    role: Role = Role.AGENT
    rights: Rights = field(default_factory=lambda: Rights(Reach.OWN))
    is_disabled: bool = False

    @classmethod
    def of(cls, user: User) -> Draft:
        """A user to be changed."""
        return cls(user.id, user.login, user.name, user.role, user.rights, user.disabled_at is not None)

    @classmethod
    def read(cls, form: FormData) -> Draft:
        """The form as it was sent; what is no role or reach is an agent's."""
        role = _one_of(Role, form.get("role"), Role.AGENT)
        given = {one: form.get(f"{_ADJUSTED}{one}") for one in Permission if form.get(f"{_ADJUSTED}{one}")}
        rights = Rights(
            _one_of(Reach, form.get("reach"), DEFAULT_REACH[role]),
            frozenset(str(one) for one in form.getlist("group")),
            frozenset(one for one in _PARTS.split(str(form.get("extensions", ""))) if one),
            frozenset(one for one, said in given.items() if said == "yes"),
            frozenset(one for one, said in given.items() if said == "no"),
        )
        return cls(
            str(form.get("id", "")),
            str(form.get("login", "")),
            str(form.get("name", "")),
            role,
            rights,
            form.get("is_disabled") == "yes",
        )


def add_user_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/users")
    def show_users(request: Request, edit: str = "", role: str = "") -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        if edit:
            draft = Draft.of(accounts.get_user(desk.accounts, actor, edit))
        else:
            chosen = _one_of(Role, role, Role.AGENT)
            draft = Draft(role=chosen, rights=Rights(DEFAULT_REACH[chosen]))
        return _page(desk, request, visitor, draft)

    @router.post("/users/save")
    def save(request: Request, form: GivenForm) -> Response:
        return _save(desk, request, form)

    @router.post("/users/link")
    def make_link(request: Request, id: Annotated[str, Form(max_length=64)]) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        user = accounts.get_user(desk.accounts, actor, id)
        try:
            secret = accounts.make_user_link(desk.accounts, actor, id)
        except (UserInvalid, AccessDenied) as error:
            return _page(desk, request, visitor, Draft.of(user), error)
        return _page(desk, request, visitor, Draft.of(user), link=_link(desk, request, secret))

    @router.post("/users/sign-out")
    def sign_out(request: Request, id: Annotated[str, Form(max_length=64)]) -> Response:
        accounts.end_session(desk.accounts, desk.actor(request), id)
        return RedirectResponse("/users", 303)


def _save(desk: Desk, request: Request, form: FormData) -> Response:
    visitor = desk.visitor(request)
    actor = desk.actor_of(visitor)
    draft = Draft.read(form)
    try:
        if not draft.id:
            user, secret = accounts.create_user(
                desk.accounts, actor, draft.login, draft.name, draft.role, draft.rights
            )
            return _page(desk, request, visitor, Draft.of(user), link=_link(desk, request, secret))
        accounts.change_user(
            desk.accounts,
            actor,
            draft.id,
            draft.name,
            draft.role,
            draft.rights,
            is_disabled=draft.is_disabled,
        )
    except (UserInvalid, AccessDenied) as error:
        return _page(desk, request, visitor, draft, error)
    return RedirectResponse("/users", 303)


def _page(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    draft: Draft,
    error: FonotekaError | None = None,
    link: str = "",
) -> Response:
    actor = desk.actor_of(visitor)
    users = accounts.list_users(desk.accounts, actor)
    people = policy.directory(desk.policy, actor)
    return desk.page(
        request,
        visitor,
        "users.html",
        status_code=422 if isinstance(error, UserInvalid) else 403 if error else 200,
        users=users,
        draft=draft,
        sessions=accounts.list_sessions(desk.accounts, actor, draft.id) if draft.id else (),
        groups=people.groups,
        group_names={one.id: one.name for one in people.groups},
        words=AccessWords(visitor.language),
        roles=_roles(actor),
        reaches=Reach,
        adjustable=sorted(
            (actor.granted & OF_CALLS) if draft.rights.reach is not Reach.TENANT else actor.granted
        ),
        of_role=ROLE_PERMISSIONS,
        told=problem_text(visitor.language, error) if error else "",
        wrong=str(error.context.get("field", "")) if error else "",
        link=link,
    )


def _roles(actor: Actor) -> tuple[Role, ...]:
    return tuple(one for one in Role if one is not Role.OWNER or actor.role is Role.OWNER)


def _one_of(kind: type[_Kind], given: object, otherwise: _Kind) -> _Kind:
    return next((one for one in kind if one.value == given), otherwise)


def _link(desk: Desk, request: Request, secret: str) -> str:
    base = desk.settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/sign-in/link/{secret}"
