"""Days of sound are counted from the recordings, again and again, whatever changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import create_engine, text

from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension, Group, Tenant
from fonoteka.domain.recording import RecordingState, RemovalCause
from fonoteka.store import Store
from fonoteka.store.sound_days import SoundDay
from tests.examples import NOON, call, people, recording

DAY = (NOON - NOON.replace(year=1970, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)).days


def add(store: Store, days: int, size: int, *numbers: str, tenant_id: str = "default") -> str:
    """A call with a ready recording of so many bytes; the recording's id."""
    at = NOON + timedelta(days=days)
    one = call(tenant_id=tenant_id, started_at=at, participants=people(*numbers), recordings=())
    sound = recording(
        one.id,
        tenant_id=tenant_id,
        started_at=at,
        state=RecordingState.READY,
        size_bytes=size,
        stored_bytes=size,
        duration_ms=1_000,
        object_key="o",
    )
    with store.transaction() as tx:
        tx.calls.add(one)
        tx.recordings.add(sound)
    return sound.id


def counted(store: Store, group_id: str = "", tenant_id: str = "default") -> tuple[SoundDay, ...]:
    for _ in range(100):
        with store.transaction() as tx:
            if not tx.sound_days.count_marked():
                return tx.sound_days.of(tenant_id, group_id)
    raise AssertionError("counting never ends")


def test_days_follow_what_is_stored_and_who_is_in_a_group(store: Store) -> None:
    with store.transaction() as tx:
        tx.tenants.add(Tenant("default", "d"), NOON)
        tx.extensions.add([Extension(new_id(), "default", one, "", "") for one in ("101", "102", "103")])
        tx.groups.add(Group("g1", "default", "Sales", frozenset({"101", "102"})))
        tx.groups.add(Group("g2", "default", "Service", frozenset({"102"})))
    first = add(store, 0, 100, "101", "102")
    add(store, 0, 10, "103", "+74951234567")
    add(store, 3, 7, "102", "+74951234567")
    add(store, 3, 1_000, "101", "9", tenant_id="other")
    assert counted(store) == (
        SoundDay(DAY, 110, 2, 2_000, 110, 0),
        SoundDay(DAY + 3, 7, 1, 1_000, 7, 0),
    )
    assert [one.added_bytes for one in counted(store, "g1")] == [100, 7]
    assert [one.added_bytes for one in counted(store, "g2")] == [100, 7]
    assert [one.added_bytes for one in counted(store, "", "other")] == [1_000]

    with store.transaction() as tx:
        gone = tx.recordings.get("default", first)
        assert gone is not None
        tx.recordings.mark_deleted(gone, NOON + timedelta(days=9), RemovalCause.HAND)
        tx.groups.replace(Group("g2", "default", "Service", frozenset({"103"})))
    assert counted(store) == (
        SoundDay(DAY, 110, 1, 1_000, 10, 0),
        SoundDay(DAY + 3, 7, 1, 1_000, 7, 0),
        SoundDay(DAY + 9, 0, 0, 0, 0, 100),
    )
    assert counted(store, "g2") == (SoundDay(DAY, 10, 1, 1_000, 10, 0),)
    with store.reading() as tx:
        assert tx.sound_days.by_group("default", DAY, DAY + 3) == {"g1": 100, "g2": 10}
        assert tx.sound_days.stored_by_group("default") == {"g1": 7, "g2": 10}


def test_a_recording_that_grows_is_counted_once(store: Store) -> None:
    id_ = add(store, 0, 100)
    assert [one.stored_bytes for one in counted(store)] == [100]
    with store.transaction() as tx:
        known = tx.recordings.get("default", id_)
        assert known is not None
        tx.recordings.replace(
            replace(known, size_bytes=40, stored_bytes=40, started_at=NOON - timedelta(days=2))
        )
    assert counted(store) == (SoundDay(DAY - 2, 40, 1, 1_000, 40, 0),)


def test_what_changes_while_others_are_counted_stays_marked(store: Store, database_url: str) -> None:
    for days in range(12):
        add(store, days, 5)
    with store.transaction() as tx:
        assert 0 < tx.sound_days.count_marked() < 12
    add(store, 0, 5)
    whole = counted(store)
    assert [one.stored_bytes for one in whole] == [10] + [5] * 11
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM sound_marks")) == 0
    engine.dispose()
