"""The worker's look at the ledger: missing calls are told in time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fonoteka.archive import Archive, get_call
from fonoteka.domain.call import CallOutcome
from fonoteka.objects import ObjectStore
from fonoteka.pipeline.ledger_watch import LOOK_S, watch_ledger
from fonoteka.store import Store
from tests.examples import NOON, actor, call, expect_call


def test_a_missing_recording_is_told_within_two_minutes(store: Store, tmp_path: Path) -> None:
    clock = [NOON]
    archive = Archive(store, ObjectStore.open(tmp_path / "o"), tmp_path / "c", 5, now=lambda: clock[0])
    one = call(recordings=(), external_id="17")
    expect_call(archive, one)
    told_after_s = None
    for second in range(0, 180, int(LOOK_S)):
        clock[0] = NOON + timedelta(seconds=second)
        watch_ledger(archive)
        if get_call(archive, actor(), one.id).outcome is CallOutcome.MISSING:
            told_after_s = second
            break
    assert told_after_s is not None
    assert 60 < told_after_s <= 120
