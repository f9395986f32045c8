"""What was taken in already: files by their place, recordings by what they are; how far growing files were
read. One SQLite file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from fonoteka.connectors.folder.walk import FoundFile
from fonoteka.domain.errors import SpoolUnwritable, StorageFull, UploadConflict
from fonoteka.domain.ids import stable_id

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
  tenant_id TEXT NOT NULL, path BLOB NOT NULL, size_bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, path)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS recordings (
  tenant_id TEXT NOT NULL, source TEXT NOT NULL, external_id TEXT NOT NULL, content_sha256 TEXT NOT NULL,
  call_id TEXT NOT NULL, recording_id TEXT NOT NULL, taken_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, source, external_id, content_sha256)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS places (
  tenant_id TEXT NOT NULL, path BLOB NOT NULL, place TEXT NOT NULL, PRIMARY KEY (tenant_id, path)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a recording the same again. `external_id` names the call at its source."""

    tenant_id: str
    source: str
    external_id: str
    content_sha256: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The ids that a recording has or got; `is_new` unless it had been taken in before."""

    call_id: str
    recording_id: str
    is_new: bool


class ImportState:
    """The memory of imports and uploads in a data folder. For one thread; any number of processes."""

    def __init__(self, path: Path) -> None:
        """Open or make the file. Raises `SpoolUnwritable`."""
        try:
            self._connection = sqlite3.connect(path, timeout=30, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise SpoolUnwritable(f"{path.name} cannot be opened: {error}") from error

    def __enter__(self) -> ImportState:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def knows_file(self, tenant_id: str, file: FoundFile) -> bool:
        """Whether this file was taken in and has not changed since."""
        found = self._connection.execute(
            "SELECT 1 FROM files WHERE tenant_id = ? AND path = ? AND size_bytes = ? AND mtime_ns = ?",
            _file_row(tenant_id, file),
        )
        return found.fetchone() is not None

    def remember_files(self, tenant_id: str, files: Iterable[FoundFile]) -> None:
        """These files need not be read again while they stay as they are. Raises `StorageFull`."""
        with _Transaction(self._connection):
            self._connection.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)",
                [_file_row(tenant_id, file) for file in files],
            )

    def place_of(self, tenant_id: str, path: Path) -> str | None:
        """How far a file was read that grows; None when it never was."""
        found = self._connection.execute(
            "SELECT place FROM places WHERE tenant_id = ? AND path = ?", (tenant_id, os.fsencode(path))
        ).fetchone()
        return None if found is None else str(found[0])

    def remember_place(self, tenant_id: str, path: Path, place: str) -> None:
        """A file that grows was read so far. Raises `StorageFull`."""
        with _Transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO places VALUES (?, ?, ?)", (tenant_id, os.fsencode(path), place)
            )

    def take(
        self, identity: Identity, started_at: datetime, place: Callable[[Taken], None], *, only_one: bool
    ) -> Taken:
        """Take a recording in by calling `place` with its ids, unless it was before; the answer has the ids.

        A recording of a call that is known already joins it, or with `only_one` raises `UploadConflict`.
        The ids follow from what the recording is, so that one whose row a crash kept from being written
        gets the same ones again. `place` must leave it durable and may run twice for it.
        """
        with _Transaction(self._connection):
            found = self._connection.execute(
                "SELECT content_sha256, call_id, recording_id FROM recordings"
                " WHERE tenant_id = ? AND source = ? AND external_id = ?",
                (identity.tenant_id, identity.source, identity.external_id),
            ).fetchall()
            for content, call_id, recording_id in found:
                if content == identity.content_sha256:
                    return Taken(call_id, recording_id, is_new=False)
            if found and only_one:
                raise UploadConflict
            of_call = f"{identity.tenant_id}\n{identity.source}\n{identity.external_id}"
            taken = Taken(
                found[0][1] if found else stable_id(started_at, of_call),
                stable_id(started_at, f"{of_call}\n{identity.content_sha256}"),
                is_new=True,
            )
            place(taken)
            self._connection.execute(
                "INSERT INTO recordings VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(identity.tenant_id, identity.source, identity.external_id, identity.content_sha256),
                    *(taken.call_id, taken.recording_id, datetime.now(UTC).isoformat()),
                ),
            )
            return taken


class _Transaction:
    """All or nothing; the database's own errors become ours."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise SpoolUnwritable(f"the memory of imports: {error}") from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._connection.execute("COMMIT" if error is None else "ROLLBACK")
        except sqlite3.Error as failure:
            if self._connection.in_transaction:
                self._connection.rollback()
            raise StorageFull(f"the memory of imports: {failure}") from failure


def _file_row(tenant_id: str, file: FoundFile) -> tuple[str, bytes, int, int]:
    return tenant_id, os.fsencode(file.path), file.size_bytes, file.mtime_ns
