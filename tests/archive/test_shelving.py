"""From the pipeline to the shelf and off it again: any order, any interruption, any repetition."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fonoteka.archive import (
    Archive,
    bin_recording,
    empty_bin,
    fail_recording,
    get_call,
    get_recording,
    read_peaks,
    register_call,
    remove_deleted_audio,
    shelve_recording,
)
from fonoteka.domain.call import Call, CallOutcome
from fonoteka.domain.errors import CallNotFound
from fonoteka.domain.ids import new_id
from fonoteka.domain.recording import ActivityStrip, Recording, RecordingState
from fonoteka.objects import ObjectStore
from fonoteka.store import Store
from tests.archive.interruptions import Fuse, FusedObjects, FusedStore, Killed
from tests.examples import NOON, actor, call, recording, two_tracks

PEAKS = b'{"version":1,"interval_ms":50,"duration_ms":100,"tracks":[]}'
Step = Callable[[Archive], None]


def assembled(one: Call) -> Recording:
    """What the pipeline knows of the call's recording in the end."""
    return replace(
        one.recordings[0],
        state=RecordingState.READY,
        tracks=two_tracks(),
        strip=ActivityStrip(((1, 2),)),
        duration_ms=60_500,
    )


def test_a_shelved_recording_is_whole(archive: Archive, audio: Path) -> None:
    one = call()
    register_call(archive, one)
    shelve_recording(archive, assembled(one), audio, PEAKS)
    known = get_recording(archive, actor(), one.recordings[0].id)
    digest = hashlib.sha256(audio.read_bytes()).hexdigest()
    assert (known.state, known.sha256, known.size_bytes) == (
        RecordingState.READY,
        digest,
        audio.stat().st_size,
    )
    assert known.tracks == two_tracks()
    assert known.object_key is not None
    assert b"".join(archive.objects.read(known.object_key)) == audio.read_bytes()
    assert read_peaks(archive, actor(), known.id) == PEAKS
    assert get_call(archive, actor(), one.id).recordings == (known,)


def test_the_day_of_its_folder_is_that_of_the_id(archive: Archive, audio: Path) -> None:
    midnight_ms = 1_777_075_200_000  # 2026-04-25T00:00Z
    one = call(recordings=(recording("", id=new_id(midnight_ms - 5)),))
    one = replace(one, recordings=(replace(one.recordings[0], call_id=one.id),))
    register_call(archive, one)
    shelve_recording(archive, assembled(one), audio, PEAKS)
    assert all(key.startswith("default/2026/04/24/") for key in archive.objects.list(""))


def test_a_silent_one_has_no_object(archive: Archive, audio: Path) -> None:
    one = call()
    register_call(archive, one)
    shelve_recording(archive, replace(one.recordings[0], state=RecordingState.SILENT), audio, b"{}")
    assert get_recording(archive, actor(), one.recordings[0].id).state is RecordingState.SILENT
    assert list(archive.objects.list("")) == []


def test_shelving_needs_the_call(archive: Archive, audio: Path) -> None:
    one = call()
    with pytest.raises(CallNotFound):
        shelve_recording(archive, assembled(one), audio, PEAKS)
    fail_recording(archive, one.recordings[0].id, "spool.corrupt")


def test_a_call_of_another_tenant_gets_nothing(archive: Archive, audio: Path) -> None:
    one = call()
    register_call(archive, one)
    with pytest.raises(CallNotFound):
        shelve_recording(archive, replace(assembled(one), tenant_id="other"), audio, PEAKS)


RANKS = {"register": 0, "fail": 1, "silent": 2, "shelve": 3, "delete": 4}
STATES = ["processing", "failed", "silent", "ready", "binned"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.sampled_from(sorted(RANKS)), max_size=8))
def test_the_outcome_is_the_same_in_every_order(archive: Archive, audio: Path, order: list[str]) -> None:
    one = call()
    steps = steps_of(one, audio)
    register_call(archive, one)
    for name in order:
        steps[name](archive)
    known = get_recording(archive, actor(), one.recordings[0].id)
    assert known.state == STATES[max((RANKS[name] for name in order), default=0)]
    assert_consistent(archive, known, audio)
    outcome = get_call(archive, actor(), one.id).outcome
    if known.state is not RecordingState.BINNED:
        assert (outcome is CallOutcome.FAILED) == (known.state is RecordingState.FAILED)


