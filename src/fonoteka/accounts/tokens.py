"""Programs that ask: API tokens."""

from __future__ import annotations

from fonoteka.accounts.accounts import Accounts
from fonoteka.accounts.secrets import make_secret, sha256_of
from fonoteka.domain.access import Actor, ActorKind, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import RequestInvalid, SignInRequired, TokenNotFound
from fonoteka.domain.ids import new_id
from fonoteka.store import TokenRow

_PREFIX = "fonoteka_"  # so that people and secret scanners know what they see
_NAME_CHARACTERS_MAX = 100


def create_token(accounts: Accounts, name: str, created_by: Actor) -> str:
    """The secret of a new token with the tenant and role of its creator; it is shown this once.

    Raises `RequestInvalid` (field `name`), `AccessDenied`.
    """
    require(created_by, Permission.ACCOUNTS_MANAGE, created_by.tenant_id)
    name = name.strip()
    if not 1 <= len(name) <= _NAME_CHARACTERS_MAX:
        raise RequestInvalid("name", f"A token's name has 1 to {_NAME_CHARACTERS_MAX} characters.")
    secret = _PREFIX + make_secret()
    token = TokenRow(
        id=new_id(),
        tenant_id=created_by.tenant_id,
        name=name,
        role=created_by.role,
        created_by=created_by.id,
        created_at=accounts.now(),
        revoked_at=None,
    )
    with accounts.store.transaction() as tx:
        tx.tokens.add(token, sha256_of(secret))
        tx.audit.append(created_by, AuditAction.TOKEN_CREATED, token.id, name, token.created_at)
    return secret


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
    with accounts.store.reading() as tx:
        known = tx.tokens.of_secret(sha256_of(token))
    if known is None:
        raise SignInRequired
    return Actor(ActorKind.TOKEN, known.id, known.name, known.tenant_id, known.role, remote_address)
