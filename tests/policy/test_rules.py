"""Rules in versions: conflicts, undo, and what cannot be saved."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from fonoteka.domain.audit import AuditAction
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import RequestInvalid, RuleInvalid, RuleVersionNotFound, VersionConflict
from fonoteka.domain.policy_snapshot import PolicySnapshot
from fonoteka.domain.profiles import PROFILES
from fonoteka.domain.rules import Forwarding, RecordingRule, RuleConditions, RuleOutcome, RuleSet
from fonoteka.policy import (
    PolicyRoom,
    delete_group,
    restore_version,
    rule_history,
    rule_set,
    save_rule_set,
)
from tests.examples import NOON, actor
from tests.policy.conftest import add_group

US = actor("ours")
RECORD, SKIP = RuleOutcome.RECORD, RuleOutcome.SKIP
EVERY_CALL = RuleConditions()


def rule(name: str = "all", conditions: RuleConditions = EVERY_CALL, **fields: Any) -> RecordingRule:
    return RecordingRule(**{"id": name, "name": name, "outcome": RECORD, "conditions": conditions, **fields})


def published(room: PolicyRoom) -> RuleSet:
    snapshot = PolicySnapshot.from_json(room.snapshot_path.read_text("utf-8"))
    return next(one.rule_set for one in snapshot.tenants if one.rule_set.tenant_id == "ours")


def test_rules_come_back_as_saved_and_reach_the_recorder(room: PolicyRoom) -> None:
    group = add_group(room, "ours", "Sales")
    whole = RuleConditions(
        extensions=frozenset({"101", "*77"}),
        group_ids=frozenset({group.id}),
        newcomers=True,
        directions=frozenset({Direction.INCOMING, Direction.INTERNAL}),
        forwarded_outside=Forwarding.ONLY,
        numbers=("+74951234567", "+7916*"),
        weekdays=frozenset({0, 6}),
        from_minute=22 * 60,
        until_minute=6 * 60,
        share_percent=5,
    )
    full = rule("r-1", whole, outcome=RuleOutcome.ON_DEMAND, enabled=False, keep_days=90, keep_within_s=60)
    saved = save_rule_set(room, US, [full, rule()], SKIP, 0, "first", default_keep_days=7)
    assert saved == RuleSet("ours", 1, (full, rule()), SKIP, "standard", 7)
    assert rule_set(room, US) == published(room) == saved


def test_a_tenant_without_rules_records_everything(room: PolicyRoom) -> None:
    assert rule_set(room, US) == RuleSet("ours", 0, (), RECORD)
    assert rule_history(room, US) == ()
    assert published(room) == rule_set(room, US)


def test_numbers_are_kept_in_one_notation(room: PolicyRoom) -> None:
    numbers = ("8 (495) 123-45-67", "+7 495 123 45 67", " +7 (495)* ")
    saved = save_rule_set(room, US, [rule("n", RuleConditions(numbers=numbers))], SKIP, 0)
    assert saved.rules[0].conditions.numbers == ("+74951234567", "+7495*")


def test_who_looked_at_an_older_version_is_refused(room: PolicyRoom) -> None:
    first = save_rule_set(room, US, [rule()], SKIP, 0)
    with pytest.raises(VersionConflict) as caught:
        save_rule_set(room, US, [], RECORD, 0)
    assert caught.value.context == {"version": 1, "based_on_version": 0}
    assert rule_set(room, US) == published(room) == first


def test_of_two_who_save_at_once_one_is_refused(room: PolicyRoom) -> None:
    outcomes: list[str] = []

    def save(name: str) -> None:
        try:
            save_rule_set(room, US, [rule(name)], SKIP, 0)
            outcomes.append("saved")
        except VersionConflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=save, args=(f"r{n}",)) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["refused"] * 3 + ["saved"]
    assert published(room) == rule_set(room, US)


def test_the_same_rules_again_are_no_new_version(room: PolicyRoom) -> None:
    first = save_rule_set(room, US, [rule()], SKIP, 0)
    assert save_rule_set(room, US, [rule()], SKIP, 1) == first
    assert len(rule_history(room, US)) == 1
    untouched = save_rule_set(room, actor("theirs"), [], RECORD, 0)
    assert untouched.version == 1, "to record everything on purpose is a version too"


def test_every_version_stays_and_can_be_had_again(room: PolicyRoom) -> None:
    first = save_rule_set(room, US, [rule("a")], SKIP, 0, "  begin  ")
    second = save_rule_set(room, US, [rule("b")], RECORD, 1)
    undone = restore_version(room, US, 1)
    assert undone == replace(first, version=3) == rule_set(room, US) == published(room)
    assert restore_version(room, US, 0) == RuleSet("ours", 4)
    told = [(one.rule_set.version, one.author_name, one.at, one.note) for one in rule_history(room, US)]
    assert told == [
        (4, "anna", NOON, "version 0 restored"),
        (3, "anna", NOON, "version 1 restored"),
        (2, "anna", NOON, ""),
        (1, "anna", NOON, "begin"),
    ]
    assert rule_history(room, US, limit=3)[-1].rule_set == second
    with room.store.reading() as tx:
        events = tx.audit.of_subject("ours", "ours", 9)
    assert [one.detail for one in events if one.action is AuditAction.RULES_CHANGED][:2] == [
        "version=4 rules=0",
        "version=3 rules=1",
    ]


def test_a_version_that_never_was_is_not_found(room: PolicyRoom) -> None:
    save_rule_set(room, US, [rule()], SKIP, 0)
    for version in (-1, 2, 2**31, 2**70):
        with pytest.raises(RuleVersionNotFound):
            restore_version(room, US, version)


def test_a_version_that_names_a_deleted_group_does_not_come_back(room: PolicyRoom) -> None:
    group = add_group(room, "ours", "Sales")
    named = rule("s", RuleConditions(group_ids=frozenset({group.id})))
    save_rule_set(room, US, [rule(), named], SKIP, 0)
    save_rule_set(room, US, [rule()], SKIP, 1)
    delete_group(room, US, group.id)
    with pytest.raises(RuleInvalid, match="Rule 2: It names a group that was deleted") as caught:
        restore_version(room, US, 1)
    assert caught.value.context == {"rule_position": 2, "field": "group_ids"}
    assert rule_set(room, US).version == 2


def test_a_group_of_another_tenant_is_no_group(room: PolicyRoom) -> None:
    theirs = add_group(room, "theirs", "Sales")
    with pytest.raises(RuleInvalid):
        save_rule_set(room, US, [rule("s", RuleConditions(group_ids=frozenset({theirs.id})))], SKIP, 0)


BAD: list[tuple[str, RecordingRule]] = [
    ("id", rule(id="a b")),
    ("id", rule(id="x" * 65)),
    ("name", rule(name=" ", id="r")),
    ("name", rule(name="x" * 201, id="r")),
    ("profile", rule(profile="loud")),
    ("keep_days", rule(keep_days=0)),
    ("keep_days", rule(keep_days=36_501)),
    ("keep_within_s", rule(keep_within_s=-1)),
    ("keep_within_s", rule(keep_within_s=86_401)),
    ("extensions", rule("r", RuleConditions(extensions=frozenset({"1 2"})))),
    ("group_ids", rule("r", RuleConditions(group_ids=frozenset({"gone"})))),
    ("weekdays", rule("r", RuleConditions(weekdays=frozenset({7})))),
    ("from_minute", rule("r", RuleConditions(from_minute=1440))),
    ("until_minute", rule("r", RuleConditions(until_minute=1441))),
    ("share_percent", rule("r", RuleConditions(share_percent=0))),
    ("share_percent", rule("r", RuleConditions(share_percent=101))),
    *[
        ("numbers", rule("r", RuleConditions(numbers=(bad,))))
        for bad in ("", "*", "+*", "8495*", "+7*5*", "+0495*", "101", "Anna", "+" + "9" * 16 + "*", "\0")
    ],
]


def test_what_cannot_be_saved_names_rule_and_field(room: PolicyRoom) -> None:
    for field, bad in BAD:
        with pytest.raises(RuleInvalid, match=r"^Rule 2: ") as caught:
            save_rule_set(room, US, [rule("good"), bad], SKIP, 0)
        assert caught.value.context == {"rule_position": 2, "field": field}, bad
    assert rule_set(room, US).version == 0


def test_rule_sets_are_bounded_and_their_ids_differ(room: PolicyRoom) -> None:
    many = RuleConditions(extensions=frozenset(map(str, range(60_000))))
    for rules, field in (
        ([rule(str(n)) for n in range(1001)], "rules"),
        ([rule("a", many), rule("b", many)], "rules"),
        ([rule("a"), rule("a")], "id"),
    ):
        with pytest.raises(RuleInvalid) as caught:
            save_rule_set(room, US, rules, SKIP, 0)
        assert caught.value.context["field"] == field
    for bad in ({"default_profile": "loud"}, {"default_keep_days": 0}):
        with pytest.raises(RuleInvalid) as caught:
            save_rule_set(room, US, [], SKIP, 0, **bad)  # type: ignore[arg-type]
        assert caught.value.context["rule_position"] is None


def test_a_new_rule_is_given_an_id(room: PolicyRoom) -> None:
    saved = save_rule_set(room, US, [rule(id=""), rule(id="")], SKIP, 0)
    assert len({one.id for one in saved.rules} - {""}) == 2


def test_history_has_bounds(room: PolicyRoom) -> None:
    for limit in (0, 201):
        with pytest.raises(RequestInvalid):
            rule_history(room, US, limit)


def test_every_profile_may_be_chosen(room: PolicyRoom) -> None:
    rules = tuple(rule(name=name, profile=name) for name in PROFILES)
    assert save_rule_set(room, US, rules, SKIP, 0).rules == rules
    assert published(room).rules == rules