def steps_of(one: Call, audio: Path) -> dict[str, Step]:
    recording_id = one.recordings[0].id
    silent = replace(one.recordings[0], state=RecordingState.SILENT)
    return {
        "register": lambda archive: register_call(archive, one),
        "fail": lambda archive: fail_recording(archive, recording_id, "audio.malformed"),
        "silent": lambda archive: shelve_recording(archive, silent, audio, b"{}"),
        "shelve": lambda archive: shelve_recording(archive, assembled(one), audio, PEAKS),
        "delete": lambda archive: bin_recording(archive, actor(), recording_id),
    }


def assert_consistent(archive: Archive, known: Recording, audio: Path) -> None:
    keys = {key for key in archive.objects.list("") if known.id in key}
    if known.state is RecordingState.READY:
        assert keys == {known.object_key, known.peaks_key}
        assert known.object_key is not None
        assert b"".join(archive.objects.read(known.object_key)) == audio.read_bytes()
        assert known.tracks == two_tracks()
    elif known.state is RecordingState.BINNED:
        assert keys == {known.object_key, known.peaks_key} - {None}
    else:
        assert keys == set()
        assert (known.object_key, known.peaks_key) == (None, None)
    assert known.state is RecordingState.BINNED or (
        (known.error_code is not None) == (known.state is RecordingState.FAILED)
    )
    with archive.store.reading() as tx:
        assert tx.usage.sums("default").kept == tx.usage.sums("default").counted
    assert (known.deleted_at is not None) == (known.state is RecordingState.DELETED)


def fused(archive: Archive, database_url: str, folder: Path, fuse: Fuse) -> Archive:
    store, objects = FusedStore.open(database_url), FusedObjects.open(folder)
    assert isinstance(store, FusedStore)
    assert isinstance(objects, FusedObjects)
    store.fuse = objects.fuse = fuse
    return replace(archive, store=store, objects=objects)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    "order",
    [
        ["register", "shelve"],
        ["register", "shelve", "delete"],
        ["register", "delete", "shelve"],
        ["register", "fail", "shelve", "delete"],
    ],
)
def test_a_kill_at_any_step_is_made_good_by_repeating(
    archive: Archive, database_url: str, tmp_path: Path, audio: Path, order: list[str], after: bool
) -> None:
    for cut in range(40):
        one = call()
        steps = steps_of(one, audio)
        fuse = Fuse(cut, after=after)
        broken = fused(archive, database_url, tmp_path / "objects", fuse)
        done: list[str] = []
        try:
            for name in order:
                steps[name](broken)
                done.append(name)
        except Killed:
            broken.store.close()
            for name in order[len(done) :]:
                steps[name](archive)
        known = get_recording(archive, actor(), one.recordings[0].id)
        assert known.state == STATES[max(RANKS[name] for name in order)]
        assert_consistent(archive, known, audio)
        broken.store.close()
        if not fuse.blown:
            assert cut >= len(order)
            return
    raise AssertionError("the fuse never held")


def test_bytes_left_by_a_killed_deletion_go_at_the_next_start(
    archive: Archive, database_url: str, tmp_path: Path, audio: Path
) -> None:
    one = call()
    steps = steps_of(one, audio)
    steps["register"](archive)
    steps["shelve"](archive)
    steps["delete"](archive)
    broken = fused(archive, database_url, tmp_path / "objects", Fuse(1, after=False))
    with pytest.raises(Killed):
        empty_bin(broken, actor())
    broken.store.close()
    assert get_recording(archive, actor(), one.recordings[0].id).state is RecordingState.DELETED
    assert len(list(archive.objects.list(""))) == 2
    assert remove_deleted_audio(archive) == 1
    assert list(archive.objects.list("")) == []
    assert remove_deleted_audio(archive) == 0


def test_a_state_survives_restart(database_url: str, archive: Archive, audio: Path, tmp_path: Path) -> None:
    one = call(started_at=NOON)
    register_call(archive, one)
    shelve_recording(archive, assembled(one), audio, PEAKS)
    archive.store.close()
    again = replace(archive, store=Store.open(database_url), objects=ObjectStore.open(tmp_path / "objects"))
    again.store.migrate()
    assert read_peaks(again, actor(), one.recordings[0].id) == PEAKS
    again.store.close()
