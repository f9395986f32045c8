"""The first administrator."""

from __future__ import annotations

from fonoteka.accounts.accounts import Accounts
from fonoteka.accounts.actors import system_actor
from fonoteka.accounts.passwords import (
    PASSWORD_CHARACTERS_MAX,
    PASSWORD_CHARACTERS_MIN,
    hash_password,
    make_password,
)
from fonoteka.domain.access import Role
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.domain.errors import SettingInvalid
from fonoteka.domain.ids import new_id
from fonoteka.store import UserRow

FIRST_LOGIN = "admin"


def ensure_first_administrator(accounts: Accounts, password: str) -> str | None:
    """Create the user `admin` when there is no user at all.

    An empty `password` asks for a made one, which is returned, this once; otherwise None is returned. Raises
    `SettingInvalid` when the given one is shorter than 8 or longer than 1,024 characters.
    """
    with accounts.store.reading() as tx:
        if tx.users.any():
            return None
    if password and not PASSWORD_CHARACTERS_MIN <= len(password) <= PASSWORD_CHARACTERS_MAX:
        raise SettingInvalid(f"admin_password: at least {PASSWORD_CHARACTERS_MIN} characters are needed.")
    made = "" if password else make_password()
    user = UserRow(
        id=new_id(),
        tenant_id=DEFAULT_TENANT_ID,
        login=FIRST_LOGIN,
        name="Administrator",
        role=Role.OWNER,
        password_hash=hash_password(password or made),
        created_at=accounts.now(),
        disabled_at=None,
    )
    with accounts.store.transaction() as tx:
        if tx.users.any() or not tx.users.add(user):  # another process was quicker
            return None
        tx.audit.append(system_actor(), AuditAction.USER_CREATED, user.id, "first", user.created_at)
    return made or None
