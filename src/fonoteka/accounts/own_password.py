"""Changing the own password."""

from __future__ import annotations

from fonoteka.accounts.accounts import Accounts
from fonoteka.accounts.passwords import (
    PASSWORD_CHARACTERS_MAX,
    PASSWORD_CHARACTERS_MIN,
    fits,
    hash_password,
)
from fonoteka.accounts.secrets import sha256_of
from fonoteka.accounts.throttle import begin_attempt, throttle_key
from fonoteka.domain.access import Actor, ActorKind
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import AccessDenied, UserInvalid


def has_password(accounts: Accounts, actor: Actor) -> bool:
    """Whether the actor is a person who signs in with a password, not by links alone."""
    with accounts.store.reading() as tx:
        user = tx.users.get(actor.id)
    return user is not None and user.password_hash != ""


def change_password(accounts: Accounts, actor: Actor, secret: str, old: str, new: str) -> None:
    """Set the password of who is signed in with the session `secret`; other browsers are signed out.

    `old` is not asked for when there is none yet (one signed in by a link). Raises `UserInvalid` (fields
    `old_password`, `new_password`), `SignInThrottled` after five wrong ones, `AccessDenied` to programs.
    """
    if actor.kind is not ActorKind.USER:
        raise AccessDenied("Only a person has a password.")
    if not PASSWORD_CHARACTERS_MIN <= len(new) <= PASSWORD_CHARACTERS_MAX:
        raise UserInvalid("new_password", f"A password has at least {PASSWORD_CHARACTERS_MIN} characters.")
    at = accounts.now()
    with accounts.store.transaction() as tx:
        user = tx.users.get(actor.id)
        if user is None:
            raise AccessDenied
        key = throttle_key(user.login, "own password")
        if user.password_hash:
            begin_attempt(tx, key, at)
    if user.password_hash and not fits(old, user.password_hash):
        raise UserInvalid("old_password", "This is not the password until now.")
    if new.casefold() == user.login:
        raise UserInvalid("new_password", "The login itself is no password.")
    made = hash_password(new)
    with accounts.store.transaction() as tx:
        tx.sign_in_attempts.clear(key)
        tx.users.set_password_hash(user.id, made)
        current = tx.sessions.user(sha256_of(secret), at)
        tx.sessions.end_of_user(user.id, "" if current is None else current[1].id)
        tx.audit.append(actor, AuditAction.PASSWORD_CHANGED, user.id, "", at)
