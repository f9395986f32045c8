"""The worker's look at the ledger: missing calls are told in time, a lost database is asked again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fonoteka.archive import Archive, get_call
from fonoteka.domain.call import CallOutcome
from fonoteka.objects import ObjectStore
from fonoteka.pipeline.ledger_watch import LOOK_S, LedgerWatch
from fonoteka.store import Store
from tests.examples import NOON, actor, call, expect_call


def test_a_missing_recording_is_told_within_two_minutes(store: Store, tmp_path: Path) -> None:
    clock = [NOON]
    archive = Archive(store, ObjectStore.open(tmp_path / "o"), tmp_path / "c", 5, now=lambda: clock[0])
    one = call(recordings=(), external_id="17")
    expect_call(archive, one)
    watch = LedgerWatch(archive)
    told_after_s = None
    for second in range(180):
        clock[0] = NOON + timedelta(seconds=second)
        watch.look(float(second) + 1)
        if get_call(archive, actor(), one.id).outcome is CallOutcome.MISSING:
            told_after_s = second
            break
    assert told_after_s is not None
    assert 60 < told_after_s <= 120


def test_a_database_that_does_not_answer_is_asked_again(tmp_path: Path) -> None:
    clock = [NOON]
    store = Store.open(f"sqlite:///{tmp_path / 'later' / 'fonoteka.sqlite3'}")
    archive = Archive(store, ObjectStore.open(tmp_path / "o"), tmp_path / "c", 5, now=lambda: clock[0])
    watch = LedgerWatch(archive)
    watch.look(1.0)
    (tmp_path / "later").mkdir()
    store.migrate()
    one = call(recordings=())
    expect_call(archive, one)
    clock[0] = NOON + timedelta(hours=1)
    watch.look(LOOK_S)
    assert get_call(archive, actor(), one.id).outcome is CallOutcome.EXPECTED, "not yet"
    watch.look(1.0 + LOOK_S)
    assert get_call(archive, actor(), one.id).outcome is CallOutcome.MISSING
    store.close()
