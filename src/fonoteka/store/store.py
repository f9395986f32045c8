"""The store: one database, opened once a process, used by one transaction a use case."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from fonoteka.domain.errors import FonotekaError, StorageFull, StoreUnavailable
from fonoteka.store.copying import CopiedTable, copy_tables, count_rows
from fonoteka.store.engine import BUSY_TIMEOUT_S, READS_ONLY, analyze, make_engine
from fonoteka.store.revision import newest_revision, revision_of
from fonoteka.store.transaction import Transaction

_SQLITE_FULL = 13
_POSTGRESQL_FULL = "53100"


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """A database as `fonoteka db status` shows it; no password is in `address`."""

    address: str
    revision: str | None
    newest_revision: str
    rows: int | None
    """Of all tables; None where they are not those of this version."""


class Store:
    """SQLite (WAL, every commit synced) or PostgreSQL behind the same repositories. Threads may share it.

    Any use raises `StoreUnavailable` when the database does not answer, `StorageFull` when its disk is full.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None

    @classmethod
    def open(cls, url: str) -> Store:
        """Raises `SettingInvalid` for an address that is neither SQLite nor PostgreSQL; connects later."""
        return cls(make_engine(url))

    def migrate(self) -> None:
        """Bring the tables up to this version; processes that start at once take turns.

        Raises `SettingInvalid` when a newer version made the database.
        """
        with _translated():
            with self._engine.connect() as connection:
                if revision_of(connection) == newest_revision():
                    return
            # Alembic is a third of what a command loads, and mostly there is nothing to do.
            from fonoteka.store.migrate import migrate

            migrate(self._engine)

    def state(self) -> DatabaseState:
        """Which database this is and how far its tables are."""
        with _translated(), self._engine.connect() as connection:
            at, newest = revision_of(connection), newest_revision()
            rows = count_rows(connection) if at == newest else None
        return DatabaseState(self._engine.url.render_as_string(), at, newest, rows)

    def copy_to(self, target: Store, progress: Callable[[str, int], None]) -> tuple[CopiedTable, ...]:
        """Copy every row into a migrated, empty database, in one transaction there, and compare both.

        Raises `DatabaseNotEmpty`, `VerificationFailed`; nothing is copied then.
        """
        with _translated(), self._engine.connect() as source, target._engine.begin() as into:
            copied = copy_tables(source, into, progress)
            analyze(into)
            return copied

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction that may write: committed at the end of the block, rolled back by any exception."""
        with _translated(), self._writing(), self._engine.begin() as connection:
            tx = Transaction(connection)
            yield tx
            tx.audit.write()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that sees one state of the database and does not write; it waits for no writer."""
        options: dict[str, Any] = {READS_ONLY: True}
        if self._engine.dialect.name == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with _translated(), self._engine.connect() as connection:
            connection = connection.execution_options(**options)
            with connection.begin():
                yield Transaction(connection)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """SQLite lets one write at a time and has the others ask again after ever longer pauses.

        Threads of this process wait here instead, and go on at once; other processes are still asked for.
        """
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=BUSY_TIMEOUT_S):
            raise StoreUnavailable("The database does not answer: others of this process are writing.")
        try:
            yield
        finally:
            self._turn.release()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise _typed(error) from error


def _typed(error: DBAPIError | PoolTimeout) -> FonotekaError:
    original = getattr(error, "orig", None)
    if getattr(original, "sqlite_errorcode", 0) & 0xFF == _SQLITE_FULL:
        return StorageFull("There is no room left for the database.")
    if getattr(original, "sqlstate", None) == _POSTGRESQL_FULL:
        return StorageFull("There is no room left for the database.")
    return StoreUnavailable(f"The database does not answer: {original or error}")
