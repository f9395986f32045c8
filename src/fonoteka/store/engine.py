"""Engines for the two databases, set so that a commit is durable and a writer waits instead of failing."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from fonoteka.domain.errors import SettingInvalid

READS_ONLY = "fonoteka_reads_only"
BUSY_TIMEOUT_S = 15
_POOL_SIZE = 8
_POOL_OVERFLOW = 40  # more than a web server's thread pool, so that nobody waits for a connection
_POOL_WAIT_S = 15


def make_engine(url: str) -> Engine:
    """An engine for `sqlite:///PATH` or `postgresql://…` (psycopg). Raises `SettingInvalid` for others."""
    parsed = _parse(url)
    pool: dict[str, Any] = {
        "pool_size": _POOL_SIZE,
        "max_overflow": _POOL_OVERFLOW,
        "pool_timeout": _POOL_WAIT_S,
    }
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, **pool)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    connect = {"connect_timeout": 10, "application_name": "fonoteka"}
    return create_engine(parsed, pool_pre_ping=True, connect_args=connect, **pool)


def analyze(connection: Connection) -> None:
    """Have PostgreSQL look at what was just written by the million.

    Its own upkeep does so too, but a minute later; until then it plans as if the tables were empty. SQLite
    needs no statistics for our questions.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE"))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise SettingInvalid("database_url is not an address of a database.") from error
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        if parsed.database in (None, "", ":memory:"):
            raise SettingInvalid("database_url: SQLite needs a file.")
        return parsed
    raise SettingInvalid(f"database_url: {parsed.drivername} is neither sqlite nor postgresql.")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours (_begin_sqlite), so that DDL is transactional too
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {1000 * BUSY_TIMEOUT_S}")
    _ensure_wal(cursor)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _ensure_wal(cursor: sqlite3.Cursor) -> None:
    """Changing the journal mode does not wait for other processes as statements do, so we wait here."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns to writing fails at once when another wrote meanwhile, whatever
    # the busy timeout; so who may write takes the lock at the start.
    reads_only = connection.get_execution_options().get(READS_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
