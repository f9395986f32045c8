"""Programs that ask: API tokens."""

from __future__ import annotations

from datetime import datetime, timedelta

from fonoteka.accounts.accounts import Accounts
from fonoteka.accounts.actors import actor_of_row
from fonoteka.accounts.giving import check_gift
from fonoteka.accounts.secrets import make_secret, sha256_of
from fonoteka.domain.access import Actor, Permission, Role, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import RequestInvalid, SignInRequired, TokenNotFound
from fonoteka.domain.ids import new_id
from fonoteka.domain.rights import Rights
from fonoteka.store import TokenRow

TOKENS_MAX = 1_000
_PREFIX = "fonoteka_"  # so that people and secret scanners know what they see
_NAME_CHARACTERS_MAX = 100
_SEEN_EVERY = timedelta(minutes=5)


def create_token(
    accounts: Accounts,
    name: str,
    created_by: Actor,
    *,
    role: Role | None = None,
    rights: Rights | None = None,
    expires_at: datetime | None = None,
) -> str:
    """The secret of a new token; it is shown this once.

    Without `role` and `rights` it may do what its creator may, over the whole tenant. Raises
    `RequestInvalid` (fields `name`, `expires_at`), `UserInvalid`, `AccessDenied`.
    """
    require(created_by, Permission.ACCOUNTS_MANAGE, created_by.tenant_id)
    name = name.strip()
    if not 1 <= len(name) <= _NAME_CHARACTERS_MAX:
        raise RequestInvalid("name", f"A token's name has 1 to {_NAME_CHARACTERS_MAX} characters.", "body")
    at = accounts.now()
    if expires_at is not None and expires_at <= at:
        raise RequestInvalid("expires_at", "A token expires in the future.", "body")
    secret = _PREFIX + make_secret()
    token = TokenRow(
        id=new_id(),
        tenant_id=created_by.tenant_id,
        name=name,
        role=created_by.role if role is None else role,
        created_by=created_by.id,
        created_at=at,
        revoked_at=None,
        rights=_like(created_by) if rights is None else rights,
        expires_at=expires_at,
    )
    with accounts.store.transaction() as tx:
        check_gift(tx, created_by, token.role, token.rights)
        if len(tx.tokens.of_tenant(token.tenant_id)) >= TOKENS_MAX:
            raise RequestInvalid("name", f"There are {TOKENS_MAX} tokens already; revoke some.", "body")
        tx.tokens.add(token, sha256_of(secret))
        told = f"{name} role={token.role} reach={token.rights.reach}"
        tx.audit.append(created_by, AuditAction.TOKEN_CREATED, token.id, told, token.created_at)
    return secret


def list_tokens(accounts: Accounts, actor: Actor) -> tuple[TokenRow, ...]:
    """The tenant's tokens that are not revoked, expired ones too, the newest first. Raises `AccessDenied`."""
    require(actor, Permission.ACCOUNTS_MANAGE, actor.tenant_id)
    with accounts.store.reading() as tx:
        return tx.tokens.of_tenant(actor.tenant_id)


def revoke_token(accounts: Accounts, token_id: str, revoked_by: Actor) -> None:
    """The token is good no more. Raises `TokenNotFound` (also when it is revoked already), `AccessDenied`."""
    require(revoked_by, Permission.ACCOUNTS_MANAGE, revoked_by.tenant_id)
    at = accounts.now()
    with accounts.store.transaction() as tx:
        if not tx.tokens.revoke(revoked_by.tenant_id, token_id, at):
            raise TokenNotFound
        tx.audit.append(revoked_by, AuditAction.TOKEN_REVOKED, token_id, "", at)


def actor_of_token(accounts: Accounts, token: str, remote_address: str) -> Actor:
    """Who asks with this token; the id is the token's, its name the name. Raises `SignInRequired`."""
    at = accounts.now()
    with accounts.store.reading() as tx:
        known = tx.tokens.of_secret(sha256_of(token), at)
        if known is None:
            raise SignInRequired
        actor = actor_of_row(tx, known, remote_address)
    if known.seen_at is None or at - known.seen_at >= _SEEN_EVERY:
        with accounts.store.transaction() as tx:
            tx.tokens.note_seen(known.id, at)
    return actor


def _like(actor: Actor) -> Rights:
    """Rights that with the actor's role give what the actor may do."""
    return Rights(
        added=actor.granted - Rights().permissions(actor.role),
        removed=Rights().permissions(actor.role) - actor.granted,
    )
