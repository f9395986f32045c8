"""Rows of what was shared. Secrets of links and visits come here as SHA-256 only."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from fonoteka.domain.sharing import Share, ShareKind, SharingTerms
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import share_secrets, share_visits, shared_calls, shares, sharing_terms


class Shares:
    """Shares of all tenants."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, share: Share) -> None:
        """Store a new share and its calls."""
        self._connection.execute(insert(shares).values(_values(share)))
        self._connection.execute(
            insert(shared_calls),
            [
                {"share_id": share.id, "position": n, "tenant_id": share.tenant_id, "call_id": call_id}
                for n, call_id in enumerate(share.call_ids)
            ],
        )

    def add_secret(self, share: Share, secret_sha256: str) -> None:
        """Another secret that opens the link."""
        self._connection.execute(
            insert(share_secrets).values(
                secret_sha256=secret_sha256, tenant_id=share.tenant_id, share_id=share.id
            )
        )

    def get(self, tenant_id: str, share_id: str) -> Share | None:
        """The share, or None when this tenant has no such."""
        found = select(shares).where(shares.c.tenant_id == tenant_id, shares.c.id == share_id)
        return next(iter(self._whole(self._connection.execute(found).all())), None)

    def of_secret(self, secret_sha256: str) -> Share | None:
        """The link with this secret, whatever became of it."""
        c = share_secrets.c
        found = select(shares).join(share_secrets, c.share_id == shares.c.id)
        found = found.where(c.secret_sha256 == secret_sha256)
        return next(iter(self._whole(self._connection.execute(found).all())), None)

    def page(
        self, tenant_id: str, author_id: str | None, call_id: str, before: str, limit: int
    ) -> tuple[Share, ...]:
        """Shares, newest first: of one author or (None) of all, of one call or (empty) of any.

        With `before` only those older than the one with that id.
        """
        found = select(shares).where(shares.c.tenant_id == tenant_id)
        if author_id is not None:
            found = found.where(shares.c.author_id == author_id)
        if call_id:
            c = shared_calls.c
            of_call = select(c.share_id).where(c.tenant_id == tenant_id, c.call_id == call_id)
            found = found.where(shares.c.id.in_(of_call))
        if before:
            found = found.where(shares.c.id < before)
        return self._whole(self._connection.execute(found.order_by(shares.c.id.desc()).limit(limit)).all())

    def count_since(self, author_id: str, since: datetime) -> int:
        """How often that author shared something after that instant."""
        c = shares.c
        found = select(func.count()).where(c.author_id == author_id, c.created_at > since)
        return int(self._connection.scalar(found) or 0)

    def use(self, share_id: str) -> bool:
        """Count an opening; whether there was one left. Of two at once only one gets the last."""
        c = shares.c
        done = self._connection.execute(
            update(shares)
            .where(c.id == share_id, or_(c.opens_max.is_(None), c.opens < c.opens_max))
            .values(opens=c.opens + 1)
        )
        return done.rowcount == 1

    def revoke(self, share_id: str, at: datetime, by: str) -> bool:
        """End the share; whether it had not been ended before."""
        c = shares.c
        done = self._connection.execute(
            update(shares)
            .where(c.id == share_id, c.revoked_at.is_(None))
            .values(revoked_at=at, revoked_by=by)
        )
        self._connection.execute(delete(share_visits).where(share_visits.c.share_id == share_id))
        return done.rowcount == 1

    def add_visit(self, share: Share, secret_sha256: str, at: datetime, expires_at: datetime) -> None:
        """A browser in which the link is open; those that are over go."""
        self._connection.execute(delete(share_visits).where(share_visits.c.expires_at <= at))
        self._connection.execute(
            insert(share_visits).values(
                secret_sha256=secret_sha256,
                tenant_id=share.tenant_id,
                share_id=share.id,
                expires_at=expires_at,
            )
        )

    def has_visit(self, share_id: str, secret_sha256: str, at: datetime) -> bool:
        """Whether the link is open in the browser with this secret."""
        c = share_visits.c
        found = select(c.share_id).where(c.secret_sha256 == secret_sha256, c.expires_at > at)
        return self._connection.scalar(found) == share_id

    def prune(self, expired_before: datetime, limit: int) -> None:
        """Remove shares that expired before that instant."""
        old = select(shares.c.id).where(shares.c.expires_at < expired_before).limit(limit)
        self._connection.execute(delete(shares).where(shares.c.id.in_(old)))

    def terms(self, tenant_id: str) -> SharingTerms:
        """What the tenant says of sharing."""
        found = select(sharing_terms).where(sharing_terms.c.tenant_id == tenant_id)
        row = self._connection.execute(found).one_or_none()
        if row is None:
            return SharingTerms(tenant_id)
        own, allowed = (tuple(json.loads(one)) for one in (row.own_domains, row.allowed_domains))
        return SharingTerms(tenant_id, own, allowed, row.days_max)

    def put_terms(self, terms: SharingTerms) -> None:
        """Write what the tenant says of sharing."""
        values = {
            "own_domains": json.dumps(terms.own_domains),
            "allowed_domains": json.dumps(terms.allowed_domains),
            "days_max": terms.days_max,
        }
        if not insert_missing(self._connection, sharing_terms, {"tenant_id": terms.tenant_id, **values}):
            c = sharing_terms.c
            self._connection.execute(
                update(sharing_terms).where(c.tenant_id == terms.tenant_id).values(values)
            )

    def _whole(self, rows: Sequence[Row[Any]]) -> tuple[Share, ...]:
        c = shared_calls.c
        found = select(c.share_id, c.call_id).where(c.share_id.in_([row.id for row in rows]))
        calls: dict[str, list[str]] = defaultdict(list)
        for share_id, call_id in self._connection.execute(found.order_by(c.share_id, c.position)):
            calls[share_id].append(call_id)
        return tuple(_share(row, tuple(calls[row.id])) for row in rows)


def _values(share: Share) -> dict[str, Any]:
    return {
        "id": share.id,
        "tenant_id": share.tenant_id,
        "kind": share.kind.value,
        "author_kind": share.author_kind,
        "author_id": share.author_id,
        "author_name": share.author_name,
        "recipient": share.recipient,
        "reason": share.reason,
        "note": share.note,
        "language": share.language,
        "created_at": share.created_at,
        "expires_at": share.expires_at,
        "may_download": share.may_download,
        "password_hash": share.password_hash,
        "opens_max": share.opens_max,
        "opens": share.opens,
        "revoked_at": share.revoked_at,
        "revoked_by": share.revoked_by,
    }


def _share(row: Row[Any], call_ids: tuple[str, ...]) -> Share:
    return Share(
        id=row.id,
        tenant_id=row.tenant_id,
        kind=ShareKind(row.kind),
        call_ids=call_ids,
        author_kind=row.author_kind,
        author_id=row.author_id,
        author_name=row.author_name,
        recipient=row.recipient,
        reason=row.reason,
        note=row.note,
        language=row.language,
        created_at=row.created_at,
        expires_at=row.expires_at,
        may_download=row.may_download,
        password_hash=row.password_hash,
        opens_max=row.opens_max,
        opens=row.opens,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
    )
