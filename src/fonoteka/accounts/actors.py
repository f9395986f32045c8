"""Users and programs as actors."""

from __future__ import annotations

from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.store import UserRow


def actor_of_user(user: UserRow, remote_address: str) -> Actor:
    """The actor that a signed-in user is."""
    return Actor(ActorKind.USER, user.id, user.name, user.tenant_id, user.role, remote_address)


def nobody(remote_address: str) -> Actor:
    """Who tries to sign in with a login that does not exist, for the audit log alone.

    The login is left out: people type their password there by mistake.
    """
    return Actor(ActorKind.USER, "", "", DEFAULT_TENANT_ID, Role.ADMINISTRATOR, remote_address)


def system_actor() -> Actor:
    """The program itself: the command line, the first start."""
    return Actor(ActorKind.SYSTEM, "system", "system", DEFAULT_TENANT_ID, Role.ADMINISTRATOR)
