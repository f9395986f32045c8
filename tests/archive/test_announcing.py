"""Calls that are announced without sound: one row each, whatever else tells of them and in which order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from fonoteka.archive import (
    Archive,
    announce_calls,
    find_ledger,
    get_call,
    register_call,
    report_missing,
    shelve_recording,
)
from fonoteka.capture.policy_snapshot import SnapshotPolicy
from fonoteka.domain.announced import ANNOUNCED, CDR, AnnouncedCall, Announcement
from fonoteka.domain.call import Call, CallOutcome, Participant, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension, Tenant
from fonoteka.domain.ports import LiveCall
from fonoteka.domain.query import CallQuery
from fonoteka.domain.rules import Forwarding, RecordingRule, RuleConditions, RuleOutcome
from fonoteka.domain.sealed import SealedParticipant
from fonoteka.policy import PolicyRoom, create_tenant, publish, save_extension, save_rule_set
from tests.archive.test_shelving import PEAKS, assembled
from tests.examples import NOON, actor, call, people

OUTSIDE = "79161234567"
RULES = (
    RecordingRule(
        "r1", "Переадресация", RuleOutcome.RECORD, RuleConditions(forwarded_outside=Forwarding.ONLY)
    ),
    RecordingRule("r2", "Личные", RuleOutcome.SKIP, RuleConditions(extensions=frozenset({"105"}))),
    RecordingRule("r3", "По просьбе", RuleOutcome.ON_DEMAND, RuleConditions(extensions=frozenset({"106"}))),
)


class Ledger:
    """An archive whose clock the test sets, with the rules above in force for the default tenant."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self.clock = [NOON]
        self.archive = replace(archive, now=lambda: self.clock[0])
        self.room = PolicyRoom(archive.store, folder / "policy.json")
        for number in ("101", "102", "105", "106"):
            save_extension(self.room, actor(), Extension("", "default", number))
        save_rule_set(self.room, actor(), RULES, RuleOutcome.RECORD, 0)
        publish(self.room)
        self.policy = SnapshotPolicy(folder / "policy.json", 5)
        self.policy.look()

    def announce(self, *calls: AnnouncedCall, dry_run: bool = False) -> tuple[Announcement, ...]:
        return announce_calls(self.archive, self.policy, calls, dry_run)

    def later(self, seconds: float, in_progress: Sequence[LiveCall] = ()) -> list[str]:
        """Which calls are missing so much later."""
        self.clock[0] += timedelta(seconds=seconds)
        return [one.id for one in report_missing(self.archive, in_progress=in_progress)]

    def rows(self) -> tuple[Call, ...]:
        return find_ledger(self.archive, actor(), CallQuery()).items

    def row(self) -> Call:
        (one,) = self.rows()
        return one


@pytest.fixture
def ledger(archive: Archive, tmp_path: Path) -> Ledger:
    return Ledger(archive, tmp_path)


def told(*numbers: str, at: datetime = NOON, seconds: float = 60, **fields: object) -> AnnouncedCall:
    parties = (Party.CALLING, Party.CALLED, *(Party.CONNECTED,) * len(numbers))
    given = {
        "tenant_id": "default",
        "source": CDR,
        "external_id": new_id(),
        "started_at": at,
        "duration_ms": int(seconds * 1000),
        "participants": tuple(
            Participant(number, party, number, "", "")
            for number, party in zip(numbers, parties, strict=False)
        ),
    }
    return AnnouncedCall(**{**given, **fields})  # type: ignore[arg-type]


def recorded(*numbers: str, at: datetime = NOON, **fields: object) -> Call:
    return call(participants=people(*numbers), started_at=at, direction=Direction.INCOMING, **fields)


