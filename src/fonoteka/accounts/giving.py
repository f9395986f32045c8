"""Nobody gives what one does not have, and no tenant is left without somebody who can."""

from __future__ import annotations

from fonoteka.domain.access import Actor, Permission, Role
from fonoteka.domain.errors import AccessDenied, UserInvalid
from fonoteka.domain.rights import Reach, Rights
from fonoteka.store import Transaction, UserRow

_NAMES_MAX = 1_000


def check_gift(tx: Transaction, actor: Actor, role: Role, rights: Rights) -> None:
    """Whether `actor` may make somebody that.

    Raises `AccessDenied`; `UserInvalid` (fields `group_ids`, `extensions`) for what is not the tenant's.
    """
    if role is Role.OWNER and actor.role is not Role.OWNER:
        raise AccessDenied("Only an owner makes somebody an owner.")
    missing = rights.permissions(role) - actor.granted
    if missing:
        raise AccessDenied(f"{actor.name} may not give {', '.join(sorted(missing))}.")
    if max(len(rights.group_ids), len(rights.extensions)) > _NAMES_MAX:
        raise UserInvalid("group_ids", f"At most {_NAMES_MAX} groups and extensions can be named.")
    known = {group.id for group in tx.groups.all(actor.tenant_id)} if rights.group_ids else set()
    if rights.group_ids - known:
        raise UserInvalid("group_ids", "There is no such group.")
    if rights.reach is Reach.GROUPS and not rights.group_ids and not rights.extensions:
        raise UserInvalid("group_ids", "Choose at least one group: without any, no call would be seen.")
    if rights.reach is Reach.OWN and not rights.extensions:
        raise UserInvalid("extensions", "Name the own extension: without it, no call would be seen.")
    for number in rights.extensions:
        if tx.extensions.of_number(actor.tenant_id, number) is None:
            raise UserInvalid("extensions", f"There is no extension {number[:40]}.")


def check_reach(actor: Actor, user: UserRow) -> None:
    """Whether `actor` may touch this user at all. Raises `AccessDenied`."""
    if user.role is Role.OWNER and actor.role is not Role.OWNER:
        raise AccessDenied("Only an owner changes an owner.")


def check_somebody_stays(tx: Transaction, tenant_id: str) -> None:
    """Raise `UserInvalid` when nobody of the tenant could manage accounts any more."""
    for user in tx.users.of_tenant(tenant_id):
        can = Permission.ACCOUNTS_MANAGE in user.rights.permissions(user.role)
        if user.disabled_at is None and can:
            return
    raise UserInvalid("role", "Nobody would be left who can manage users; give that to somebody else first.")
