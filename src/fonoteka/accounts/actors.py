"""Users and programs as actors."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fonoteka.accounts.accounts import Accounts
from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.errors import SignInRequired
from fonoteka.domain.rights import Reach
from fonoteka.store import TokenRow, Transaction, UserRow


def actor_of_user(tx: Transaction, user: UserRow, remote_address: str) -> Actor:
    """The actor that a signed-in user is."""
    return _with_rights(tx, ActorKind.USER, user, remote_address)


def actor_of_row(tx: Transaction, token: TokenRow, remote_address: str) -> Actor:
    """The actor that a token makes of whoever bears it."""
    return _with_rights(tx, ActorKind.TOKEN, token, remote_address)


def actor_by_id(tx: Transaction, tenant_id: str, kind: ActorKind, id_: str, at: datetime) -> Actor | None:
    """Who did something earlier, with the rights of today; None for who may not even sign in any more."""
    if kind is ActorKind.USER:
        user = tx.users.get(id_)
        if user is None or user.tenant_id != tenant_id or user.disabled_at is not None:
            return None
        return actor_of_user(tx, user, "")
    token = tx.tokens.get_good(tenant_id, id_, at) if kind is ActorKind.TOKEN else None
    return None if token is None else actor_of_row(tx, token, "")


def actor_of_now(accounts: Accounts, actor: Actor) -> Actor:
    """Who has been at work for a while, with the rights of today. Raises `SignInRequired` for who is out."""
    if actor.kind not in (ActorKind.USER, ActorKind.TOKEN):
        return actor
    with accounts.store.reading() as tx:
        found = actor_by_id(tx, actor.tenant_id, actor.kind, actor.id, accounts.now())
    if found is None:
        raise SignInRequired
    return replace(found, remote_address=actor.remote_address)


def nobody(remote_address: str) -> Actor:
    """Who tries to sign in with a login that does not exist, for the audit log alone.

    The login is left out: people type their password there by mistake.
    """
    return Actor(
        ActorKind.USER, "", "", DEFAULT_TENANT_ID, Role.AGENT, remote_address, frozenset(), frozenset()
    )


def system_actor() -> Actor:
    """The program itself: the command line, the first start."""
    return Actor(ActorKind.SYSTEM, "system", "system", DEFAULT_TENANT_ID, Role.OWNER)


def _with_rights(tx: Transaction, kind: ActorKind, row: UserRow | TokenRow, remote_address: str) -> Actor:
    rights = row.rights
    extensions = None
    if rights.reach is not Reach.TENANT:
        # Read with every request: who leaves a group stops hearing it at once.
        groups = rights.group_ids if rights.reach is Reach.GROUPS else frozenset()
        extensions = rights.extensions | tx.groups.numbers_of(row.tenant_id, groups)
    return Actor(
        kind,
        row.id,
        row.name,
        row.tenant_id,
        row.role,
        remote_address,
        rights.permissions(row.role),
        extensions,
    )
