"""From a full storage to what people are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from fonoteka.alerts import AlertRoom, Desk, look_after_alerts, open_alerts
from fonoteka.alerts.words import say
from fonoteka.archive import (
    Archive,
    ask_storage_audit,
    audit_storage,
    count_sound,
    register_call,
    shelve_recording,
    storage_audit_state,
)
from fonoteka.archive.system import storage_actor
from fonoteka.domain.alerts import Condition
from fonoteka.domain.errors import AccessDenied
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.storage_plan import StoragePlan, WhenFull
from fonoteka.objects import ObjectStore
from fonoteka.pipeline.storage_watch import audit_and_tell, watch_storage
from fonoteka.store import Store
from fonoteka.store.versions import Version
from tests.examples import NOON, call

SIZE = 1_000_000


class Shelf:
    """An archive, its alerts, and a clock for both."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.at = NOON + timedelta(hours=1)
        self.archive = Archive(
            store, ObjectStore.open(folder / "objects"), folder / "cache", 5, now=lambda: self.at
        )
        self.alerts = AlertRoom(store, now=lambda: self.at)
        self.audio = folder / "audio.opus"
        self.audio.write_bytes(bytes(SIZE))

    def plan(self, quota_bytes: int | None, when_full: WhenFull) -> None:
        with self.archive.store.transaction() as tx:
            version = tx.plans.newest("default").version + 1
            plan = StoragePlan("default", version, quota_bytes, when_full)
            tx.plans.add(Version(plan, "", "", self.at, ""))

    def shelve(self) -> None:
        one = call(started_at=self.at)
        register_call(self.archive, one)
        ready = replace(one.recordings[0], state=RecordingState.READY)
        shelve_recording(self.archive, ready, self.audio, b"{}")

    def wrong(self) -> dict[Condition, int]:
        """What is wrong now, by level, once what is over has been over for long enough."""
        for _ in range(2):
            watch_storage(self.archive, Desk(self.alerts))
            self.at += timedelta(minutes=40)
            look_after_alerts(self.alerts)
        found = open_alerts(self.alerts, storage_actor("default"))
        return {one.condition: one.level for one in found}


@pytest.fixture
def shelf(store: Store, tmp_path: Path) -> Shelf:
    return Shelf(store, tmp_path)


def test_thresholds_refusing_and_the_all_clear(shelf: Shelf) -> None:
    for _ in range(9):
        shelf.shelve()
    assert shelf.wrong() == {}, "without a quota"
    for quota, level in ((12 * SIZE, None), (11 * SIZE, 80), (9_900_000, 90), (9_400_000, 95)):
        shelf.plan(quota, WhenFull.REFUSE)
        expected = {} if level is None else {Condition.STORAGE_FILLING: level}
        assert shelf.wrong() == expected, quota
    shelf.plan(9_000_100, WhenFull.REFUSE)
    wrong = shelf.wrong()
    assert wrong.pop(Condition.STORAGE_FILLING) >= 95
    assert wrong == {Condition.STORAGE_REFUSING: 0}
    shelf.plan(9_000_100, WhenFull.OVERWRITE_OLDEST)
    wrong = shelf.wrong()
    assert set(wrong) == {Condition.STORAGE_FILLING, Condition.STORAGE_OVERWRITING}
    shelf.plan(None, WhenFull.OVERWRITE_OLDEST)
    assert shelf.wrong() == {}


def test_overwriting_is_told_at_the_first_recording_that_makes_room(shelf: Shelf) -> None:
    shelf.plan(3_900_000, WhenFull.OVERWRITE_OLDEST)
    for _ in range(3):
        shelf.shelve()
    assert shelf.wrong() == {}, "77 %"
    shelf.shelve()
    assert shelf.wrong() == {Condition.STORAGE_OVERWRITING: 0}, "still 77 %"
    shelf.at += timedelta(days=1)
    assert shelf.wrong() == {}, "nothing made room for a day"
    shelf.shelve()
    assert shelf.wrong() == {Condition.STORAGE_OVERWRITING: 0}
    shelf.plan(50_000_000, WhenFull.OVERWRITE_OLDEST)
    assert shelf.wrong() == {}, "there is room again"


def test_how_many_days_are_left_is_told(shelf: Shelf) -> None:
    shelf.at -= timedelta(days=30)
    for _ in range(30):
        shelf.shelve()
        shelf.at += timedelta(days=1)
    while count_sound(shelf.archive):
        pass
    shelf.plan(35 * SIZE, WhenFull.REFUSE)
    shelf.wrong()
    (one,) = open_alerts(shelf.alerts, storage_actor("default"))
    assert one.condition is Condition.STORAGE_FILLING
    days = one.facts["days_left"]
    assert isinstance(days, int)
    assert 2 <= days <= 8
    for language, word in (("en", "in about"), ("ru", "примерно через")):
        assert word in str(say(one, language, UTC))


def test_a_sweep_that_does_not_go_on(shelf: Shelf) -> None:
    shelf.shelve()
    with shelf.archive.store.transaction() as tx:
        known = tx.sweeps.get_locked("default")
        tx.sweeps.replace(replace(known, halted_since=shelf.at))
    assert shelf.wrong() == {Condition.CLOCK_JUMPED: 0}


def test_audio_that_is_gone_is_told_until_it_is_back(shelf: Shelf) -> None:
    shelf.shelve()
    key = next(iter(shelf.archive.objects.list("")))
    kept = b"".join(shelf.archive.objects.read(key))

    def told() -> dict[Condition, int]:
        audit_and_tell(shelf.archive, Desk(shelf.alerts))
        return shelf.wrong()

    assert told() == {}
    shelf.archive.objects.delete(key)
    assert told() == {Condition.AUDIO_MISSING: 1}
    shelf.archive.objects.put(key, kept)
    assert told() == {}


def test_the_newest_audit_is_for_the_installation_alone(shelf: Shelf) -> None:
    before = storage_audit_state(shelf.archive, storage_actor("default"))
    assert before.newest is None
    shelf.shelve()
    seen = audit_storage(shelf.archive)
    state = storage_audit_state(shelf.archive, storage_actor("default"))
    assert state.newest == replace(seen, findings=())
    assert state.finished_at == shelf.at
    for use in (storage_audit_state, ask_storage_audit):
        with pytest.raises(AccessDenied):
            use(shelf.archive, storage_actor("beta"))
