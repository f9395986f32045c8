"""What the processes of an installation agree on; nobody's in particular."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import metadata

workers = Table(
    "workers",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("beats", BigInteger, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("heir", PlainText),
)

schedules = Table(
    "schedules",
    metadata,
    Column("name", PlainText, primary_key=True),
    Column("next_at", Instant, nullable=False),
    Column("holder", PlainText),
)
