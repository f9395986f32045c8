"""Rows of users."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, select, update

from fonoteka.domain.access import Role
from fonoteka.domain.rights import WHOLE_TENANT, Rights
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import users


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person who may sign in. `login` is stored folded; `password_hash` is argon2's own text.

    `email` may be empty; `language` is the one to write to this person in, empty when it was never chosen.
    """

    id: str
    tenant_id: str
    login: str
    name: str
    role: Role
    password_hash: str
    created_at: datetime
    disabled_at: datetime | None
    rights: Rights = WHOLE_TENANT
    email: str = ""
    language: str = ""


class Users:
    """Users of all tenants: one signs in before one's tenant is known."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def any(self) -> bool:
        """Whether there is a user at all."""
        return bool(self._connection.scalar(select(exists().where(users.c.id.is_not(None)))))

    def add(self, user: UserRow) -> bool:
        """Insert the user unless the login is taken."""
        return insert_missing(
            self._connection,
            users,
            {
                "id": user.id,
                "tenant_id": user.tenant_id,
                "login": user.login,
                "name": user.name,
                "role": user.role.value,
                "password_hash": user.password_hash,
                "created_at": user.created_at,
                "disabled_at": user.disabled_at,
                "email": user.email,
                "language": user.language,
                "rights": json.dumps(user.rights.to_value()),
            },
        )

    def of_login(self, login: str) -> UserRow | None:
        """The user with this (folded) login."""
        row = self._connection.execute(select(users).where(users.c.login == login)).one_or_none()
        return None if row is None else user_of(row)

    def get(self, user_id: str) -> UserRow | None:
        """The user with this id."""
        row = self._connection.execute(select(users).where(users.c.id == user_id)).one_or_none()
        return None if row is None else user_of(row)

    def of_tenant(self, tenant_id: str) -> tuple[UserRow, ...]:
        """The tenant's users by name, those who may not sign in any more last."""
        found = select(users).where(users.c.tenant_id == tenant_id)
        found = found.order_by(users.c.disabled_at.is_not(None), users.c.name, users.c.login)
        return tuple(user_of(row) for row in self._connection.execute(found))

    def lock(self, tenant_id: str) -> None:
        """Let nobody change users of the tenant until we commit."""
        found = select(users.c.id).where(users.c.tenant_id == tenant_id).order_by(users.c.id)
        self._connection.execute(found.with_for_update())

    def replace(self, user: UserRow) -> None:
        """Write everything but the password and the login anew."""
        self._connection.execute(
            update(users)
            .where(users.c.id == user.id)
            .values(
                name=user.name,
                role=user.role.value,
                disabled_at=user.disabled_at,
                rights=json.dumps(user.rights.to_value()),
            )
        )

    def set_password_hash(self, user_id: str, password_hash: str) -> None:
        """Replace the password's hash."""
        self._connection.execute(
            update(users).where(users.c.id == user_id).values(password_hash=password_hash)
        )

    def set_email(self, user_id: str, email: str, language: str) -> None:
        """Where and in which language to write to the user."""
        self._connection.execute(
            update(users).where(users.c.id == user_id).values(email=email, language=language)
        )

    def first_administrator(self, tenant_id: str) -> UserRow | None:
        """The owner or administrator who has been there longest."""
        found = (
            select(users)
            .where(
                users.c.tenant_id == tenant_id,
                users.c.role.in_((Role.OWNER.value, Role.ADMINISTRATOR.value)),
                users.c.disabled_at.is_(None),
            )
            .order_by(users.c.created_at, users.c.id)
            .limit(1)
        )
        row = self._connection.execute(found).one_or_none()
        return None if row is None else user_of(row)


def user_of(row: Row[Any]) -> UserRow:
    """A user from a row that has the columns of `users`."""
    return UserRow(
        id=row.id,
        tenant_id=row.tenant_id,
        login=row.login,
        name=row.name,
        role=Role(row.role),
        password_hash=row.password_hash,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        email=row.email,
        language=row.language,
        rights=Rights.of_value(json.loads(row.rights)),
    )
