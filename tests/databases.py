"""Databases for tests: SQLite and a private PostgreSQL; each test has a fresh, migrated copy."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from fonoteka.domain.ids import new_id
from fonoteka.store import Store
from tests.scratch import in_memory

DEBIAN_BINARIES = Path("/usr/lib/postgresql")
TEMPLATE = "fonoteka_template"
CHOSEN = os.environ.get("FONOTEKA_TEST_DATABASE", "sqlite")
"""What tests work on that are not made twice, for each kind of database: `sqlite` or `postgresql`."""
START_S = 60
_SHUTDOWN = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}  # as PostgreSQL calls them


class PostgreSQL:
    """A cluster of our own, reached by a socket inside its folder; ended by `stop`.

    The folder is a temporary one unless given: then it stays, and is used again if it is there.
    """

    def __init__(self, binaries: Path, folder: Path | None = None) -> None:
        self._binaries = binaries
        self._is_temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="fonoteka-pg-", dir=in_memory()))
        self.folder.mkdir(parents=True, exist_ok=True)
        # The server refuses to run as root.
        self._as = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        if self._as:
            shutil.chown(self.folder, "postgres", "postgres")
        if not (self.folder / "data").exists():
            self._run(
                "initdb", "-D", str(self.folder / "data"), "-U", "fonoteka", "-A", "trust", "-E", "UTF8"
            )
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "fsync": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._server = subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(self.folder / "data"), *options],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("wb"),
            cwd=self.folder,
            **self._as,
        )
        self._wait()

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database."""
        return f"postgresql+psycopg://fonoteka@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run a statement about databases."""
        with psycopg.connect(
            host=str(self.folder), user="fonoteka", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def databases(self) -> set[str]:
        """The names of the databases that there are."""
        with psycopg.connect(host=str(self.folder), user="fonoteka", dbname="postgres") as connection:
            return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}

    def stop(self) -> None:
        """End the server and remove what it wrote."""
        if self._server.poll() is None:
            # What is removed anyway need not be brought to the disk first.
            how = "immediate" if self._is_temporary else "fast"
            self._server.send_signal(_SHUTDOWN[how])
            self._server.wait(START_S)
        if self._is_temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._binaries / program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            **self._as,
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_S
        while True:
            try:
                return self.execute("SELECT 1")
            except psycopg.OperationalError:
                if self._server.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise AssertionError(f"PostgreSQL did not start:\n{log}") from None
                time.sleep(0.1)


def find_postgresql() -> Path | None:
    """The folder of the newest server's programs."""
    found = [path.parent for path in DEBIAN_BINARIES.glob("*/bin/postgres")]
    if found:
        return max(found, key=lambda path: int(path.parent.name))
    program = shutil.which("postgres")
    return Path(program).resolve().parent if program else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server with the migrated template database."""
    binaries = find_postgresql()
    if binaries is None:
        pytest.skip("PostgreSQL is missing; install the package postgresql")
    server = PostgreSQL(binaries)
    try:
        server.execute(f"CREATE DATABASE {TEMPLATE}")
        migrate(server.url(TEMPLATE))
        yield server
    finally:
        server.stop()


_server: PostgreSQL | None = None
_fresh: list[str] = []


@pytest.fixture(scope="session", autouse=True)
def chosen_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """The server is there for the whole run where PostgreSQL was chosen for it."""
    global _server
    assert CHOSEN in ("sqlite", "postgresql"), f"FONOTEKA_TEST_DATABASE={CHOSEN}"
    _server = request.getfixturevalue("postgresql") if CHOSEN == "postgresql" else None
    yield
    _server = None


@pytest.fixture(scope="module", autouse=True)
def databases_of_the_file() -> Iterator[None]:
    """Databases of `fresh_url` go when the tests of their file are over."""
    yield
    while _server is not None and _fresh:
        _server.execute(f"DROP DATABASE IF EXISTS {_fresh.pop()} WITH (FORCE)")


def fresh_url(folder: Path, template: str = TEMPLATE, *, outlives_the_file: bool = False) -> str:
    """The address of a new database of the chosen kind, for `folder` alone; a SQLite file is not made yet."""
    if _server is None:
        return f"sqlite:///{folder / 'fonoteka.sqlite3'}"
    name = f"t_{new_id().replace('-', '')}"
    _server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    if not outlives_the_file:
        _fresh.append(name)
    return _server.url(name)


def lose(url: str) -> None:
    """Take a database of `fresh_url` away from whoever works on it."""
    if _server is not None:
        _server.execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")
        return
    path = Path(url.removeprefix("sqlite:///"))
    path.unlink()
    path.mkdir()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with _database(server, "template0") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database that is this test's own."""
    if request.param == "sqlite":
        path = tmp_path / "fonoteka.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with _database(server, TEMPLATE) as url:
        yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store on each kind of database."""
    opened = Store.open(database_url)
    yield opened
    opened.close()


@contextlib.contextmanager
def _database(server: PostgreSQL, template: str) -> Iterator[str]:
    name = f"t_{new_id().replace('-', '')}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield server.url(name)
    finally:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def migrate(url: str) -> None:
    """Make the tables, by the migrations."""
    store = Store.open(url)
    store.migrate()
    store.close()
