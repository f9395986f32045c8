"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant, exact. Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The inverse of `to_microseconds`, in UTC. Raises OverflowError outside the years 1–9999."""
    return _EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """An aware instant as integer microseconds since 1970.

    SQLite has no type for instants; an integer is exact, sorts and indexes alike on both databases.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_microseconds(value)


class PlainText(TypeDecorator[str]):
    """Text from the outside world, stored by both databases alike.

    PostgreSQL refuses NUL and nobody encodes lone surrogates; both become U+FFFD, stored or asked for.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        return value


def storable(text: str) -> str:
    """`text` with what no database takes replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


class _Unindexed(FunctionElement[str]):
    inherit_cache = True


def unindexed(column: ColumnElement[str]) -> ColumnElement[str]:
    """The column, by which SQLite is not to begin: it counts no rows, and takes each condition for rare."""
    marked = _Unindexed(column)
    marked.type = column.type
    return marked


@compiles(_Unindexed)
def _plain(element: _Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_Unindexed, "sqlite")
def _with_plus(element: _Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"
