"""Which rule decides a call between two numbers, and why not those above it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.people import Extension
from fonoteka.domain.rules import Forwarding, RecordingRule, RuleConditions, RuleOutcome, RuleSet
from fonoteka.policy import PolicyRoom, save_extension, save_rule_set, which_rule
from tests.examples import actor
from tests.policy.conftest import add_group

US = actor("ours")
MONDAY = datetime(2026, 4, 20, 9, 30, tzinfo=UTC)
"""Half past noon in Moscow."""


def test_the_reasons_are_told_rule_by_rule(room: PolicyRoom) -> None:
    save_extension(room, US, Extension("", "ours", "101", newcomer_until=date(2026, 4, 20)))
    save_extension(room, US, Extension("", "ours", "102"))
    sales = add_group(room, "ours", "Sales", "102")
    conditions = [
        RuleConditions(group_ids=frozenset({sales.id})),
        RuleConditions(directions=frozenset({Direction.INCOMING}), numbers=("+7495*",)),
        RuleConditions(forwarded_outside=Forwarding.ONLY),
        RuleConditions(weekdays=frozenset({5, 6})),
        RuleConditions(from_minute=22 * 60, until_minute=6 * 60),
        RuleConditions(),
        RuleConditions(newcomers=True, numbers=("8 916 111-22-33",)),
    ]
    rules = [
        RecordingRule(f"r{n}", f"R{n}", RuleOutcome.RECORD, one, enabled=n != 6)
        for n, one in enumerate(conditions, 1)
    ]
    save_rule_set(room, US, rules, RuleOutcome.SKIP, 0)
    answer = which_rule(room, US, "101", "8 (916) 111-22-33", MONDAY)
    assert (answer.decision.rule_position, answer.decision.rule_name) == (7, "R7")
    assert answer.facts.direction is Direction.OUTGOING
    assert answer.facts.outside_numbers == {"+79161112233"}
    assert [(one.position, one.unfulfilled) for one in answer.passed] == [
        (1, ("who",)),
        (2, ("directions", "numbers")),
        (3, ("forwarded_outside",)),
        (4, ("hours",)),
        (5, ("hours",)),
        (6, ("disabled",)),
    ]
    nobody = which_rule(room, US, "103", "89161112233", MONDAY)
    assert (nobody.decision.rule_position, nobody.decision.outcome) == (None, RuleOutcome.SKIP)
    assert nobody.passed[-1].unfulfilled == ("who",)


def test_a_candidate_is_asked_instead_and_forwarding_counts(room: PolicyRoom) -> None:
    only = RecordingRule(
        "f", "Forwarded", RuleOutcome.RECORD, RuleConditions(forwarded_outside=Forwarding.ONLY)
    )
    candidate = RuleSet("ours", rules=(only,), default=RuleOutcome.SKIP)
    for forwarded, outcome in ((True, RuleOutcome.RECORD), (False, RuleOutcome.SKIP)):
        answer = which_rule(room, US, "84951234567", "101", candidate=candidate, forwarded_outside=forwarded)
        assert answer.decision.outcome is outcome
    assert which_rule(room, US, "84951234567", "101").decision.outcome is RuleOutcome.RECORD


def test_a_share_is_told_as_the_reason(room: PolicyRoom) -> None:
    one = RecordingRule("s", "Some", RuleOutcome.RECORD, RuleConditions(share_percent=1))
    rules = RuleSet("ours", rules=(one,), default=RuleOutcome.SKIP)
    told = [which_rule(room, US, str(n), "102", candidate=rules).passed for n in range(100, 130)]
    assert ("share",) in [passed[0].unfulfilled for passed in told if passed]


def test_strange_numbers_get_an_answer(room: PolicyRoom) -> None:
    for calling, called in (("", ""), ("\0", "\ud800"), ("Анна", "sip:x@y"), ("+", "*")):
        answer = which_rule(room, US, calling, called, MONDAY)
        assert answer.decision.outcome is RuleOutcome.RECORD


def test_bad_questions_name_their_field(room: PolicyRoom) -> None:
    for field, ask in (
        ("calling", {"calling": "1" * 201}),
        ("called", {"called": "1" * 201}),
        ("at", {"at": datetime(2026, 1, 1)}),  # noqa: DTZ001
    ):
        with pytest.raises(RequestInvalid) as caught:
            which_rule(room, US, **{"calling": "1", "called": "2", **ask})  # type: ignore[arg-type]
        assert caught.value.field == field
