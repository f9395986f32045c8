"""Rules tried on past calls: exact counts, the tenant's own calls alone, and fast."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from fonoteka.domain.call import Call, CallOutcome, Participant, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import AccessDenied, RequestInvalid, RuleInvalid
from fonoteka.domain.profiles import DEFAULT_PROFILE, PROFILES
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.rules import Forwarding, RecordingRule, RuleConditions, RuleOutcome, RuleSet
from fonoteka.policy import PolicyRoom, dry_run, save_rule_set
from fonoteka.store.columns import to_microseconds
from tests.examples import NOON, actor, call, people, recording
from tests.policy.conftest import add_extensions, add_group

US = actor("ours")
EVERY_CALL = RuleConditions()
RECORD, SKIP, ON_DEMAND = RuleOutcome.RECORD, RuleOutcome.SKIP, RuleOutcome.ON_DEMAND


def rule(
    name: str, outcome: RuleOutcome, conditions: RuleConditions | None = None, **fields: object
) -> RecordingRule:
    return RecordingRule(name, name, outcome, conditions or RuleConditions(), **fields)  # type: ignore[arg-type]


def save(room: PolicyRoom, *some: Call) -> None:
    with room.store.transaction() as tx:
        for one in some:
            assert tx.calls.add(one)


def past(calling: str, called: str, **fields: object) -> Call:
    given = {
        "tenant_id": "ours",
        "recordings": (),
        "participants": people(calling, called),
        "duration_ms": 60_000,
    }
    return call(**{**given, "started_at": NOON - timedelta(days=1), **fields})


def candidate(*rules: RecordingRule, default: RuleOutcome = SKIP) -> RuleSet:
    return RuleSet("ours", rules=rules, default=default)


def test_what_would_start_stop_and_move_is_counted(room: PolicyRoom) -> None:
    add_extensions(room, "ours", "101", "102", "103")
    group = add_group(room, "ours", "Sales", "101", "102")
    ours = RuleConditions(group_ids=frozenset({group.id}))
    save_rule_set(room, US, [rule("sales", RECORD, ours)], SKIP, 0)
    start = past("103", "+79000000001", duration_ms=90_000)
    stop = past("101", "102", started_at=NOON - timedelta(days=2))
    moved = past("+79000000002", "101")
    same = past("+79000000002", "104")
    save(room, start, stop, moved, same)
    internal = rule("internal", SKIP, RuleConditions(directions=frozenset({Direction.INTERNAL})))
    incoming = rule(
        "incoming", RECORD, RuleConditions(directions=frozenset({Direction.INCOMING})), keep_days=90
    )
    third = rule("third", RECORD, RuleConditions(extensions=frozenset({"103"})))
    found = dry_run(room, US, candidate(internal, replace(incoming, conditions=ours), third))
    assert (found.whole.calls, found.whole.duration_ms) == (4, 270_000)
    assert [(one.calls, one.duration_ms) for one in found.by_rule] == [
        (1, 60_000),
        (1, 60_000),
        (1, 90_000),
        (1, 60_000),
    ]
    assert (found.would_start.calls, found.would_start.minutes) == (1, 2)
    assert (found.would_stop.calls, found.moved.calls, found.changed) == (1, 1, 3)
    told = {one.call_id: (one.old.rule_position, one.new.rule_position) for one in found.examples}
    assert told == {start.id: (None, 3), stop.id: (1, 1), moved.id: (1, 2)}
    assert found.examples[-1].call_id == stop.id, "newest first"
    assert [(one.calls, one.new.keep_days) for one in found.moves if one.new.rule_name == "incoming"] == [
        (1, 90)
    ]
    assert (found.examples[0].calling, found.is_cut) in {("103", False), ("+79000000002", False)}


def test_nothing_changes_where_nothing_is_changed(room: PolicyRoom) -> None:
    saved = save_rule_set(room, US, [rule("all", RECORD)], SKIP, 0)
    save(room, *(past("101", "+79000000001") for _ in range(5)))
    found = dry_run(room, US, saved)
    assert (found.changed, found.examples, found.moves, found.whole.calls) == (0, [], (), 5)


def test_calls_that_nobody_answered_and_old_ones_are_left_out(room: PolicyRoom) -> None:
    for outcome in CallOutcome:
        save(room, past("101", "102", outcome=outcome))
    save(room, past("101", "102", started_at=NOON - timedelta(days=40)))
    assert dry_run(room, US, candidate()).whole.calls == len(CallOutcome) - 1
    assert dry_run(room, US, candidate(), days=60).whole.calls == len(CallOutcome)


def test_on_demand_is_neither_recorded_nor_skipped(room: PolicyRoom) -> None:
    save(room, past("101", "102"))
    save_rule_set(room, US, [], SKIP, 0)
    found = dry_run(room, US, candidate(rule("ask", ON_DEMAND)))
    assert (found.would_start.calls, found.moved.calls) == (0, 1)


def test_bytes_are_reckoned_by_what_recordings_took(room: PolicyRoom) -> None:
    known = past("101", "102", recordings=())
    save(room, known)
    assert dry_run(room, US, candidate()).whole.size_bytes == PROFILES[DEFAULT_PROFILE].bytes_per_minute
    sound = recording(
        known.id, tenant_id="ours", state=RecordingState.READY, started_at=NOON, duration_ms=1000
    )
    with room.store.transaction() as tx:
        tx.recordings.add(replace(sound, size_bytes=5000))
    found = dry_run(room, US, candidate())
    assert (found.whole.size_bytes, found.by_rule[-1].size_bytes) == (300_000, 300_000)


def test_forwarded_calls_and_national_numbers_are_seen(room: PolicyRoom) -> None:
    mobile = Participant("p3", Party.CONNECTED, "89161112233", "Chief", "")
    forwarded = past("84951234567", "101", forwarded_outside=True)
    save(room, replace(forwarded, participants=(*forwarded.participants, mobile)), past("84951234567", "101"))
    only = rule(
        "only", RECORD, RuleConditions(forwarded_outside=Forwarding.ONLY, numbers=("8 916 111-22-33",))
    )
    found = dry_run(room, US, candidate(only))
    assert [one.calls for one in found.by_rule] == [1, 1]


def test_another_tenants_calls_are_not_looked_at(room: PolicyRoom) -> None:
    save(room, past("101", "102", tenant_id="theirs"))
    assert dry_run(room, US, candidate(rule("all", RECORD))).whole.calls == 0
    with pytest.raises(AccessDenied):
        dry_run(room, US, RuleSet("theirs"))


def test_bad_questions_are_refused(room: PolicyRoom) -> None:
    for days in (0, -1, 367):
        with pytest.raises(RequestInvalid):
            dry_run(room, US, candidate(), days)
    with pytest.raises(RuleInvalid):
        dry_run(room, US, candidate(rule("bad", RECORD, RuleConditions(share_percent=0))))


CALLS = 100_000


def test_a_hundred_thousand_calls_are_tried_in_seconds(room: PolicyRoom, database_url: str) -> None:
    add_extensions(room, "ours", *(str(number) for number in range(100, 140)))
    fill(database_url)
    rules = [
        rule(f"r{n}", RECORD, RuleConditions(extensions=frozenset({str(100 + n)}), share_percent=50))
        for n in range(40)
    ]
    save_rule_set(room, US, rules, SKIP, 0)
    began = time.process_time()
    found = dry_run(room, US, candidate(*reversed(rules), default=RECORD))
    seconds = time.process_time() - began
    assert found.whole.calls == CALLS
    assert sum(one.calls for one in found.by_rule) == CALLS
    assert found.would_start.calls == found.by_rule[-1].calls > CALLS // 4
    assert found.moved.calls == 0, "the order of rules that share no call means nothing"
    assert len(found.examples) == 50
    assert seconds < 10, "a few seconds of one core"


NUMBERED = (
    "WITH RECURSIVE numbered(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbered WHERE n + 1 < :calls)"
)
FILL = (
    f"""{NUMBERED} INSERT INTO calls
    (id, tenant_id, source, direction, started_at, duration_ms, created_at)
    SELECT 'c' || n, 'ours', 'siprec', 'outgoing', :newest - CAST(n AS BIGINT) * 20000000, 60000, :newest
    FROM numbered""",
    f"""{NUMBERED} INSERT INTO participants
    (call_id, position, tenant_id, participant_id, party, number, name, aor, number_digits, name_folded)
    SELECT 'c' || n, 0, 'ours', 'p0', 'calling', CAST(100 + n % 40 AS TEXT), '', '', '', '' FROM numbered
    UNION ALL
    SELECT 'c' || n, 1, 'ours', 'p1', 'called', '8495' || (7000000 + n % 20000), '', '', '', ''
    FROM numbered""",
)


def fill(database_url: str) -> None:
    """Calls of 40 extensions with 20,000 numbers, made by the database itself."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement), {"calls": CALLS, "newest": to_microseconds(NOON)})
    engine.dispose()
