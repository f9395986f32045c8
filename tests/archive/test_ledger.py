"""The ledger: every call one row with what became of it, and no call missing without a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fonoteka.archive import (
    Archive,
    bin_recording,
    count_calls,
    fail_recording,
    find_calls,
    find_ledger,
    get_call,
    ledger_shares,
    register_call,
    report_missing,
    shelve_recording,
)
from fonoteka.archive.metrics import MISSING
from fonoteka.domain.call import Call, CallOutcome, Participant, Party, Segment
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension, Group, Tenant
from fonoteka.domain.query import CallQuery, LedgerGrouping
from fonoteka.domain.recording import ActivityStrip, Recording, RecordingState, Track
from fonoteka.domain.rules import Decision, RuleOutcome
from tests.archive.test_shelving import PEAKS, assembled
from tests.examples import NOON, actor, call, expect_call, people, two_tracks

DECISION = Decision(RuleOutcome.SKIP, "r-1", "Личные", 1, 7, "standard", 90, 60)
HOUR = timedelta(hours=1)


def skipped(**fields: Any) -> Call:
    return call(**{"recordings": (), "outcome": CallOutcome.SKIPPED, "decision": DECISION, **fields})


def ids(archive: Archive, query: CallQuery = CallQuery()) -> list[str]:
    found = [one.id for one in find_calls(archive, actor(), query).items]
    assert count_calls(archive, actor(), query).calls == len(found)
    return found


def test_all_that_is_known_of_a_call_comes_back(archive: Archive) -> None:
    one = skipped(
        reason="Правило 1",
        segments=(Segment(0, 5000, ("p1", "p2")), Segment(5000, None, ("p1", "p3"), "transfer_blind")),
        forwarded_outside=True,
        external_id="1777032000.17",
        source="asterisk",
    )
    register_call(archive, one)
    assert get_call(archive, actor(), one.id) == one
    assert find_ledger(archive, actor(), CallQuery()).items == (one,)


def test_the_list_shows_what_can_be_heard_and_the_ledger_all(archive: Archive) -> None:
    by_outcome = {
        outcome: call(
            outcome=outcome,
            recordings=(),
            started_at=NOON + timedelta(minutes=n),
            direction=Direction.INCOMING,
        )
        for n, outcome in enumerate(CallOutcome)
    }
    for one in by_outcome.values():
        register_call(archive, one)
    listed = [by_outcome[CallOutcome.FAILED].id, by_outcome[CallOutcome.RECORDED].id]
    assert ids(archive) == ids(archive, CallQuery(include_unheard=True)) == listed
    assert len(find_ledger(archive, actor(), CallQuery()).items) == len(CallOutcome)
    for outcome, one in by_outcome.items():
        query = CallQuery(outcomes=frozenset({outcome}))
        assert ids(archive, query) == [one.id]
        assert [each.id for each in find_ledger(archive, actor(), query).items] == [one.id]


def ready(one: Call, *tracks: Track, strip: tuple[tuple[int, ...], ...]) -> Recording:
    return replace(one.recordings[0], state=RecordingState.READY, tracks=tracks, strip=ActivityStrip(strip))


LOUD, QUIET = (0, 7, 3), (0, 0, 0)
CALLING, CALLED = two_tracks()
MIXED = replace(CALLING, party=None, participant_id=None)
THIRD = replace(CALLED, index=2)
HEARD: list[tuple[tuple[Track, ...], tuple[tuple[int, ...], ...], bool]] = [
    ((CALLING, CALLED), (LOUD, LOUD), True),
    ((CALLING, CALLED), (LOUD, QUIET), False),
    ((CALLING, CALLED), (QUIET, LOUD), False),
    ((CALLING, CALLED), (QUIET, QUIET), False),
    ((CALLING,), (LOUD,), False),
    ((MIXED,), (LOUD,), True),
    ((CALLING, CALLED, THIRD), (LOUD, LOUD), True),
    ((CALLING, CALLED, THIRD), (LOUD, QUIET), False),
]


@pytest.mark.parametrize(("tracks", "strip", "is_heard"), HEARD)
def test_one_sided_recordings_are_out_of_the_list(
    archive: Archive,
    audio: Path,
    tracks: tuple[Track, ...],
    strip: tuple[tuple[int, ...], ...],
    is_heard: bool,
) -> None:
    one = call()
    register_call(archive, one)
    assert ids(archive) == [one.id], "what is being processed is listed"
    shelve_recording(archive, ready(one, *tracks, strip=strip), audio, PEAKS)
    register_call(archive, one)
    assert ids(archive) == ([one.id] if is_heard else [])
    assert ids(archive, CallQuery(include_unheard=True)) == [one.id]
    assert get_call(archive, actor(), one.id).recordings[0].is_one_sided is not is_heard
    (share,) = ledger_shares(archive, actor(), NOON - HOUR, NOON + HOUR)
    assert (share.calls, share.unheard) == (1, int(not is_heard))
    bin_recording(archive, actor(), one.recordings[0].id)
    register_call(archive, one)
    assert ids(archive) == ([one.id] if is_heard else [])


def test_who_had_no_time_to_speak_is_not_missed(archive: Archive, audio: Path) -> None:
    for duration_ms, tracks, is_listed in (
        (9_999, (CALLING, CALLED), True),
        (10_000, (CALLING, CALLED), False),
        (9_999, (CALLING,), False),
    ):
        one = call(started_at=NOON + timedelta(seconds=duration_ms))
        register_call(archive, one)
        short = replace(ready(one, *tracks, strip=(LOUD, QUIET)), duration_ms=duration_ms)
        shelve_recording(archive, short, audio, PEAKS)
        assert (one.id in ids(archive)) is is_listed


def test_a_silent_recording_hides_its_call_until_another_speaks(archive: Archive, audio: Path) -> None:
    one = call()
    register_call(archive, one)
    shelve_recording(archive, replace(one.recordings[0], state=RecordingState.SILENT))
    assert ids(archive) == []
    second = replace(call(), id=one.id)
    second = replace(second, recordings=(replace(second.recordings[0], call_id=one.id),))
    register_call(archive, second)
    assert ids(archive) == [one.id]
    shelve_recording(archive, assembled(second), audio, PEAKS)
    assert ids(archive) == [one.id]


def test_a_call_fails_when_all_its_recordings_do(archive: Archive, audio: Path) -> None:
    one = call()
    other = replace(call().recordings[0], call_id=one.id)
    register_call(archive, replace(one, recordings=(*one.recordings, other)))
    fail_recording(archive, one.recordings[0].id, "spool.corrupt")
    assert get_call(archive, actor(), one.id).outcome is CallOutcome.RECORDED
    fail_recording(archive, other.id, "codec.unknown")
    known = get_call(archive, actor(), one.id)
    assert (known.outcome, known.reason) == (CallOutcome.FAILED, "codec.unknown")
    shelve_recording(archive, assembled(one), audio, PEAKS)
    known = get_call(archive, actor(), one.id)
    assert (known.outcome, known.reason) == (CallOutcome.RECORDED, "")


# --- one call from several sources


def test_the_same_external_id_is_one_call(archive: Archive, audio: Path) -> None:
    announced = call(recordings=(), source="asterisk", external_id="17.1", outcome=CallOutcome.EXPECTED)
    assert expect_call(archive, announced) == announced.id
    recorded = call(source="asterisk", external_id="17.1", decision=DECISION)
    assert register_call(archive, recorded) == announced.id
    shelve_recording(archive, assembled(recorded), audio, PEAKS)
    (known,) = find_ledger(archive, actor(), CallQuery()).items
    assert (known.id, known.outcome, known.decision) == (announced.id, CallOutcome.RECORDED, DECISION)
    assert [(one.id, one.call_id, one.state) for one in known.recordings] == [
        (recorded.recordings[0].id, announced.id, RecordingState.READY)
    ]
    assert register_call(archive, recorded) == announced.id, "repeating changes nothing"
    assert find_ledger(archive, actor(), CallQuery()).items == (known,)


def test_two_files_for_one_call_come_together(archive: Archive) -> None:
    first = call(source="folder", external_id="q-1", participants=people()[:1])
    second = call(source="folder", external_id="q-1", started_at=NOON + timedelta(seconds=70))
    assert register_call(archive, first) == register_call(archive, second) == first.id
    known = get_call(archive, actor(), first.id)
    assert {one.id for one in known.recordings} == {first.recordings[0].id, second.recordings[0].id}
    assert (known.started_at, known.duration_ms) == (NOON, 131_000)
    assert len(known.participants) == 2


def test_other_sources_tenants_and_empty_ids_are_other_calls(archive: Archive) -> None:
    some = [
        call(external_id="17", source="asterisk"),
        call(external_id="17", source="folder"),
        call(external_id="18", source="asterisk"),
        call(external_id=""),
        call(external_id=""),
        call(external_id="17", source="asterisk", tenant_id="theirs"),
    ]
    assert [register_call(archive, one) for one in some] == [one.id for one in some]
    assert len(find_ledger(archive, actor(), CallQuery()).items) == 5
    assert [one.id for one in find_ledger(archive, actor("theirs"), CallQuery()).items] == [some[-1].id]


OUTCOMES_BY_RANK = [
    CallOutcome.EXPECTED,
    CallOutcome.MISSING,
    CallOutcome.MISSED,
    CallOutcome.SKIPPED,
    CallOutcome.NOT_KEPT,
    CallOutcome.REFUSED,
    CallOutcome.FAILED,
    CallOutcome.RECORDED,
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(OUTCOMES_BY_RANK), min_size=1, max_size=5))
def test_the_best_known_outcome_stays_whatever_the_order(archive: Archive, told: list[CallOutcome]) -> None:
    external_id = new_id()
    for outcome in told:
        sound = () if outcome is not CallOutcome.RECORDED else call().recordings
        one = call(recordings=sound, outcome=outcome, external_id=external_id, reason=outcome.value)
        known_as = register_call(archive, one)
    known = get_call(archive, actor(), known_as)
    best = max(told, key=OUTCOMES_BY_RANK.index)
    assert (known.outcome, known.reason) == (best, best.value)
    assert len(known.recordings) == told.count(CallOutcome.RECORDED)


# --- missing


def test_what_is_expected_and_does_not_come_is_missing(archive: Archive) -> None:
    clock = [NOON]
    timed = replace(archive, now=lambda: clock[0])
    hours_off = call(started_at=NOON - 5 * HOUR, external_id="late", tenant_id="ours")
    ahead = call(started_at=NOON + 5 * HOUR, external_id="ahead")
    for one in (hours_off, ahead):
        expect_call(timed, one)
    before = MISSING._value.get()
    clock[0] = NOON + timedelta(seconds=90)
    expect_call(timed, replace(ahead, id=new_id()))  # a CDR read again moves no deadline
    assert report_missing(timed) == []
    clock[0] = NOON + timedelta(seconds=110)
    assert {one.id for one in report_missing(timed)} == {hours_off.id, ahead.id}
    assert report_missing(timed) == []
    assert MISSING._value.get() == before + 2
    known = get_call(archive, actor(), ahead.id)
    assert (known.outcome, known.reason, known.recordings) == (CallOutcome.MISSING, "no recording came", ())
    expect_call(timed, ahead)
    assert get_call(archive, actor(), ahead.id).outcome is CallOutcome.MISSING
    register_call(timed, call(external_id="ahead"))
    assert get_call(archive, actor(), ahead.id).outcome is CallOutcome.RECORDED, "better late than never"


def test_a_call_that_was_recorded_or_skipped_is_not_expected_any_more(archive: Archive) -> None:
    clock = [NOON]
    timed = replace(archive, now=lambda: clock[0])
    for one in (call(external_id="a"), skipped(external_id="b")):
        register_call(timed, one)
        assert expect_call(timed, replace(one, id=new_id())) == one.id
    clock[0] = NOON + HOUR
    assert report_missing(timed) == []


# --- shares


def set_up_people(archive: Archive, time_zone: str = "Europe/Moscow") -> None:
    with archive.store.transaction() as tx:
        tx.tenants.replace(Tenant("default", "Default", time_zone, "RU"))
        tx.extensions.add([Extension(f"e{n}", "default", f"10{n}") for n in range(3)])
        tx.groups.add(Group("g1", "default", "Sales", frozenset({"100", "101"})))
        tx.groups.add(Group("g2", "default", "All", frozenset({"100", "101", "102"})))
        tx.groups.add(Group("g3", "default", "Nobody"))
        tx.tenants.add(Tenant("theirs", "Theirs"), NOON)
        tx.extensions.add([Extension("t0", "theirs", "100")])
        tx.groups.add(Group("t1", "theirs", "Sales", frozenset({"100"})))


def test_shares_by_group_and_extension_are_of_the_tenants_own(archive: Archive) -> None:
    set_up_people(archive)
    for one in (
        call(participants=people("100", "+74951234567")),
        skipped(participants=people("100", "101")),
        skipped(participants=people("102", "+74951234567"), outcome=CallOutcome.MISSING),
        call(participants=people("+79161112233", "999")),
        call(participants=people("100", "+74951234567"), tenant_id="theirs"),
        call(participants=people("100", "+74951234567"), started_at=NOON + HOUR),
    ):
        register_call(archive, one)

    def told(by: LedgerGrouping) -> list[tuple[str, str, int, dict[CallOutcome, int]]]:
        shares = ledger_shares(archive, actor(), NOON - HOUR, NOON + HOUR, by)
        return [(one.subject_id, one.label, one.calls, one.outcomes) for one in shares]

    recorded, skip, missing = CallOutcome.RECORDED, CallOutcome.SKIPPED, CallOutcome.MISSING
    assert told(LedgerGrouping.EXTENSION) == [
        ("e0", "100", 2, {recorded: 1, skip: 1}),
        ("e1", "101", 1, {skip: 1}),
        ("e2", "102", 1, {missing: 1}),
        ("", "", 1, {recorded: 1}),
    ]
    assert told(LedgerGrouping.GROUP) == [
        ("g2", "All", 3, {recorded: 1, skip: 1, missing: 1}),
        ("g1", "Sales", 2, {recorded: 1, skip: 1}),
        ("", "", 1, {recorded: 1}),
    ]
    (day,) = ledger_shares(archive, actor(), NOON - HOUR, NOON + HOUR)
    assert (day.day, day.label, day.calls, day.wanted) == (date(2026, 4, 24), "2026-04-24", 4, 3)
    assert day.recorded_share == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "zone",
    ["UTC", "Europe/Moscow", "Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns", "Pacific/Kiritimati"],
)
def test_days_are_those_of_the_tenants_wall_clock(archive: Archive, zone: str) -> None:
    set_up_people(archive, zone)
    place = ZoneInfo(zone)
    # Over the change to summer time of the northern hemisphere and back of the southern.
    first = datetime(2026, 3, 27, tzinfo=place).astimezone(UTC)
    some = [
        call(started_at=datetime(2026, 3, day, *time, tzinfo=place).astimezone(UTC))
        for day in range(27, 32)
        for time in ((0, 0, 0, 0), (12, 0), (23, 59, 59, 999_999))
    ]
    for one in some:
        register_call(archive, one)
    shares = ledger_shares(archive, actor(), first, datetime(2026, 4, 1, tzinfo=place))
    assert [(one.day, one.calls) for one in shares] == [(date(2026, 3, day), 3) for day in range(27, 32)]


def test_a_call_of_many_participants_counts_once_for_each(archive: Archive) -> None:
    set_up_people(archive)
    twice = tuple(Participant(f"p{n}", Party.CONNECTED, "100", "", "") for n in range(3))
    register_call(archive, call(participants=twice))
    for by in (LedgerGrouping.EXTENSION, LedgerGrouping.GROUP):
        shares = ledger_shares(archive, actor(), NOON - HOUR, NOON + HOUR, by)
        assert {one.calls for one in shares} == {1}


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        (NOON.replace(tzinfo=None), NOON, "since"),
        (NOON, NOON.replace(tzinfo=None), "until"),
        (NOON, NOON - HOUR, "until"),
        (NOON, NOON + timedelta(days=801), "until"),
    ],
)
def test_bad_spans_name_their_field(archive: Archive, since: datetime, until: datetime, field: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        ledger_shares(archive, actor(), since, until)
    assert caught.value.field == field


def test_a_tenant_without_calls_has_no_shares(archive: Archive) -> None:
    for by in LedgerGrouping:
        assert ledger_shares(archive, actor("nowhere"), NOON - HOUR, NOON + HOUR, by) == ()
