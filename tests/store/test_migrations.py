"""The migrations make exactly the tables that the code knows, whoever runs them and how often."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from fonoteka.domain.errors import SettingInvalid, StoreUnavailable
from fonoteka.domain.query import CallQuery
from fonoteka.store import Store
from fonoteka.store.migrate import make_config
from fonoteka.store.revision import newest_revision, revision_of
from fonoteka.store.tables import metadata
from tests.databases import migrate
from tests.examples import NOON, call


def _is_told(name: str | None, kind: str, _parents: object) -> bool:
    """All but the index of transcripts, of which each database makes its own kind."""
    return not (name or "").startswith(("transcript_fts", "ix_transcript_texts_lemmas", "lemma_vector"))


def test_migrated_to_head_is_what_the_code_knows(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": _is_told}
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_every_row_has_its_tenant() -> None:
    of_tenants = [
        table
        for table in metadata.sorted_tables
        if table.name not in ("workers", "schedules", "storage_audits")
    ]
    assert [table.name for table in of_tenants if "tenant_id" not in table.columns] == []
    assert not any(table.columns["tenant_id"].nullable for table in of_tenants)


def test_processes_that_start_at_once_take_turns(empty_database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    starting = [spawn.Process(target=migrate, args=(empty_database_url,)) for _ in range(3)]
    for process in starting:
        process.start()
    for process in starting:
        process.join(60)
    assert [process.exitcode for process in starting] == [0, 0, 0]
    store = Store.open(empty_database_url)
    store.migrate()
    with store.reading() as tx:
        assert not tx.users.any()
    store.close()


def test_the_newest_revision_is_told_by_the_files(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(make_config(connection))
        assert scripts.get_heads() == [newest_revision()] == [revision_of(connection)]
    engine.dispose()


def test_a_newer_database_is_refused(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    store = Store.open(database_url)
    with pytest.raises(SettingInvalid, match="9999"):
        store.migrate()
    store.close()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://h/d", "sqlite://", "sqlite:///:memory:", "oracle://"]
)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(SettingInvalid):
        Store.open(url)


def test_an_absent_server_is_said_to_be_absent(tmp_path) -> None:
    store = Store.open(f"postgresql://nobody@/nothing?host={tmp_path}")
    with pytest.raises(StoreUnavailable):
        store.migrate()
    store.close()


def test_calls_of_the_first_version_are_judged_by_their_recordings(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        command.upgrade(make_config(connection), "0001")
        for call_id, states in OLD_CALLS.items():
            connection.execute(
                text("INSERT INTO calls VALUES (:id, 'old', 'siprec', 'incoming', 1, 2, 3)"), {"id": call_id}
            )
            for n, state in enumerate(states):
                connection.execute(
                    text(
                        "INSERT INTO recordings VALUES (:id, :call, 'old', :state, 'bye', 1, 2, 'opus',"
                        " 'standard', 0, '', NULL, NULL, '', NULL, NULL)"
                    ),
                    {"id": f"{call_id}-{n}", "call": call_id, "state": state},
                )
    engine.dispose()
    store = Store.open(empty_database_url)
    store.migrate()
    with store.reading() as tx:
        assert {one.id for one in tx.tenants.all()} == {"default", "old"}
        assert tx.rule_sets.newest("old").version == 0
        listed = {one.id for one in tx.calls.page("old", CallQuery(), None, 9)}
        whole = tx.calls.page("old", CallQuery(include_unheard=True), None, 9)
    assert listed == {"heard", "failed", "bare", "mixed"}
    assert {one.id: one.outcome.value for one in whole} == {
        "heard": "recorded",
        "failed": "failed",
        "silent": "recorded",
        "bare": "recorded",
        "mixed": "recorded",
    }
    store.close()


def test_what_was_said_is_found_after_the_index_is_written_anew(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        command.upgrade(make_config(connection), "0026")
    engine.dispose()
    store = Store.open(empty_database_url)
    began = [NOON, NOON + timedelta(days=3), NOON + timedelta(days=1)]
    some = [call(started_at=at) for at in began]
    with store.transaction() as tx:
        for one in some:
            tx.calls.add(one)
            tx.recordings.add(one.recordings[0])
    with engine.begin() as connection:
        for place, one in enumerate(some):  # numbered as the recordings came, and of another instant
            row = {"id": place << 14 | 5, "recording": one.recordings[0].id, "call": one.id}
            connection.execute(text(_OLD_TEXT), {**row, "lemmas": f"t{'0' * 16} вернуть деньга"})
    engine.dispose()
    store.migrate()
    with store.reading() as tx:
        for phrase in (["деньга"], ["вернуть", "деньга"]):
            found = tx.transcript_search.find("default", [phrase])
            assert found.call_ids == (some[1].id, some[2].id, some[0].id)
        day = (NOON + timedelta(hours=20), NOON + timedelta(hours=30))
        assert tx.transcript_search.find("default", [["деньга"]], *day).call_ids == (some[2].id,)
    store.close()


_OLD_TEXT = (
    "INSERT INTO transcript_texts (id, recording_id, tenant_id, call_id, started_at, lemmas)"
    " VALUES (:id, :recording, 'default', :call, 1, :lemmas)"
)
OLD_CALLS = {
    "heard": ["ready"],
    "failed": ["failed", "failed"],
    "silent": ["silent"],
    "bare": [],
    "mixed": ["failed", "silent", "processing"],
}