@pytest.mark.parametrize(
    ("one", "outcome", "rule"),
    [
        (told(OUTSIDE, "101"), CallOutcome.EXPECTED, None),
        (told(OUTSIDE, "105"), CallOutcome.SKIPPED, "Личные"),
        (told(OUTSIDE, "106"), CallOutcome.NOT_KEPT, "По просьбе"),
        (told(OUTSIDE, "105", "79031112233"), CallOutcome.EXPECTED, "Переадресация"),
        (told(OUTSIDE, "101", was_answered=False), CallOutcome.MISSED, None),
    ],
    ids=["wanted", "skipped", "on demand", "forwarded outside", "not answered"],
)
def test_the_rules_are_asked_as_the_recorder_asks(
    ledger: Ledger, one: AnnouncedCall, outcome: CallOutcome, rule: str | None
) -> None:
    (answer,) = ledger.announce(one)
    assert (answer.outcome, answer.is_known) == (outcome, False)
    row = ledger.row()
    assert (row.outcome, row.direction, row.external_id) == (outcome, Direction.INCOMING, one.external_id)
    assert row.decision is not None
    assert row.decision.rule_name == (rule or "")
    missing = ledger.later(110)
    assert missing == ([row.id] if outcome is CallOutcome.EXPECTED else [])
    assert ledger.announce(one)[0].call_id == row.id, "told again it is the same call"
    assert len(ledger.rows()) == 1


@pytest.mark.parametrize("is_late", [False, True], ids=["expected", "missing"])
def test_a_recording_that_comes_later_takes_the_row_over(ledger: Ledger, audio: Path, is_late: bool) -> None:
    one = told(OUTSIDE, "101")
    ledger.announce(one)
    if is_late:
        assert ledger.later(110)
    siprec = recorded(f"+{OUTSIDE}", "101", at=NOON + timedelta(seconds=7))
    known_as = register_call(ledger.archive, siprec)
    shelve_recording(ledger.archive, assembled(siprec), audio, PEAKS)
    register_call(ledger.archive, replace(siprec, duration_ms=50_000))  # a step of the pipeline run again
    row = ledger.row()
    assert (row.id, row.outcome, row.source, row.reason) == (known_as, CallOutcome.RECORDED, "siprec", "")
    assert [one.number for one in row.participants] == [f"+{OUTSIDE}", "101"]
    assert len(row.recordings) == 1
    assert get_call(ledger.archive, actor(), siprec.id) == row, "its own id leads to it too"
    (again,) = ledger.announce(one)
    assert (again.call_id, again.outcome, again.is_known) == (row.id, CallOutcome.RECORDED, True)
    assert ledger.later(600) == []


def test_a_call_that_is_recorded_already_is_known(ledger: Ledger) -> None:
    siprec = recorded("+74950000000", f"+{OUTSIDE}", at=NOON + timedelta(seconds=5))
    register_call(ledger.archive, siprec)
    one = told("101", OUTSIDE)
    for dry_run in (True, False, False):
        (answer,) = ledger.announce(one, dry_run=dry_run)
        assert (answer.call_id, answer.outcome, answer.is_known) == (siprec.id, CallOutcome.RECORDED, True)
    assert ledger.row().id == siprec.id


def test_of_two_calls_alike_one_recording_covers_one(ledger: Ledger) -> None:
    """Somebody calls again at once; only one of the two was recorded."""
    first, second = told(OUTSIDE, "101", seconds=20), told(OUTSIDE, "101", at=NOON + timedelta(seconds=40))
    register_call(ledger.archive, recorded(OUTSIDE, "101", at=NOON + timedelta(seconds=42)))
    planned = ledger.announce(second, first, dry_run=True)
    assert [one.is_known for one in planned] == [True, False]
    ledger.announce(second, first)
    (missing,) = ledger.later(110)
    assert get_call(ledger.archive, actor(), missing).external_id == first.external_id
    register_call(ledger.archive, recorded(OUTSIDE, "101", at=NOON + timedelta(seconds=3)))
    assert {one.outcome for one in ledger.rows()} == {CallOutcome.RECORDED}
    assert len(ledger.rows()) == 2


@pytest.mark.parametrize("cdr_first", [True, False])
def test_the_pbxs_own_id_outweighs_a_clock_that_is_off(ledger: Ledger, cdr_first: bool) -> None:
    asterisk = recorded(OUTSIDE, "101", source="asterisk", external_id="1777032000.17")
    cdr = told(
        OUTSIDE,
        "101",
        at=NOON - timedelta(hours=5),
        external_id="1777032000.18",
        other_ids=("1777032000.17",),
    )
    if cdr_first:
        cdr = replace(cdr, external_id="1777032000.17", other_ids=())
        ledger.announce(cdr)
    register_call(ledger.archive, asterisk)
    assert ledger.announce(cdr)[0].outcome is CallOutcome.RECORDED
    row = ledger.row()
    assert (row.source, row.external_id, row.started_at) == ("asterisk", "1777032000.17", NOON)


