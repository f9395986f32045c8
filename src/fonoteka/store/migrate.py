"""Bringing a database up to this version, from inside the program, whoever starts first."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from fonoteka.domain.errors import SettingInvalid
from fonoteka.store.engine import analyze
from fonoteka.store.revision import revision_of

_ADVISORY_LOCK = 0x466F_6E6F_7465_6B61  # "Fonoteka"
_FOLDER = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Run what is missing, all in one transaction: a crash in the middle leaves the former version.

    Raises `SettingInvalid` when the database is at a revision that this version does not know.
    """
    with engine.begin() as connection:  # on SQLite this holds the write lock from the first statement
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        config = make_config(connection)
        _refuse_unknown(connection, ScriptDirectory.from_config(config))
        before = revision_of(connection)
        command.upgrade(config, "head")
        if before != revision_of(connection):
            analyze(connection)


def make_config(connection: Connection) -> Config:
    """Alembic's configuration for migrations over an open connection."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _refuse_unknown(connection: Connection, scripts: ScriptDirectory) -> None:
    revision = revision_of(connection)
    try:
        if revision is not None:
            scripts.get_revision(revision)
    except CommandError as error:
        raise SettingInvalid(
            f"The database is at revision {revision}, made by a newer Fonoteka than this one."
        ) from error
