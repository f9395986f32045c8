"""`fonoteka db`: a filled archive moves from SQLite to PostgreSQL whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from fonoteka import wiring
from fonoteka.accounts import ensure_first_administrator
from fonoteka.archive import (
    AudioFormat,
    AudioPurpose,
    find_calls,
    open_audio,
    register_call,
    shelve_recording,
)
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension, Tenant
from fonoteka.domain.query import CallQuery
from fonoteka.domain.running import one_of_several
from fonoteka.policy import create_tenant, save_extension
from fonoteka.settings import load_settings
from fonoteka.store import Store
from tests.archive.test_shelving import PEAKS, assembled
from tests.databases import PostgreSQL
from tests.examples import actor, call, people
from tests.service import PASSWORD, Service

CALLS = 30


@pytest.fixture
def empty_postgresql(postgresql: PostgreSQL) -> str:
    """The address of an empty database."""
    name = f"copy_{new_id().replace('-', '')}"
    postgresql.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return postgresql.url(name)


@pytest.fixture
def filled(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    """On SQLite: calls with audio, people, users and an access log, names in Russian among them."""
    monkeypatch.delenv("FONOTEKA_DATABASE_URL", raising=False)
    settings = load_settings(data=service.data)
    rooms = wiring.open_rooms(settings)
    ensure_first_administrator(rooms.accounts, PASSWORD)
    create_tenant(rooms.policy, actor(), Tenant("ours", "ООО «Ёлка»"))
    save_extension(rooms.policy, actor("ours"), Extension("", "ours", "101", "Анна Ж."))
    audio = tmp_path / "audio.opus"
    audio.write_bytes(bytes(3_000))
    for number in range(CALLS):
        one = call(participants=people(f"1{number:02}", calling_name="Борис"))
        register_call(rooms.archive, one)
        shelve_recording(rooms.archive, assembled(one), audio, PEAKS)
        heard = open_audio(
            rooms.archive, actor(), one.recordings[0].id, AudioFormat.OPUS, AudioPurpose.DOWNLOAD
        )
        assert b"".join(heard.read(0, heard.size_bytes)) == audio.read_bytes()
    rooms.close()
    return service


def test_a_filled_database_is_copied_and_used(filled: Service, empty_postgresql: str) -> None:
    assert "none yet" in _status(filled, empty_postgresql)
    said = filled.run("db", "copy", empty_postgresql)
    assert "database_url" in said
    rows = {line.split()[0]: line.split()[1:] for line in said.splitlines() if len(line.split()) == 3}
    assert (rows["calls"][0], rows["recordings"][0], rows["tenants"][0]) == ("30", "30", "2")

    before = wiring.open_rooms(load_settings(data=filled.data))
    after = wiring.open_rooms(load_settings(data=filled.data, database_url=empty_postgresql))
    query = CallQuery()
    assert find_calls(after.archive, actor(), query).items == find_calls(before.archive, actor(), query).items
    register_call(after.archive, call())
    assert len(find_calls(after.archive, actor(), query).items) == CALLS + 1
    before.close()
    after.close()
    # The chain of the access log holds, and goes on with numbers of its own.
    filled.settings["FONOTEKA_DATABASE_URL"] = empty_postgresql
    filled.run("token", "create", "another")
    filled.run("audit", "verify")

    assert "name an empty one" in _refused(filled, "db", "copy", empty_postgresql)


def test_it_is_not_copied_while_something_runs(filled: Service, empty_postgresql: str) -> None:
    with one_of_several(filled.data / "run" / "worker.lock"):
        assert "works on" in _refused(filled, "db", "copy", empty_postgresql)
    assert "none yet" in _status(filled, empty_postgresql)


def test_a_copy_cut_off_leaves_nothing(filled: Service, empty_postgresql: str) -> None:
    source = Store.open(f"sqlite:///{filled.data / 'fonoteka.sqlite3'}")
    target = Store.open(empty_postgresql)
    target.migrate()

    def cut(table: str, _rows: int) -> None:
        if table == "recordings":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        source.copy_to(target, cut)
    done = source.copy_to(target, lambda _table, _rows: None)
    assert {one.name: one.rows for one in done}["calls"] == CALLS
    source.close()
    target.close()


def test_tables_are_made_by_command(service: Service) -> None:
    assert "none yet" in service.run("db", "status")
    assert "was none" in service.run("db", "migrate")
    assert "already" in service.run("db", "migrate")
    assert "rows:" in service.run("db", "status")


def _status(service: Service, url: str) -> str:
    kept = dict(service.settings)
    service.settings["FONOTEKA_DATABASE_URL"] = url
    said = service.run("db", "status")
    service.settings = kept
    return said


def _refused(service: Service, *command: str) -> str:
    kept = dict(service.settings)
    service.settings.pop("FONOTEKA_DATABASE_URL", None)
    said = service.refused(*command)
    service.settings = kept
    return said
