"""Who may sign in, and what each may do."""

from __future__ import annotations

import re
from dataclasses import replace

from fonoteka.accounts.accounts import Accounts
from fonoteka.accounts.giving import check_gift, check_reach, check_somebody_stays
from fonoteka.accounts.links import LINK_MINUTES_MAX, add_link
from fonoteka.accounts.logins import folded_login
from fonoteka.domain.access import Actor, Permission, Role, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import UserInvalid, UserNotFound
from fonoteka.domain.ids import is_id, new_id
from fonoteka.domain.rights import Rights
from fonoteka.domain.user import User
from fonoteka.store import Transaction, UserRow

USERS_MAX = 10_000
_NAME_CHARACTERS_MAX = 200
_LOGIN = re.compile(r"[^\s\x00-\x1f]{1,200}")


def list_users(accounts: Accounts, actor: Actor) -> tuple[User, ...]:
    """The tenant's users by name, disabled ones last. Raises `AccessDenied`."""
    require(actor, Permission.ACCOUNTS_MANAGE, actor.tenant_id)
    at = accounts.now()
    with accounts.store.reading() as tx:
        sessions = tx.sessions.of_tenant(actor.tenant_id, at)
        rows = tx.users.of_tenant(actor.tenant_id)
    seen = {one.user_id: one.seen_at for one in reversed(sessions)}
    return tuple(replace(_user(row), seen_at=seen.get(row.id)) for row in rows)


def get_user(accounts: Accounts, actor: Actor, user_id: str) -> User:
    """One user of the tenant. Raises `UserNotFound`, `AccessDenied`."""
    require(actor, Permission.ACCOUNTS_MANAGE, actor.tenant_id)
    with accounts.store.reading() as tx:
        return _user(_known(tx, actor, user_id))


def create_user(
    accounts: Accounts, actor: Actor, login: str, name: str, role: Role, rights: Rights
) -> tuple[User, str]:
    """A new user of the actor's tenant, and the secret of a link that signs in once, good for a week.

    There is no password until its owner sets one. Raises `UserInvalid` (fields `login`, `name`, and those of
    `check_gift`), `AccessDenied`.
    """
    require(actor, Permission.ACCOUNTS_MANAGE, actor.tenant_id)
    at = accounts.now()
    user = UserRow(new_id(), actor.tenant_id, _login(login), _name(name), role, "", at, None, rights)
    with accounts.store.transaction() as tx:
        check_gift(tx, actor, role, rights)
        if len(tx.users.of_tenant(actor.tenant_id)) >= USERS_MAX:
            raise UserInvalid("login", f"There are {USERS_MAX} users already.")
        if not tx.users.add(user):
            raise UserInvalid("login", "This login is taken.")
        tx.audit.append(actor, AuditAction.USER_CREATED, user.id, _told(tx, user), at)
        return _user(user), add_link(tx, user, at, LINK_MINUTES_MAX)


def change_user(
    accounts: Accounts,
    actor: Actor,
    user_id: str,
    name: str,
    role: Role,
    rights: Rights,
    *,
    is_disabled: bool = False,
) -> User:
    """Change a user; what is taken away is gone with the next request, who is disabled is signed out.

    Raises `UserNotFound`, `UserInvalid`, `AccessDenied`.
    """
    require(actor, Permission.ACCOUNTS_MANAGE, actor.tenant_id)
    at = accounts.now()
    with accounts.store.transaction() as tx:
        tx.users.lock(actor.tenant_id)
        known = _known(tx, actor, user_id)
        check_reach(actor, known)
        if (role, rights) != (known.role, known.rights):
            check_gift(tx, actor, role, rights)
        disabled_at = (known.disabled_at or at) if is_disabled else None
        user = replace(known, name=_name(name), role=role, rights=rights, disabled_at=disabled_at)
        if user == known:
            return _user(user)
        tx.users.replace(user)
        check_somebody_stays(tx, actor.tenant_id)
        if is_disabled:
            tx.sessions.end_of_user(user.id)
        tx.audit.append(actor, AuditAction.USER_CHANGED, user.id, _told(tx, user), at)
    return _user(user)


def make_user_link(accounts: Accounts, actor: Actor, user_id: str) -> str:
    """The secret of a link that signs the user in once, good for a week: for whoever forgot the password.

    Raises `UserNotFound`, `UserInvalid` when the user is disabled, `AccessDenied`.
    """
    require(actor, Permission.ACCOUNTS_MANAGE, actor.tenant_id)
    at = accounts.now()
    with accounts.store.transaction() as tx:
        user = _known(tx, actor, user_id)
        check_reach(actor, user)
        if user.disabled_at is not None:
            raise UserInvalid("is_disabled", "The user is disabled; let them in again first.")
        tx.audit.append(actor, AuditAction.USER_CHANGED, user.id, "link", at)
        return add_link(tx, user, at, LINK_MINUTES_MAX)


def _known(tx: Transaction, actor: Actor, user_id: str) -> UserRow:
    user = tx.users.get(user_id) if is_id(user_id) else None
    if user is None or user.tenant_id != actor.tenant_id:
        raise UserNotFound
    return user


def _user(row: UserRow) -> User:
    return User(
        row.id,
        row.tenant_id,
        row.login,
        row.name,
        row.role,
        row.rights,
        row.created_at,
        row.disabled_at,
        has_password=row.password_hash != "",
    )


def _login(login: str) -> str:
    folded = folded_login(login)
    if len(login) > 200 or _LOGIN.fullmatch(folded) is None:
        raise UserInvalid("login", "A login has 1 to 200 characters and no spaces; an e-mail address is one.")
    return folded


def _name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= _NAME_CHARACTERS_MAX or not all(one.isprintable() for one in name):
        raise UserInvalid("name", f"A name has 1 to {_NAME_CHARACTERS_MAX} printable characters.")
    return name


def _told(tx: Transaction, user: UserRow) -> str:
    """What the access log says of a user: everything that decides what may be done."""
    rights = user.rights
    groups = [one.name for one in tx.groups.all(user.tenant_id) if one.id in rights.group_ids]
    parts = [user.login, f"role={user.role}", f"reach={rights.reach}"]
    for name, values in (
        ("groups", groups),
        ("extensions", rights.extensions),
        ("added", rights.added),
        ("removed", rights.removed),
    ):
        if values:
            parts.append(f"{name}={','.join(sorted(values)[:20])}")
    if user.disabled_at is not None:
        parts.append("disabled")
    return " ".join(parts)
