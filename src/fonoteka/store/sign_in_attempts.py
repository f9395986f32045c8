"""Rows that count sign-ins which have not succeeded, so that guessing gets slow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from fonoteka.domain.call import DEFAULT_TENANT_ID
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import sign_in_attempts


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often it failed in a row, when last, and until when no more is tried."""

    failures: int
    last_at: datetime
    blocked_until: datetime


class SignInAttempts:
    """One row for each login and address that failed lately."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_locked(self, key_sha256: str, at: datetime) -> Attempts:
        """The row of the key, made when missing and kept from others until the transaction ends."""
        none = {"tenant_id": DEFAULT_TENANT_ID, "failures": 0, "last_at": at, "blocked_until": at}
        insert_missing(self._connection, sign_in_attempts, {"key_sha256": key_sha256, **none})
        c = sign_in_attempts.c
        found = select(c.failures, c.last_at, c.blocked_until).where(c.key_sha256 == key_sha256)
        return Attempts(*self._connection.execute(found.with_for_update()).one())

    def put(self, key_sha256: str, attempts: Attempts) -> None:
        """Write the row of a key that `get_locked` made sure of."""
        self._connection.execute(
            update(sign_in_attempts)
            .where(sign_in_attempts.c.key_sha256 == key_sha256)
            .values(
                failures=attempts.failures,
                last_at=attempts.last_at,
                blocked_until=attempts.blocked_until,
            )
        )

    def clear(self, key_sha256: str) -> None:
        """A sign-in succeeded: forget the failures."""
        self._connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.key_sha256 == key_sha256))

    def prune(self, older_than: datetime, keep: int) -> None:
        """Remove rows without a failure since that instant, and the oldest ones beyond `keep`."""
        c = sign_in_attempts.c
        self._connection.execute(delete(sign_in_attempts).where(c.last_at < older_than))
        excess = (self._connection.scalar(select(func.count()).select_from(sign_in_attempts)) or 0) - keep
        if excess > 0:
            oldest = select(c.key_sha256).order_by(c.last_at, c.key_sha256).limit(excess)
            self._connection.execute(delete(sign_in_attempts).where(c.key_sha256.in_(oldest)))
