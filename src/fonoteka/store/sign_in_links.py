"""Rows of sign-in links, good for one use. Secrets come here as SHA-256 only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from fonoteka.store.tables import sign_in_links
from fonoteka.store.users import UserRow


@dataclass(frozen=True, slots=True)
class SignInLinkRow:
    """A link that was made, used or not."""

    tenant_id: str
    user_id: str
    expires_at: datetime
    used_at: datetime | None


class SignInLinks:
    """Links that sign a known user in without the password."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, secret_sha256: str, user: UserRow, at: datetime, expires_at: datetime) -> None:
        """Store a new link."""
        self._connection.execute(
            insert(sign_in_links).values(
                secret_sha256=secret_sha256,
                tenant_id=user.tenant_id,
                user_id=user.id,
                created_at=at,
                expires_at=expires_at,
                used_at=None,
            )
        )

    def get(self, secret_sha256: str) -> SignInLinkRow | None:
        """The link with this secret, whatever became of it."""
        c = sign_in_links.c
        found = select(c.tenant_id, c.user_id, c.expires_at, c.used_at).where(
            c.secret_sha256 == secret_sha256
        )
        row = self._connection.execute(found).one_or_none()
        return None if row is None else SignInLinkRow(*row)

    def use(self, secret_sha256: str, at: datetime) -> bool:
        """Use the link up; whether it was still good. Of two at once only one is told so."""
        c = sign_in_links.c
        done = self._connection.execute(
            update(sign_in_links)
            .where(c.secret_sha256 == secret_sha256, c.used_at.is_(None), c.expires_at > at)
            .values(used_at=at)
        )
        return done.rowcount == 1

    def prune(self, expired_before: datetime) -> None:
        """Remove links that expired before that instant."""
        self._connection.execute(delete(sign_in_links).where(sign_in_links.c.expires_at < expired_before))
