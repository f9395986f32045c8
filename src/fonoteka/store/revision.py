"""At which revision a database's tables are, and at which this version makes them; without Alembic's help."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


def revision_of(connection: Connection) -> str | None:
    """None: there are no tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def newest_revision() -> str:
    """Migrations are numbered, and their files begin with the number."""
    return max(one.name[:4] for one in _VERSIONS.glob("[0-9]*_*.py"))
