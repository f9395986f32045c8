"""Rows of sweeps: how far each tenant's terms were brought to its recordings, and when it was last swept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import storage_sweeps


@dataclass(frozen=True, slots=True)
class SweepRow:
    """Terms of the state `stamp` were brought up to the recording `cursor`; all of them when `is_done`.

    `swept_at` is the time of the last sweep, `halted_since` since when it waits for a confirmation.
    """

    tenant_id: str
    stamp: str = ""
    cursor: str = ""
    is_done: bool = False
    swept_at: datetime | None = None
    halted_since: datetime | None = None


class Sweeps:
    """One row a tenant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, tenant_id: str) -> SweepRow:
        """The tenant's row, or that of a tenant never swept."""
        found = select(storage_sweeps).where(storage_sweeps.c.tenant_id == tenant_id)
        row = self._connection.execute(found).one_or_none()
        return SweepRow(tenant_id) if row is None else SweepRow(*row)

    def get_locked(self, tenant_id: str) -> SweepRow:
        """The tenant's row, kept from others until we commit."""
        insert_missing(
            self._connection,
            storage_sweeps,
            {"tenant_id": tenant_id, "stamp": "", "cursor": "", "is_done": False},
        )
        found = select(storage_sweeps).where(storage_sweeps.c.tenant_id == tenant_id)
        return SweepRow(*self._connection.execute(found.with_for_update()).one())

    def replace(self, row: SweepRow) -> None:
        """Write the row anew, under its lock."""
        self._connection.execute(
            update(storage_sweeps)
            .where(storage_sweeps.c.tenant_id == row.tenant_id)
            .values(
                stamp=row.stamp,
                cursor=row.cursor,
                is_done=row.is_done,
                swept_at=row.swept_at,
                halted_since=row.halted_since,
            )
        )
