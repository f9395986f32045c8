"""Rows in bulk into the real tables: COPY on PostgreSQL, large batches on SQLite."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from types import TracebackType
from typing import Any, Self

import psycopg
from sqlalchemy import Table
from sqlalchemy.engine import make_url

from fonoteka.store.tables import metadata


class Bulk:
    """Collects rows by table, parents first; `flush` writes them in one transaction.

    Columns that a row does not name take their default; one that is needed and missing is refused by the
    database, so a change of the tables is seen here.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self._rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self._columns: dict[str, tuple[str, ...]] = {}
        self._sqlite: sqlite3.Connection | None = None
        self._postgresql: psycopg.Connection | None = None
        if parsed.get_backend_name() == "sqlite":
            self._sqlite = sqlite3.connect(parsed.database or "", isolation_level=None)
            self._sqlite.executescript(
                "PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY"
            )
        else:
            self._postgresql = psycopg.connect(
                host=str(parsed.query["host"]), user=parsed.username, dbname=parsed.database
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.flush()
        for connection in (self._sqlite, self._postgresql):
            if connection is not None:
                connection.close()

    @property
    def waiting(self) -> int:
        """How many calls wait to be written."""
        return len(self._rows["calls"])

    def add(self, table: Table, **values: Any) -> None:
        """Take a row; all of a table name the same columns in the same order."""
        self._columns.setdefault(table.name, tuple(values))
        self._rows[table.name].append(tuple(values.values()))

    def flush(self) -> None:
        """Write what is waiting."""
        names = [table.name for table in metadata.sorted_tables if self._rows[table.name]]
        if self._sqlite is not None:
            self._sqlite.execute("BEGIN IMMEDIATE")
            for name in names:
                marks = ", ".join("?" * len(self._columns[name]))
                self._sqlite.executemany(f"INSERT INTO {self._into(name)} VALUES ({marks})", self._rows[name])
            self._sqlite.execute("COMMIT")
        elif self._postgresql is not None:
            cursor = self._postgresql.cursor()
            for name in names:
                with cursor.copy(f"COPY {self._into(name)} FROM STDIN") as copy:
                    for row in self._rows[name]:
                        copy.write_row(row)
            self._postgresql.commit()
        self._rows.clear()

    def finish(self) -> None:
        """What the database's own upkeep would have done in time; ids that were given out are taken."""
        if self._sqlite is not None:
            self._sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        elif self._postgresql is not None:
            for name in ("speakers", "note_words"):
                self._postgresql.execute(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), coalesce(max(id), 1)) FROM {name}"
                )
            self._postgresql.commit()
            self._postgresql.autocommit = True
            self._postgresql.execute("VACUUM (ANALYZE)")

    def _into(self, name: str) -> str:
        return f"{name} ({', '.join(self._columns[name])})"
