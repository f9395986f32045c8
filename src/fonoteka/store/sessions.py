"""Rows of browser sessions. Secrets come here as SHA-256 only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from fonoteka.store.tables import sessions, users
from fonoteka.store.users import UserRow, user_of


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser that is signed in. `seen_at` is when it last asked, to some minutes."""

    id: str
    secret_sha256: str
    tenant_id: str
    user_id: str
    created_at: datetime
    expires_at: datetime
    seen_at: datetime
    remote_address: str
    user_agent: str


class Sessions:
    """Who is signed in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: SessionRow) -> None:
        """Begin a session."""
        self._connection.execute(
            insert(sessions).values(
                id=session.id,
                secret_sha256=session.secret_sha256,
                tenant_id=session.tenant_id,
                user_id=session.user_id,
                created_at=session.created_at,
                expires_at=session.expires_at,
                seen_at=session.seen_at,
                remote_address=session.remote_address,
                user_agent=session.user_agent,
            )
        )

    def user(self, secret_sha256: str, at: datetime) -> tuple[UserRow, SessionRow] | None:
        """The session, unless it has expired or its user is disabled, and the user."""
        session = self._connection.execute(
            select(sessions).where(sessions.c.secret_sha256 == secret_sha256, sessions.c.expires_at > at)
        ).one_or_none()
        if session is None:
            return None
        user = self._connection.execute(
            select(users).where(users.c.id == session.user_id, users.c.disabled_at.is_(None))
        ).one_or_none()
        return None if user is None else (user_of(user), _session(session))

    def of_tenant(self, tenant_id: str, at: datetime) -> tuple[SessionRow, ...]:
        """The tenant's sessions that have not expired, the last seen first."""
        found = select(sessions).where(sessions.c.tenant_id == tenant_id, sessions.c.expires_at > at)
        found = found.order_by(sessions.c.seen_at.desc(), sessions.c.id)
        return tuple(_session(row) for row in self._connection.execute(found))

    def get(self, tenant_id: str, session_id: str) -> SessionRow | None:
        """The session of that id."""
        found = select(sessions).where(sessions.c.tenant_id == tenant_id, sessions.c.id == session_id)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _session(row)

    def note_seen(self, session_id: str, at: datetime, remote_address: str) -> None:
        """Remember when and from where the session last asked."""
        self._connection.execute(
            update(sessions)
            .where(sessions.c.id == session_id)
            .values(seen_at=at, remote_address=remote_address)
        )

    def end(self, session_id: str) -> None:
        """End a session; unknown ones are no error."""
        self._connection.execute(delete(sessions).where(sessions.c.id == session_id))

    def end_of_user(self, user_id: str, but: str = "") -> int:
        """End all sessions of a user except the one with the id `but`; how many."""
        done = self._connection.execute(
            delete(sessions).where(sessions.c.user_id == user_id, sessions.c.id != but),
            execution_options={"preserve_rowcount": True},
        )
        return int(done.rowcount)

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


def _session(row: Row[Any]) -> SessionRow:
    return SessionRow(
        id=row.id,
        secret_sha256=row.secret_sha256,
        tenant_id=row.tenant_id,
        user_id=row.user_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        seen_at=row.seen_at,
        remote_address=row.remote_address,
        user_agent=row.user_agent,
    )
