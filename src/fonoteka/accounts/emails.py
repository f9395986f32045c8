"""Where to write to a user."""

from __future__ import annotations

from fonoteka.accounts.accounts import Accounts
from fonoteka.domain.access import Actor, ActorKind
from fonoteka.domain.addresses import clean_email
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import AccessDenied, RequestInvalid

LANGUAGES = ("ru", "en")


def email_of(accounts: Accounts, actor: Actor) -> str:
    """The address that the actor gave; empty without one, and for who is no user."""
    if actor.kind is not ActorKind.USER:
        return ""
    with accounts.store.reading() as tx:
        user = tx.users.get(actor.id)
    return "" if user is None else user.email


def set_own_email(accounts: Accounts, actor: Actor, email: str, language: str) -> str:
    """Where, and in which language, to write to the actor; an empty address takes it back.

    The address as it is kept. Raises `AddressInvalid`, `RequestInvalid`, `AccessDenied` for who is no user.
    """
    if actor.kind is not ActorKind.USER:
        raise AccessDenied("Only a user has an e-mail address.")
    if language not in LANGUAGES:
        raise RequestInvalid("language", "The language is ru or en.", "body")
    clean = clean_email(email, "email") if email.strip() else ""
    with accounts.store.transaction() as tx:
        if tx.users.get(actor.id) is None:
            raise AccessDenied("There is no such user.")
        tx.users.set_email(actor.id, clean, language)
        told = f"e-mail address {clean}" if clean else "e-mail address removed"
        tx.audit.append(actor, AuditAction.USER_CHANGED, actor.id, told, accounts.now())
    return clean
