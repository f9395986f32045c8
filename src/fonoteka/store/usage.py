"""Rows of what tenants use: sums that change with the recordings, in their transactions."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from fonoteka.domain.storage_use import Amount
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import recordings, storage_usage


@dataclass(frozen=True, slots=True)
class Sums:
    """What the row says and what the recordings say, in one state of the database."""

    kept: Amount
    counted: Amount


class Usage:
    """One row a tenant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, tenant_id: str) -> Amount:
        """What the tenant uses."""
        c = storage_usage.c
        found = select(c.recordings, c.duration_ms, c.used_bytes).where(c.tenant_id == tenant_id)
        row = self._connection.execute(found).one_or_none()
        return Amount() if row is None else Amount(*row)

    def lock(self, tenant_id: str) -> Amount:
        """What the tenant uses; nobody changes it until we commit."""
        c = storage_usage.c
        found = select(c.recordings, c.duration_ms, c.used_bytes).where(c.tenant_id == tenant_id)
        row = self._connection.execute(found.with_for_update()).one_or_none()
        if row is None:
            self._ensure(tenant_id)
            row = self._connection.execute(found.with_for_update()).one()
        return Amount(*row)

    def add(self, tenant_id: str, recordings_: int, duration_ms: int, stored_bytes: int) -> None:
        """Add to the sums (negative: take away)."""
        if not (recordings_ or duration_ms or stored_bytes):
            return
        c = storage_usage.c
        more = (
            update(storage_usage)
            .where(c.tenant_id == tenant_id)
            .values(
                used_bytes=c.used_bytes + stored_bytes,
                recordings=c.recordings + recordings_,
                duration_ms=c.duration_ms + duration_ms,
            )
            .execution_options(preserve_rowcount=True)
        )
        if not self._connection.execute(more).rowcount:
            self._ensure(tenant_id)
            self._connection.execute(more)

    def tenants(self) -> tuple[str, ...]:
        """Every tenant that has or had recordings."""
        return tuple(self._connection.scalars(select(storage_usage.c.tenant_id).order_by("tenant_id")))

    def sums(self, tenant_id: str) -> Sums:
        """What the row says beside what the recordings say."""
        c = recordings.c
        counted = select(
            func.count(),
            func.coalesce(func.sum(c.duration_ms), 0),
            func.coalesce(func.sum(c.stored_bytes), 0),
        ).where(c.tenant_id == tenant_id, c.standing != "", c.stored_bytes > 0)
        number, duration_ms, stored_bytes = self._connection.execute(counted).one()
        return Sums(self.get(tenant_id), Amount(number, int(duration_ms), int(stored_bytes)))

    def set(self, tenant_id: str, amount: Amount) -> None:
        """Write the sums anew, under `lock`."""
        self._connection.execute(
            update(storage_usage)
            .where(storage_usage.c.tenant_id == tenant_id)
            .values(
                used_bytes=amount.stored_bytes,
                recordings=amount.recordings,
                duration_ms=amount.duration_ms,
            )
        )

    def _ensure(self, tenant_id: str) -> None:
        insert_missing(
            self._connection,
            storage_usage,
            {"tenant_id": tenant_id, "used_bytes": 0, "recordings": 0, "duration_ms": 0},
        )
