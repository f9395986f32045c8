"""Rows of API tokens. Secrets come here as SHA-256 only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from fonoteka.domain.access import Role
from fonoteka.store.tables import tokens


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A program's right to ask: what it is called, for which tenant, with which role."""

    id: str
    tenant_id: str
    name: str
    role: Role
    created_by: str
    created_at: datetime
    revoked_at: datetime | None


class Tokens:
    """API tokens of all tenants."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, token: TokenRow, secret_sha256: str) -> None:
        """Store a new token."""
        self._connection.execute(
            insert(tokens).values(
                id=token.id,
                tenant_id=token.tenant_id,
                secret_sha256=secret_sha256,
                name=token.name,
                role=token.role.value,
                created_by=token.created_by,
                created_at=token.created_at,
                revoked_at=token.revoked_at,
            )
        )

    def of_secret(self, secret_sha256: str) -> TokenRow | None:
        """The token with this secret, unless it is revoked."""
        found = select(tokens).where(tokens.c.secret_sha256 == secret_sha256, tokens.c.revoked_at.is_(None))
        row = self._connection.execute(found).one_or_none()
        if row is None:
            return None
        return TokenRow(
            id=row.id,
            tenant_id=row.tenant_id,
            name=row.name,
            role=Role(row.role),
            created_by=row.created_by,
            created_at=row.created_at,
            revoked_at=row.revoked_at,
        )

    def revoke(self, tenant_id: str, token_id: str, at: datetime) -> bool:
        """Revoke a token of the tenant; whether there was one to revoke."""
        done = self._connection.execute(
            update(tokens)
            .where(tokens.c.id == token_id, tokens.c.tenant_id == tenant_id, tokens.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        return done.rowcount == 1
