"""Rows of API tokens. Secrets come here as SHA-256 only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from fonoteka.domain.access import Role
from fonoteka.domain.rights import WHOLE_TENANT, Rights
from fonoteka.store.tables import tokens


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A program's right to ask: what it is called, for which tenant, with which role and rights."""

    id: str
    tenant_id: str
    name: str
    role: Role
    created_by: str
    created_at: datetime
    revoked_at: datetime | None
    rights: Rights = WHOLE_TENANT
    expires_at: datetime | None = None
    seen_at: datetime | None = None


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
                rights=json.dumps(token.rights.to_value()),
                expires_at=token.expires_at,
                seen_at=token.seen_at,
            )
        )

    def of_secret(self, secret_sha256: str, at: datetime) -> TokenRow | None:
        """The token with this secret, unless it is revoked or has expired."""
        found = select(tokens).where(
            tokens.c.secret_sha256 == secret_sha256,
            tokens.c.revoked_at.is_(None),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > at),
        )
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _token(row)

    def get_good(self, tenant_id: str, token_id: str, at: datetime) -> TokenRow | None:
        """The tenant's token with this id, unless it is revoked or has expired."""
        found = select(tokens).where(
            tokens.c.id == token_id,
            tokens.c.tenant_id == tenant_id,
            tokens.c.revoked_at.is_(None),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > at),
        )
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _token(row)

    def of_tenant(self, tenant_id: str) -> tuple[TokenRow, ...]:
        """The tenant's tokens that are not revoked, the newest first."""
        found = select(tokens).where(tokens.c.tenant_id == tenant_id, tokens.c.revoked_at.is_(None))
        found = found.order_by(tokens.c.created_at.desc(), tokens.c.id)
        return tuple(_token(row) for row in self._connection.execute(found))

    def note_seen(self, token_id: str, at: datetime) -> None:
        """Remember when the token was last used."""
        self._connection.execute(update(tokens).where(tokens.c.id == token_id).values(seen_at=at))

    def revoke(self, tenant_id: str, token_id: str, at: datetime) -> bool:
        """Revoke a token of the tenant; whether there was one to revoke."""
        done = self._connection.execute(
            update(tokens)
            .where(tokens.c.id == token_id, tokens.c.tenant_id == tenant_id, tokens.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        return done.rowcount == 1


def _token(row: Row[Any]) -> TokenRow:
    return TokenRow(
        id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        role=Role(row.role),
        created_by=row.created_by,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        rights=Rights.of_value(json.loads(row.rights)),
        expires_at=row.expires_at,
        seen_at=row.seen_at,
    )
