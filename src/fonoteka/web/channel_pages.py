"""Who is told: channels, saved, tried, and one's own address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from fonoteka.accounts import email_of, set_own_email
from fonoteka.alerts import (
    delete_channel,
    get_delivery,
    list_channels,
    renew_secret,
    save_channel,
    try_channel,
)
from fonoteka.domain.access import ActorKind
from fonoteka.domain.alerts import Channel, ChannelKind, Severity
from fonoteka.domain.delivery import Delivery
from fonoteka.domain.errors import AddressInvalid, ChannelInvalid, DeliveryNotFound, FonotekaError
from fonoteka.web.delivery_words import outcome_text
from fonoteka.web.desk import Desk
from fonoteka.web.languages import LANGUAGES
from fonoteka.web.problem_words import problem_text
from fonoteka.web.visitor import Visitor

Text = Annotated[str, Form(max_length=10_000)]
_WRONG = (ChannelInvalid, AddressInvalid)


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says about what was just done: an error with its field, or a secret shown this once."""

    error: str = ""
    field: str = ""
    secret: str = ""
    about: str = ""


def add_channel_pages(router: APIRouter, desk: Desk) -> None:
    """Add the pages to the router."""

    @router.get("/alerts/channels")
    def show_channels(
        request: Request, edit: str = "", kind: ChannelKind = ChannelKind.EMAIL, tested: str = ""
    ) -> Response:
        visitor = desk.visitor(request)
        return _page(desk, request, visitor, _form(desk, visitor, edit, kind), Told(), tested)

    @router.post("/alerts/channels/save")
    def save(
        request: Request,
        kind: Annotated[ChannelKind, Form()],
        id: Text = "",
        name: Text = "",
        address: Text = "",
        language: Text = "ru",
        minimum: Annotated[Severity, Form()] = Severity.WARNING,
        is_enabled: Text = "",
    ) -> Response:
        visitor = desk.visitor(request)
        actor = desk.actor_of(visitor)
        given = Channel(
            id,
            actor.tenant_id,
            kind,
            name,
            address,
            language,
            datetime.now(UTC),
            minimum=minimum,
            is_enabled=is_enabled != "",
        )
        try:
            saved = save_channel(desk.alerts, actor, given)
        except _WRONG as error:
            return _page(desk, request, visitor, given, _told(visitor, error))
        if saved.secret:
            empty = _form(desk, visitor, "", kind)
            return _page(desk, request, visitor, empty, Told(secret=saved.secret, about=saved.name))
        return RedirectResponse("/alerts/channels", 303)

    @router.post("/alerts/own-address")
    def save_own_address(request: Request, email: Text = "", language: Text = "") -> Response:
        visitor = desk.visitor(request)
        chosen = language if language in LANGUAGES else visitor.language.code
        try:
            set_own_email(desk.accounts, desk.actor_of(visitor), email, chosen)
        except AddressInvalid as error:
            form = _form(desk, visitor, "", ChannelKind.EMAIL)
            return _page(desk, request, visitor, form, _told(visitor, error), own=email)
        return RedirectResponse("/alerts/channels", 303)

    _add_acts(router, desk)


def _add_acts(router: APIRouter, desk: Desk) -> None:
    @router.post("/alerts/channels/delete")
    def delete(request: Request, id: Text) -> Response:
        delete_channel(desk.alerts, desk.actor(request), id)
        return RedirectResponse("/alerts/channels", 303)

    @router.post("/alerts/channels/test")
    def test(request: Request, id: Text) -> Response:
        visitor = desk.visitor(request)
        try:
            delivery = try_channel(desk.alerts, desk.actor_of(visitor), id)
        except ChannelInvalid as error:
            told = _told(visitor, error)
            form = _form(desk, visitor, "", ChannelKind.EMAIL)
            return _page(desk, request, visitor, form, Told(told.error, "", about=id))
        return RedirectResponse(f"/alerts/channels?tested={delivery.id}#tested", 303)

    @router.post("/alerts/channels/secret")
    def renew(request: Request, id: Text) -> Response:
        visitor = desk.visitor(request)
        secret = renew_secret(desk.alerts, desk.actor_of(visitor), id)
        form = _form(desk, visitor, id, ChannelKind.WEBHOOK)
        return _page(desk, request, visitor, form, Told(secret=secret, about=form.name))


def _form(desk: Desk, visitor: Visitor, edit: str, kind: ChannelKind) -> Channel:
    """What the form shows: the channel being changed, or an empty one."""
    actor = desk.actor_of(visitor)
    known = next((one for one in list_channels(desk.alerts, actor) if one.id == edit), None)
    return known or Channel("", actor.tenant_id, kind, "", "", visitor.language.code, datetime.now(UTC))


def _told(visitor: Visitor, error: FonotekaError) -> Told:
    return Told(problem_text(visitor.language, error), str(error.context.get("field", "")))


def _page(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    form: Channel,
    told: Told,
    tested: str = "",
    own: str | None = None,
) -> Response:
    actor = desk.actor_of(visitor)
    return desk.page(
        request,
        visitor,
        "channels.html",
        status_code=422 if told.error else 200,
        channels=list_channels(desk.alerts, actor),
        form=form,
        told=told,
        has_mail=desk.alerts.mail is not None,
        is_user=actor.kind is ActorKind.USER,
        own_email=email_of(desk.accounts, actor) if own is None else own,
        tested=_tested(desk, visitor, tested),
        outcome_text=lambda one: outcome_text(visitor.language, one),
        all_languages=tuple(LANGUAGES.values()),
    )


def _tested(desk: Desk, visitor: Visitor, delivery_id: str) -> Delivery | None:
    if not delivery_id:
        return None
    try:
        return get_delivery(desk.alerts, desk.actor_of(visitor), delivery_id)
    except DeliveryNotFound:
        return None
