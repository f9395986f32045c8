"""Rows of browser sessions. Secrets come here as SHA-256 only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from fonoteka.store.tables import sessions, users
from fonoteka.store.users import UserRow, user_of


class Sessions:
    """Who is signed in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, secret_sha256: str, user: UserRow, at: datetime, expires_at: datetime, remote_address: str
    ) -> None:
        """Begin a session."""
        self._connection.execute(
            insert(sessions).values(
                secret_sha256=secret_sha256,
                tenant_id=user.tenant_id,
                user_id=user.id,
                created_at=at,
                expires_at=expires_at,
                remote_address=remote_address,
            )
        )

    def user(self, secret_sha256: str, at: datetime) -> UserRow | None:
        """The user of a session that has not expired and whose user is not disabled."""
        found = (
            select(users)
            .join(sessions, sessions.c.user_id == users.c.id)
            .where(
                sessions.c.secret_sha256 == secret_sha256,
                sessions.c.expires_at > at,
                users.c.disabled_at.is_(None),
            )
        )
        row = self._connection.execute(found).one_or_none()
        return None if row is None else user_of(row)

    def end(self, secret_sha256: str) -> None:
        """End a session; unknown ones are no error."""
        self._connection.execute(delete(sessions).where(sessions.c.secret_sha256 == secret_sha256))

    def prune(self, user_id: str, at: datetime, keep: int) -> None:
        """Remove expired sessions of everybody and all but the newest `keep` of this user."""
        self._connection.execute(delete(sessions).where(sessions.c.expires_at <= at))
        newest = (
            select(sessions.c.secret_sha256)
            .where(sessions.c.user_id == user_id)
            .order_by(sessions.c.created_at.desc(), sessions.c.secret_sha256)
            .limit(keep)
        )
        self._connection.execute(
            delete(sessions).where(sessions.c.user_id == user_id, sessions.c.secret_sha256.not_in(newest))
        )
