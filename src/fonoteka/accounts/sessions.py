"""Being signed in."""

from __future__ import annotations

from datetime import timedelta

from fonoteka.accounts.accounts import Accounts
from fonoteka.accounts.actors import actor_of_user
from fonoteka.accounts.secrets import make_secret, sha256_of
from fonoteka.domain.access import Actor
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import SignInRequired
from fonoteka.store import Transaction, UserRow

_SESSIONS_OF_USER_MAX = 100


def begin_session(accounts: Accounts, tx: Transaction, user: UserRow, remote_address: str, how: str) -> str:
    """A new session's secret; the audit log says how it came about. The oldest beyond 100 end."""
    at = accounts.now()
    secret = make_secret()
    expires_at = at + timedelta(days=accounts.session_days)
    tx.sessions.add(sha256_of(secret), user, at, expires_at, remote_address)
    tx.sessions.prune(user.id, at, _SESSIONS_OF_USER_MAX)
    tx.audit.append(actor_of_user(user, remote_address), AuditAction.SIGNED_IN, user.id, how, at)
    return secret


def actor_of_session(accounts: Accounts, secret: str, remote_address: str) -> Actor:
    """Who is signed in with this secret. Raises `SignInRequired`."""
    with accounts.store.reading() as tx:
        user = tx.sessions.user(sha256_of(secret), accounts.now())
    if user is None:
        raise SignInRequired
    return actor_of_user(user, remote_address)


def sign_out(accounts: Accounts, secret: str) -> None:
    """End the session; an unknown or expired one is no error."""
    digest = sha256_of(secret)
    at = accounts.now()
    with accounts.store.transaction() as tx:
        user = tx.sessions.user(digest, at)
        tx.sessions.end(digest)
        if user is not None:
            tx.audit.append(actor_of_user(user, ""), AuditAction.SIGNED_OUT, user.id, "", at)
