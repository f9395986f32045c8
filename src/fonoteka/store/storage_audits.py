"""The row of the newest audit of rows, sums and objects."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from fonoteka.domain.storage_use import FINDINGS, StorageAudit
from fonoteka.store.tables import storage_audits

_NEWEST = "newest"


class StorageAudits:
    """One for the installation. The findings are not kept: they name what is every tenant's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, audit: StorageAudit, finished_at: datetime) -> None:
        """It takes the place of the one before."""
        self._connection.execute(delete(storage_audits))
        self._connection.execute(
            insert(storage_audits).values(
                id=_NEWEST,
                finished_at=finished_at,
                objects=audit.objects,
                object_bytes=audit.object_bytes,
                recordings=audit.recordings,
                counts=json.dumps(dict(audit.counts)),
                repaired=audit.repaired,
            )
        )

    def newest(self) -> tuple[datetime, StorageAudit] | None:
        """When it ended and what it saw; None before the first."""
        row = self._connection.execute(select(storage_audits)).one_or_none()
        if row is None:
            return None
        told = json.loads(row.counts)
        counts = {kind: int(told.get(kind, 0)) for kind in FINDINGS}
        audit = StorageAudit(row.objects, row.object_bytes, row.recordings, counts, (), row.repaired)
        return row.finished_at, audit
