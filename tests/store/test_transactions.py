"""Transactions: all or nothing, readers beside writers, instants and texts unchanged."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, StatementError

from fonoteka.domain.access import Role
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call, Participant, Party
from fonoteka.domain.errors import StorageFull
from fonoteka.domain.ids import new_id
from fonoteka.domain.query import CallQuery
from fonoteka.domain.recording import ActivityStrip, Recording, RecordingState
from fonoteka.store import Store, UserRow
from tests.examples import NOON, actor, call, people, recording, two_tracks

ON_ONE_DATABASE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
INSTANTS = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def save(store: Store, one: Call) -> None:
    with store.transaction() as tx:
        tx.calls.add(one)
        for some in one.recordings:
            tx.recordings.add(some)


def load(store: Store, one: Call) -> Call | None:
    with store.reading() as tx:
        return tx.calls.get(one.tenant_id, one.id)


@ON_ONE_DATABASE
@given(at=INSTANTS, name=TEXTS, number=TEXTS, duration_ms=st.integers(0, 2**53))
def test_a_call_comes_back_as_it_was(
    store: Store, at: datetime, name: str, number: str, duration_ms: int
) -> None:
    call_id = new_id()
    whole = recording(
        call_id,
        state=RecordingState.READY,
        started_at=at,
        strip=ActivityStrip(((0, 15, 7), (1, 2, 3))),
        tracks=two_tracks(),
        size_bytes=2**40,
        object_key="a/b",
        peaks_key="a/c",
        sha256="ab" * 32,
    )
    there = Participant("п1", Party.CONNECTED, number, name, name)
    one = call(id=call_id, started_at=at, created_at=at, duration_ms=duration_ms, participants=(there,))
    one = replace(one, recordings=(whole,))
    save(store, one)
    assert load(store, one) == one


def test_an_instant_of_another_zone_is_the_same_instant(store: Store) -> None:
    moscow = NOON.astimezone(timezone(timedelta(hours=3)))
    one = call(started_at=moscow)
    save(store, one)
    found = load(store, one)
    assert found is not None
    assert found.started_at == NOON
    assert found.started_at.utcoffset() == timedelta(0)


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError), store.transaction() as tx:
        tx.calls.add(call(started_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the point of the test


def test_what_no_database_takes_becomes_a_replacement_character(store: Store) -> None:
    one = call(participants=people(calling_name="A\0B\ud83dC"))
    save(store, one)
    found = load(store, one)
    assert found is not None
    assert found.participants[0].name == "A\ufffdB\ufffdC"
    with store.reading() as tx:
        assert tx.calls.page("default", CallQuery(number="\0B\ud83d"), None, 9) == (found,)


def test_an_exception_takes_everything_back(store: Store) -> None:
    one = call()

    def add_and_fail() -> None:
        with store.transaction() as tx:
            tx.calls.add(one)
            raise KeyError

    with pytest.raises(KeyError):
        add_and_fail()
    assert load(store, one) is None


def test_a_reader_neither_waits_for_a_writer_nor_sees_half_of_it(store: Store) -> None:
    one = call()
    with store.transaction() as tx:
        tx.calls.add(one)
        assert load(store, one) is None
    assert load(store, one) is not None


def test_a_reader_sees_one_state_however_long_it_looks(store: Store) -> None:
    with store.reading() as tx:
        assert tx.calls.totals("default", CallQuery()).calls == 0
        save(store, call())
        assert tx.calls.totals("default", CallQuery()).calls == 0


def test_writers_at_once_wait_for_one_another(store: Store) -> None:
    user = UserRow("u", "default", "anna", "Anna", Role.ADMINISTRATOR, "", NOON, None)
    with store.transaction() as tx:
        tx.users.add(user)
    failed: list[BaseException] = []

    def count() -> None:
        try:
            for _ in range(10):
                with store.transaction() as tx:
                    assert tx.users.any(), "what begins by reading must not fail when it comes to write"
                    known = tx.sign_in_attempts.get_locked("key", NOON)
                    tx.sign_in_attempts.put("key", type(known)(known.failures + 1, NOON, NOON))
        except BaseException as error:  # noqa: BLE001 - told to the main thread
            failed.append(error)

    threads = [threading.Thread(target=count) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with store.transaction() as tx:
        assert tx.sign_in_attempts.get_locked("key", NOON).failures == 60


@pytest.mark.parametrize("statement", ["UPDATE audit_events SET detail = 'x'", "DELETE FROM audit_events"])
def test_the_audit_log_only_grows(store: Store, database_url: str, statement: str) -> None:
    with store.transaction() as tx:
        event = tx.audit.append(actor(), AuditAction.RECORDING_LISTENED, "r", "format=opus", NOON)
    engine = create_engine(database_url)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    with store.reading() as tx:
        (found,) = tx.audit.newest("default", 9)
        assert replace(found, number=0, hash="") == event
        assert tx.audit.of_subject("default", "r", 9) == (found,)
        assert tx.audit.newest("other", 9) == ()


def test_recordings_of_a_call_are_loaded_by_their_start(store: Store) -> None:
    call_id = new_id()
    later = recording(call_id, started_at=NOON + timedelta(seconds=5))
    sooner: Recording = recording(call_id, started_at=NOON)
    one = call(id=call_id, recordings=(later, sooner))
    save(store, one)
    found = load(store, one)
    assert found is not None
    assert found.recordings == (sooner, later)


def test_a_full_disk_is_said_to_be_full_and_harms_nothing(
    small_disk: Callable[[str], Path], sqlite_template: Path
) -> None:
    path = small_disk("4m") / "fonoteka.sqlite3"
    shutil.copy(sqlite_template, path)
    store = Store.open(f"sqlite:///{path}")
    saved: list[Call] = []

    def fill() -> None:
        for _ in range(10_000):
            one = call(participants=people(calling_name="x" * 10_000))
            save(store, one)
            saved.append(one)

    with pytest.raises(StorageFull):
        fill()
    assert saved
    with store.reading() as tx:
        assert tx.calls.totals("default", CallQuery()).calls == len(saved)
    assert load(store, saved[-1]) == saved[-1]
    store.close()
