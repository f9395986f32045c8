"""Work on many calls: all of it is done, in steps that may be repeated, and to nothing that is protected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from fonoteka.archive import (
    Archive,
    bin_selection,
    count_calls,
    get_recording,
    hold_selection,
    legal_holds,
    look_at_selection,
    place_legal_hold,
    register_call,
    release_legal_hold,
    restore_selection,
)
from fonoteka.domain.access import Actor, Role
from fonoteka.domain.bulk import BulkLook, BulkStep, LeftAlone
from fonoteka.domain.call import Call
from fonoteka.domain.errors import AccessDenied, HoldNotFound, RequestInvalid
from fonoteka.domain.ids import new_id
from fonoteka.domain.query import CallQuery, CallSelection
from fonoteka.domain.recording import RecordingState
from tests.examples import NOON, actor, call, people

EVERYTHING = CallSelection(query=CallQuery(include_unheard=True))


def filled(archive: Archive, count: int, calling: str = "101") -> list[Call]:
    some = [
        call(started_at=NOON + timedelta(seconds=n), participants=people(calling, "+79161234567"))
        for n in range(count)
    ]
    for one in some:
        register_call(archive, one)
    return some


def whole(step: Callable[[str | None], BulkStep], *, repeated: bool = False) -> BulkStep:
    """All steps, added up; each twice if so wanted."""
    calls, done, left, cursor = 0, 0, dict.fromkeys(LeftAlone, 0), None
    while True:
        one = step(cursor)
        if repeated:
            assert step(cursor) == one
        calls, done, cursor = calls + one.calls, done + one.done, one.next
        for why, number in one.left.items():
            left[why] += number
        if cursor is None:
            return BulkStep(calls, done, {why: number for why, number in left.items() if number})


def state(archive: Archive, one: Call) -> RecordingState:
    return get_recording(archive, actor(), one.recordings[0].id).state


def test_a_search_goes_into_the_bin_and_comes_back(archive: Archive) -> None:
    calls = filled(archive, 405)
    held, left_out, binned_before = calls[3], calls[7], calls[11]
    place_legal_hold(archive, actor(), "case", "why", call_ids=[held.id])
    bin_selection(archive, actor(), CallSelection((binned_before.id,)), new_id())
    selection = replace(EVERYTHING, without=frozenset({left_out.id}))
    look = look_at_selection(archive, actor(), selection)
    why = {LeftAlone.HELD: 1, LeftAlone.BINNED: 1}
    assert look == BulkLook(404, 404 * 61_000, 402, why)
    operation = new_id()
    done = whole(lambda at: bin_selection(archive, actor(), selection, operation, at), repeated=True)
    assert done == BulkStep(404, 402, why)
    assert {state(archive, one) for one in (held, left_out)} == {RecordingState.PROCESSING}
    assert state(archive, calls[0]) is RecordingState.BINNED
    back = whole(lambda at: restore_selection(archive, actor(), selection, operation, at))
    assert back == BulkStep(404, 402)
    assert state(archive, calls[0]) is RecordingState.PROCESSING
    assert state(archive, binned_before) is RecordingState.BINNED
    with archive.store.reading() as tx:
        events = tx.audit.newest("default", 10_000)
    assert sum(one.action == "recording.binned" for one in events) == 403
    assert sum(one.detail == f"bulk={operation}" for one in events) == 804


def test_what_comes_meanwhile_is_not_taken_along(archive: Archive) -> None:
    seen = filled(archive, 3)
    known_by = NOON + timedelta(minutes=2)
    late = call(started_at=NOON - timedelta(hours=1), created_at=known_by + timedelta(seconds=1))
    register_call(archive, late)
    query = replace(EVERYTHING.query, known_by=known_by)
    selection = CallSelection(query=query)
    assert count_calls(archive, actor(), query).calls == 3
    assert bin_selection(archive, actor(), selection, new_id()).done == 3
    assert [state(archive, one) for one in (*seen, late)] == [RecordingState.BINNED] * 3 + [
        RecordingState.PROCESSING
    ]


def test_named_calls_of_others_are_left_alone(archive: Archive) -> None:
    mine, others = filled(archive, 2), filled(archive, 2, "102")
    theirs = call(tenant_id="theirs")
    register_call(archive, theirs)
    who = replace(actor(), role=Role.SUPERVISOR, extensions=frozenset({"101"}))
    named = CallSelection((*(one.id for one in (*mine, *others, theirs)), "nonsense", mine[0].id))
    assert look_at_selection(archive, who, named).left == {LeftAlone.NOT_FOUND: 4}
    assert bin_selection(archive, who, named, new_id()) == BulkStep(2, 2, {LeftAlone.NOT_FOUND: 4})
    assert bin_selection(archive, who, EVERYTHING, new_id()).calls == 2
    assert state(archive, others[0]) is RecordingState.PROCESSING
    assert bin_selection(archive, actor("theirs"), EVERYTHING, new_id()).calls == 1


def test_a_hold_over_a_search_grows_step_by_step(archive: Archive) -> None:
    filled(archive, 250)
    operation = new_id()

    def step(at: str | None, name: str = "Claim 7") -> BulkStep:
        return hold_selection(archive, actor(), EVERYTHING, operation, name, "court", at)

    assert whole(step, repeated=True) == BulkStep(250, 250)
    (hold,) = legal_holds(archive, actor())
    assert (hold.id, hold.case_name, hold.recordings, hold.filter) == (operation, "Claim 7", 250, None)
    assert look_at_selection(archive, actor(), EVERYTHING).left == {LeftAlone.HELD: 250}
    register_call(archive, call(tenant_id="theirs"))
    with pytest.raises(HoldNotFound):
        hold_selection(archive, actor("theirs"), EVERYTHING, operation, "x", "y")
    release_legal_hold(archive, actor(), operation)
    with pytest.raises(HoldNotFound):
        step(None)


@pytest.mark.parametrize(
    ("selection", "operation", "cursor", "field"),
    [
        (CallSelection(), None, None, "ids"),
        (CallSelection(tuple(map(str, range(1_001)))), None, None, "ids"),
        (replace(EVERYTHING, without=frozenset(map(str, range(1_001)))), None, None, "without"),
        (EVERYTHING, "", None, "operation"),
        (EVERYTHING, "' OR 1=1", None, "operation"),
        (EVERYTHING, None, "nonsense", "cursor"),
        (CallSelection(("x",)), None, "-1", "cursor"),
        (CallSelection(("x",)), None, "x", "cursor"),
        (CallSelection(query=CallQuery(number="9" * 10_000)), None, None, "number"),
    ],
)
def test_what_cannot_be_understood_is_told(
    archive: Archive, selection: CallSelection, operation: str | None, cursor: str | None, field: str
) -> None:
    operation = new_id() if operation is None else operation
    with pytest.raises(RequestInvalid) as caught:
        bin_selection(archive, actor(), selection, operation, cursor)
    assert caught.value.field == field


@pytest.mark.parametrize("role", [Role.AGENT, Role.QUALITY, Role.AUDITOR])
def test_who_may_not_delete_learns_nothing(archive: Archive, role: Role) -> None:
    filled(archive, 1)
    who: Actor = replace(actor(), role=role)
    for ask in (
        lambda: look_at_selection(archive, who, EVERYTHING),
        lambda: bin_selection(archive, who, EVERYTHING, new_id()),
        lambda: hold_selection(archive, who, EVERYTHING, new_id(), "c", "r"),
    ):
        with pytest.raises(AccessDenied):
            ask()