def test_the_legs_of_a_call_come_together(ledger: Ledger) -> None:
    first = told(OUTSIDE, "102", seconds=20, was_answered=False)
    ledger.announce(first)
    ledger.clock[0] += timedelta(hours=1)
    talk = replace(told(OUTSIDE, "101", at=NOON + timedelta(seconds=20)), external_id=first.external_id)
    moved = replace(told("101", "105", at=NOON + timedelta(seconds=80)), external_id=first.external_id)
    assert [one.outcome for one in ledger.announce(talk, moved)] == [CallOutcome.EXPECTED] * 2
    row = ledger.row()
    assert [one.number for one in row.participants] == [OUTSIDE, "102", "101", "105"]
    assert [one.party for one in row.participants].count(Party.CALLING) == 1
    assert (row.started_at, row.duration_ms) == (NOON, 140_000)
    assert ledger.later(90) == [], "the waiting begins with the leg that was answered"
    assert ledger.later(20) == [row.id]


def test_what_two_sources_announce_is_one_call(ledger: Ledger) -> None:
    ledger.announce(told(OUTSIDE, "101"))
    (answer,) = ledger.announce(told(f"+{OUTSIDE}", "101", source=ANNOUNCED, at=NOON + timedelta(seconds=2)))
    assert answer.is_known
    register_call(ledger.archive, recorded(OUTSIDE, "101"))
    assert ledger.row().outcome is CallOutcome.RECORDED


def test_a_call_that_goes_on_is_not_missing_yet(ledger: Ledger) -> None:
    ledger.announce(told(OUTSIDE, "101", seconds=30))
    live = LiveCall(
        recording_id=new_id(),
        call_id=new_id(),
        tenant_id="default",
        source="siprec",
        started_at=NOON,
        direction=Direction.INCOMING,
        participants=tuple(
            SealedParticipant(number, None, number, "", "") for number in (f"+{OUTSIDE}", "101", "102")
        ),
        decision=None,
        is_paused=False,
        pause_reason="",
        resumes_at=None,
        kept=None,
    )
    assert ledger.later(110, [live]) == []
    assert ledger.later(1, [replace(live, tenant_id="theirs")]) == [ledger.row().id]


def test_other_tenants_calls_are_never_taken(ledger: Ledger) -> None:
    create_tenant(ledger.room, actor(), Tenant("theirs", "Theirs"))
    theirs = recorded(OUTSIDE, "101", tenant_id="theirs", source="asterisk", external_id="17.1")
    register_call(ledger.archive, theirs)
    (answer,) = ledger.announce(told(OUTSIDE, "101", external_id="17.1"))
    assert not answer.is_known
    register_call(ledger.archive, replace(recorded(OUTSIDE, "102"), tenant_id="theirs"))
    assert ledger.row().outcome is CallOutcome.EXPECTED
    assert {one.source for one in find_ledger(ledger.archive, actor("theirs"), CallQuery()).items} == {
        "asterisk",
        "siprec",
    }


def test_a_dry_run_writes_nothing(ledger: Ledger) -> None:
    planned = ledger.announce(told(OUTSIDE, "101"), told(OUTSIDE, "105"), dry_run=True)
    assert [one.outcome for one in planned] == [CallOutcome.EXPECTED, CallOutcome.SKIPPED]
    assert ledger.rows() == ()


def test_recording_and_announcement_at_once_are_one_call(ledger: Ledger) -> None:
    def at_once(barrier: threading.Barrier, act: Callable[[], object]) -> object:
        barrier.wait(20)
        return act()

    with ThreadPoolExecutor(2) as threads:
        for n in range(12):
            at, barrier = NOON + timedelta(minutes=10 * n), threading.Barrier(2)
            one, other = told(OUTSIDE, "101", at=at), recorded(OUTSIDE, "101", at=at)
            announced = threads.submit(at_once, barrier, partial(ledger.announce, one))
            registered = threads.submit(at_once, barrier, partial(register_call, ledger.archive, other))
            announced.result(60)
            registered.result(60)
    assert [one.outcome for one in ledger.rows()] == [CallOutcome.RECORDED] * 12
