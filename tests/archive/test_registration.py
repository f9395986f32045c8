"""Calls become known once, whatever is repeated."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from fonoteka.archive import Archive, find_calls, get_call, register_call
from fonoteka.domain.call import CallOutcome, Participant, Party, Segment
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import SpoolCorrupt
from fonoteka.domain.ids import new_id
from fonoteka.domain.query import CallQuery
from fonoteka.domain.recording import RecordingState
from tests.examples import NOON, actor, call, people, recording


def test_repeating_changes_nothing(archive: Archive) -> None:
    one = call()
    for _ in range(3):
        register_call(archive, one)
    assert find_calls(archive, actor(), CallQuery()).items == (one,)


def test_better_news_of_the_same_recording_replace_the_former(archive: Archive) -> None:
    one = call(participants=people(called=""))
    better = replace(one, participants=people(), duration_ms=99, created_at=NOON + timedelta(days=1))
    register_call(archive, one)
    register_call(archive, better)
    assert get_call(archive, actor(), one.id) == replace(better, created_at=one.created_at)


def test_a_call_that_one_recorder_refused_and_another_took_is_one(archive: Archive) -> None:
    for forward in (True, False):
        refused = call(outcome=CallOutcome.REFUSED, reason="no room", recordings=(), duration_ms=0)
        taken = call(started_at=NOON + timedelta(seconds=10))
        for one in (refused, taken) if forward else (taken, refused):
            register_call(archive, one, f"session {forward}")
            register_call(archive, one, f"session {forward}")
        known = get_call(archive, actor(), refused.id)
        assert known == get_call(archive, actor(), taken.id)
        assert (known.outcome, known.reason) == (CallOutcome.RECORDED, "")
        assert [one.id for one in known.recordings] == [taken.recordings[0].id]


def test_a_session_id_that_is_used_again_joins_no_two_calls(archive: Archive) -> None:
    refused = call(outcome=CallOutcome.REFUSED, reason="no room", recordings=())
    later = call(started_at=NOON + timedelta(minutes=11))
    soon_after = call(started_at=NOON + timedelta(minutes=12))
    others = replace(call(started_at=NOON), participants=people(called="+79160000001"))
    calls = (refused, others, later, soon_after)
    assert [register_call(archive, one, "always the same") for one in calls] == [one.id for one in calls]


def test_two_recordings_of_a_call_come_together_in_any_order(archive: Archive) -> None:
    for forward in (True, False):
        call_id = new_id()
        later = NOON + timedelta(seconds=30)
        first = call(id=call_id, recordings=(recording(call_id),), participants=people()[1:])
        second = call(
            id=call_id,
            started_at=later,
            duration_ms=60_000,
            direction=Direction.UNKNOWN,
            recordings=(recording(call_id, started_at=later),),
            participants=(*people(), Participant("p3", Party.CONNECTED, "102", "", "")),
        )
        for one in (first, second) if forward else (second, first):
            register_call(archive, one)
            register_call(archive, one)
        known = get_call(archive, actor(), call_id)
        assert [one.id for one in known.recordings] == [first.recordings[0].id, second.recordings[0].id]
        assert (known.started_at, known.duration_ms) == (NOON, 90_000)
        assert known.direction is Direction.OUTGOING
        assert known.participants[0].id == "p1"
        assert {one.id for one in known.participants} == {"p1", "p2", "p3"}


def test_parts_of_a_call_are_segments_of_one_in_any_order(archive: Archive) -> None:
    talk, after = Segment(0, 20_000, ("p1", "p2")), Segment(20_000, None, ("p2", "p3"), "transfer_attended")
    consultation = Segment(100, 9_000, ("p1", "p3"), "consultation")
    inside = NOON + timedelta(milliseconds=8_000, microseconds=700)
    for forward, is_recorded in itertools.product((True, False), repeat=2):
        name = new_id()
        whole = call(external_id=name, duration_ms=30_000, segments=(talk, after))
        part = call(
            external_id=name,
            started_at=inside,
            duration_ms=9_500,
            segments=(consultation,),
            outcome=CallOutcome.RECORDED if is_recorded else CallOutcome.SKIPPED,
            recordings=(recording(new_id(), started_at=inside),) if is_recorded else (),
        )
        for one in (whole, part) if forward else (part, whole):
            for _ in range(2):
                id_ = register_call(archive, one)
        known = get_call(archive, actor(), id_)
        assert (known.outcome, len(known.recordings)) == (CallOutcome.RECORDED, 1 + is_recorded)
        assert (known.started_at, known.duration_ms) == (NOON, 30_000)
        assert [(one.since_ms, one.kind) for one in known.segments] == [
            (0, "talk"),
            (8_100, "consultation"),
            (20_000, "transfer_attended"),
        ]


@pytest.mark.parametrize(
    ("calling", "called", "direction"),
    [
        ("101", "+74951234567", Direction.OUTGOING),
        ("+74951234567", "101", Direction.INCOMING),
        ("101", "102", Direction.INTERNAL),
        ("", "", Direction.UNKNOWN),
    ],
)
def test_a_direction_left_open_is_found_by_the_numbers(
    archive: Archive, calling: str, called: str, direction: Direction
) -> None:
    one = call(direction=Direction.UNKNOWN, participants=people(calling, called))
    register_call(archive, one)
    assert get_call(archive, actor(), one.id).direction is direction


def test_what_the_far_end_sent_is_bounded(archive: Archive) -> None:
    flood = tuple(
        Participant(str(n) + "i" * 999, Party.CALLED, "7" * 999, "Я" * 9999, "s" * 9999) for n in range(500)
    )
    one = call(participants=flood)
    register_call(archive, one)
    known = get_call(archive, actor(), one.id)
    assert len(known.participants) == 64
    last = known.participants[63]
    assert (len(last.id), len(last.number), len(last.name), len(last.aor)) == (256, 128, 256, 512)


def test_a_recording_arrives_as_being_processed(archive: Archive) -> None:
    call_id = new_id()
    bold = recording(call_id, state=RecordingState.READY, object_key="x", error_code="e", tenant_id="other")
    register_call(archive, call(id=call_id, recordings=(bold,)))
    (known,) = get_call(archive, actor(), call_id).recordings
    assert known == replace(
        bold, state=RecordingState.PROCESSING, object_key=None, error_code=None, tenant_id="default"
    )


def test_an_id_of_another_tenant_is_refused(archive: Archive) -> None:
    one = call()
    register_call(archive, one)
    with pytest.raises(SpoolCorrupt):
        register_call(archive, replace(one, tenant_id="other", duration_ms=1))
    assert get_call(archive, actor(), one.id) == one
