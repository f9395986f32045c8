"""When the room is full, from recordings that were really shelved day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fonoteka.archive import (
    Archive,
    change_plan,
    count_sound,
    place_legal_hold,
    register_call,
    release_legal_hold,
    shelve_recording,
    storage_forecast,
    storage_plan,
)
from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.errors import AccessDenied
from fonoteka.domain.forecast import ForecastState
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension, Group, Tenant
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.retention import Standing
from fonoteka.domain.storage_plan import WhenFull
from tests.examples import NOON, actor, call, people

ROOT = replace(actor(), role=Role.OWNER)
BYTES = 3_000_000
DAYS = 35


@pytest.fixture
def full(archive: Archive, tmp_path: Path) -> Archive:
    """Five weeks of a recording a day; the group has those of every second day."""
    audio = tmp_path / "audio.opus"
    audio.write_bytes(bytes(BYTES))
    with archive.store.transaction() as tx:
        if tx.tenants.get("default") is None:
            tx.tenants.add(Tenant("default", "Ours"), NOON)
        tx.extensions.add([Extension(new_id(), "default", "101")])
        tx.groups.add(Group("sales", "default", "Sales", frozenset({"101"})))
    for day in range(DAYS):
        at = NOON + timedelta(days=day)
        one = call(started_at=at, participants=people("101" if day % 2 else "102"))
        register_call(archive, one)
        ready = replace(one.recordings[0], state=RecordingState.READY)
        shelve_recording(archive, ready, audio, b"")
    while count_sound(archive):
        pass
    return replace(archive, now=lambda: NOON + timedelta(days=DAYS))


def test_growth_and_the_day_of_full_are_told(full: Archive) -> None:
    told = storage_forecast(full, ROOT)
    assert told.forecast.state is ForecastState.NO_QUOTA
    assert told.used_bytes == DAYS * BYTES
    assert told.history[-1].used_bytes == told.used_bytes
    assert told.history[0].used_bytes == BYTES
    assert len(told.history) == DAYS + 1
    (group,) = told.groups
    assert group.stored_bytes == DAYS // 2 * BYTES
    assert (group.added_bytes, group.added_before_bytes) == (15 * BYTES, 2 * BYTES)
    assert told.forecast.bytes_per_day == pytest.approx(BYTES, rel=0.2)
    plan = replace(storage_plan(full, ROOT), quota_bytes=told.used_bytes + 20 * BYTES)
    change_plan(full, ROOT, plan)
    later = storage_forecast(full, ROOT)
    assert later.forecast.state is ForecastState.FULL_ON
    full_on, earliest = later.forecast.full_on, later.forecast.earliest
    assert full_on is not None
    assert earliest is not None
    assert abs((full_on - later.today).days - 20) <= 3
    assert earliest <= full_on


def test_the_weeks_that_go_first_and_when(full: Archive) -> None:
    assert storage_forecast(full, ROOT).going == ()
    plan = replace(
        storage_plan(full, ROOT),
        quota_bytes=(DAYS + 20) * BYTES,
        when_full=WhenFull.OVERWRITE_OLDEST,
    )
    change_plan(full, ROOT, plan, agreed=True)
    told = storage_forecast(full, ROOT)
    monday = NOON.date() - timedelta(days=NOON.weekday())
    assert [one.first for one in told.going] == [monday + timedelta(days=7 * n) for n in range(4)]
    assert all(one.last == one.first + timedelta(days=6) for one in told.going)
    counted = [7 - NOON.weekday(), 7, 7, 7]
    assert [one.recordings for one in told.going] == counted
    assert [one.stored_bytes for one in told.going] == [number * BYTES for number in counted]
    begin = [one.begins_on for one in told.going]
    assert told.forecast.full_on is not None
    assert begin[0] is not None
    assert abs((begin[0] - told.forecast.full_on).days) <= 3
    assert [one for one in begin if one is not None] == sorted(one for one in begin if one is not None)
    with full.store.transaction() as tx:
        oldest = tx.keeping.oldest("default", Standing.FREE, 1)[0]
    hold = place_legal_hold(full, ROOT, "Иск", "суд", recording_ids=[oldest.id])
    assert storage_forecast(full, ROOT).going[0].recordings == counted[0] - 1
    release_legal_hold(full, ROOT, hold.id, "кончено")
    over = replace(storage_plan(full, ROOT), quota_bytes=(DAYS - 1) * BYTES)
    change_plan(full, ROOT, over, agreed=True)
    assert storage_forecast(full, ROOT).going[0].begins_on == told.today


def test_an_empty_archive_has_no_forecast(archive: Archive) -> None:
    told = storage_forecast(archive, ROOT)
    assert (told.forecast.state, told.history[-1].used_bytes) == (ForecastState.NO_QUOTA, 0)
    with pytest.raises(AccessDenied):
        storage_forecast(archive, Actor(ActorKind.USER, "a", "A", "default", Role.AGENT))
