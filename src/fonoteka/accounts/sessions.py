"""Being signed in."""

from __future__ import annotations

from datetime import datetime, timedelta

from fonoteka.accounts.accounts import Accounts
from fonoteka.accounts.actors import actor_of_user
from fonoteka.accounts.secrets import make_secret, sha256_of
from fonoteka.domain.access import Actor, Permission, may
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import SessionNotFound, SignInRequired
from fonoteka.domain.ids import is_id, new_id
from fonoteka.store import SessionRow, Transaction, UserRow

_SESSIONS_OF_USER_MAX = 100
_USER_AGENT_CHARACTERS_MAX = 300
_SEEN_EVERY = timedelta(minutes=5)


def begin_session(
    accounts: Accounts, tx: Transaction, user: UserRow, remote_address: str, user_agent: str, how: str
) -> str:
    """A new session's secret; the audit log says how it came about. The oldest beyond 100 end."""
    at = accounts.now()
    secret = make_secret()
    session = SessionRow(
        id=new_id(),
        secret_sha256=sha256_of(secret),
        tenant_id=user.tenant_id,
        user_id=user.id,
        created_at=at,
        expires_at=at + timedelta(days=accounts.session_days),
        seen_at=at,
        remote_address=remote_address,
        user_agent=user_agent[:_USER_AGENT_CHARACTERS_MAX],
    )
    tx.sessions.add(session)
    tx.sessions.prune(user.id, at, _SESSIONS_OF_USER_MAX)
    tx.audit.append(actor_of_user(tx, user, remote_address), AuditAction.SIGNED_IN, user.id, how, at)
    return secret


def actor_of_session(accounts: Accounts, secret: str, remote_address: str) -> Actor:
    """Who is signed in with this secret. Raises `SignInRequired`."""
    at = accounts.now()
    with accounts.store.reading() as tx:
        known = tx.sessions.user(sha256_of(secret), at)
        if known is None:
            raise SignInRequired
        user, session = known
        actor = actor_of_user(tx, user, remote_address)
    if at - session.seen_at >= _SEEN_EVERY:
        with accounts.store.transaction() as tx:
            tx.sessions.note_seen(session.id, at, remote_address)
    return actor


def session_id_of(accounts: Accounts, secret: str) -> str:
    """The id of the session with this secret; empty when there is none."""
    with accounts.store.reading() as tx:
        known = tx.sessions.user(sha256_of(secret), accounts.now())
    return "" if known is None else known[1].id


def list_sessions(accounts: Accounts, actor: Actor, user_id: str | None = None) -> tuple[SessionRow, ...]:
    """Browsers that are signed in, the last seen first: the actor's own, or those of another user.

    Of others only who may manage accounts is told; nobody else learns of any.
    """
    wanted = actor.id if user_id is None else user_id
    if wanted != actor.id and not may(actor, Permission.ACCOUNTS_MANAGE, actor.tenant_id):
        return ()
    with accounts.store.reading() as tx:
        some = tx.sessions.of_tenant(actor.tenant_id, accounts.now())
    return tuple(one for one in some if one.user_id == wanted)


def end_session(accounts: Accounts, actor: Actor, session_id: str) -> None:
    """Sign a browser out: an own one, or anybody's for who may manage accounts. Raises `SessionNotFound`."""
    with accounts.store.transaction() as tx:
        session = tx.sessions.get(actor.tenant_id, session_id) if is_id(session_id) else None
        manages = may(actor, Permission.ACCOUNTS_MANAGE, actor.tenant_id)
        if session is None or (session.user_id != actor.id and not manages):
            raise SessionNotFound
        tx.sessions.end(session_id)
        _write_end(tx, actor, session.user_id, accounts.now(), 1)


def end_other_sessions(accounts: Accounts, actor: Actor, secret: str) -> int:
    """Sign out every browser of the actor but the one with this secret; how many there were."""
    at = accounts.now()
    with accounts.store.transaction() as tx:
        known = tx.sessions.user(sha256_of(secret), at)
        ended = tx.sessions.end_of_user(actor.id, "" if known is None else known[1].id)
        if ended:
            _write_end(tx, actor, actor.id, at, ended)
    return ended


def sign_out(accounts: Accounts, secret: str) -> None:
    """End the session; an unknown or expired one is no error."""
    at = accounts.now()
    with accounts.store.transaction() as tx:
        known = tx.sessions.user(sha256_of(secret), at)
        if known is not None:
            user, session = known
            tx.sessions.end(session.id)
            tx.audit.append(actor_of_user(tx, user, ""), AuditAction.SIGNED_OUT, user.id, "", at)


def _write_end(tx: Transaction, actor: Actor, user_id: str, at: datetime, count: int) -> None:
    tx.audit.append(actor, AuditAction.SESSION_ENDED, user_id, f"sessions={count}", at)
