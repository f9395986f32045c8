"""Signing in by a link that is good once."""

from __future__ import annotations

from datetime import datetime, timedelta

from fonoteka.accounts.accounts import Accounts
from fonoteka.accounts.actors import actor_of_user
from fonoteka.accounts.logins import folded_login
from fonoteka.accounts.metrics import SIGN_INS
from fonoteka.accounts.secrets import make_secret, sha256_of
from fonoteka.accounts.sessions import begin_session
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import RequestInvalid, SignInRefused
from fonoteka.store import Transaction, UserRow

LINK_MINUTES_MAX = 7 * 24 * 60
_KEPT_AFTER_EXPIRY = timedelta(days=7)


def create_sign_in_link(accounts: Accounts, login: str, minutes: int = 60) -> str:
    """The secret of a link that signs this user in, once, within so many minutes (at most a week).

    Raises `RequestInvalid` (fields `login`, `minutes`).
    """
    if not 1 <= minutes <= LINK_MINUTES_MAX:
        raise RequestInvalid("minutes", f"A link lasts between 1 and {LINK_MINUTES_MAX} minutes.")
    at = accounts.now()
    with accounts.store.transaction() as tx:
        user = tx.users.of_login(folded_login(login))
        if user is None or user.disabled_at is not None:
            raise RequestInvalid("login", "There is no such user.")
        return add_link(tx, user, at, minutes)


def add_link(tx: Transaction, user: UserRow, at: datetime, minutes: int) -> str:
    """The secret of a new link of a user; long expired links go."""
    secret = make_secret()
    tx.sign_in_links.prune(at - _KEPT_AFTER_EXPIRY)
    tx.sign_in_links.add(sha256_of(secret), user, at, at + timedelta(minutes=minutes))
    return secret


def redeem_sign_in_link(accounts: Accounts, secret: str, remote_address: str, user_agent: str = "") -> str:
    """The secret of a new session; the link is used up. Raises `SignInRefused`.

    A link that was used or has expired is written down; one that never was is not, for anybody can make up
    any number of those.
    """
    digest = sha256_of(secret)
    at = accounts.now()
    with accounts.store.transaction() as tx:
        link = tx.sign_in_links.get(digest)
        user = None if link is None else tx.users.get(link.user_id)
        if user is not None and user.disabled_at is None and tx.sign_in_links.use(digest, at):
            SIGN_INS.labels(outcome="link").inc()
            return begin_session(accounts, tx, user, remote_address, user_agent, "link")
        if user is not None:
            actor = actor_of_user(tx, user, remote_address)
            tx.audit.append(actor, AuditAction.SIGN_IN_REFUSED, user.id, "link", at)
    SIGN_INS.labels(outcome="refused").inc()
    raise SignInRefused("The link was used already, has expired or never was.")
