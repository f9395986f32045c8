"""Signing in with login and password."""

from __future__ import annotations

import logging

from fonoteka.accounts.accounts import Accounts
from fonoteka.accounts.actors import actor_of_user, nobody
from fonoteka.accounts.logins import folded_login
from fonoteka.accounts.metrics import SIGN_INS
from fonoteka.accounts.passwords import fits, hash_password, is_outdated
from fonoteka.accounts.sessions import begin_session
from fonoteka.accounts.throttle import FREE_FAILURES, begin_attempt, throttle_key, wait_s
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import SignInRefused, SignInThrottled
from fonoteka.store import UserRow

_LOG = logging.getLogger(__name__)


def sign_in(accounts: Accounts, login: str, password: str, remote_address: str, user_agent: str = "") -> str:
    """The secret of a new session.

    Raises `SignInRefused`, alike and as slowly for an unknown login and a wrong password, and
    `SignInThrottled` after five failures in a row for this login from this address. The refusal's context
    has `attempts_left` before one has to wait, and then `wait_s`.
    """
    login = folded_login(login)
    key = throttle_key(login, remote_address)
    try:
        with accounts.store.transaction() as tx:
            failures = begin_attempt(tx, key, accounts.now())
            user = tx.users.of_login(login)
    except SignInThrottled:
        SIGN_INS.labels(outcome="throttled").inc()
        raise
    fit = fits(password, None if user is None else user.password_hash)
    if user is None or not fit or user.disabled_at is not None:
        _write_refusal(accounts, user, remote_address)
        raise SignInRefused(attempts_left=max(FREE_FAILURES - failures, 0), wait_s=wait_s(failures))
    renewed = hash_password(password) if is_outdated(user.password_hash) else None
    with accounts.store.transaction() as tx:
        if renewed is not None:
            tx.users.set_password_hash(user.id, renewed)
        tx.sign_in_attempts.clear(key)
        secret = begin_session(accounts, tx, user, remote_address, user_agent, "password")
    SIGN_INS.labels(outcome="password").inc()
    return secret


def _write_refusal(accounts: Accounts, user: UserRow | None, remote_address: str) -> None:
    with accounts.store.transaction() as tx:
        actor = nobody(remote_address) if user is None else actor_of_user(tx, user, remote_address)
        tx.audit.append(actor, AuditAction.SIGN_IN_REFUSED, actor.id, "password", accounts.now())
    SIGN_INS.labels(outcome="refused").inc()
    _LOG.warning("sign-in refused from %s", remote_address or "an unknown address")
