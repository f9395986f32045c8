"""A rule decision with 1,000 rules and 10,000 extensions, beside looking at each rule in turn.

Two rule sets: one of conditions as people write them, and one whose rules want every call, each at another
minute, so that nothing but the time keeps them from matching.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from bench.report import report
from fonoteka.domain.call_facts import NumberReader
from fonoteka.domain.direction import Direction
from fonoteka.domain.people import Directory, Extension, Group, Tenant
from fonoteka.domain.rule_engine import compile_rules, decide
from fonoteka.domain.rules import (
    CallFacts,
    Forwarding,
    RecordingRule,
    RuleConditions,
    RuleOutcome,
    RuleSet,
)
from fonoteka.wire.e164 import to_e164
from tests.domain.naive_rules import naive_position

RULES = 1_000
EXTENSIONS = 10_000
GROUPS = 200
CALLS = 2_000
NAIVE_CALLS = 100


def make_directory(chance: random.Random) -> Directory:
    numbers = [str(10_000 + n) for n in range(EXTENSIONS)]
    return Directory(
        Tenant("t", "t", "Europe/Moscow"),
        tuple(
            Extension(
                number, "t", number, newcomer_until=date(2026, 12, 1) if chance.random() < 0.05 else None
            )
            for number in numbers
        ),
        tuple(Group(f"g{n}", "t", f"g{n}", frozenset(chance.sample(numbers, 100))) for n in range(GROUPS)),
    )


def mixed(chance: random.Random) -> RuleConditions:
    """A rule as people write them: who, and one or two conditions more."""
    who: dict[str, frozenset[str]] = chance.choice(
        [
            {"extensions": frozenset(str(10_000 + chance.randrange(EXTENSIONS)) for _ in range(10))},
            {"group_ids": frozenset({f"g{chance.randrange(GROUPS)}"})},
            {},
        ]
    )
    prefix = f"+7{chance.randrange(900, 999)}{chance.randrange(100, 999)}*"
    return RuleConditions(
        **who,
        newcomers=chance.random() < 0.05,
        directions=frozenset(chance.sample(list(Direction), 1)),
        forwarded_outside=chance.choice(list(Forwarding)),
        numbers=() if who else (prefix, f"+7495{chance.randrange(1_000_000, 9_999_999)}"),
        weekdays=frozenset(chance.sample(range(7), 3)),
        from_minute=chance.randrange(1440),
        until_minute=chance.randrange(1440),
        share_percent=chance.choice([100, 100, 50, 10]),
    )


def nearly(chance: random.Random) -> RuleConditions:
    """A rule for anyone at any day, for one minute: only the time keeps it from matching."""
    minute = chance.randrange(1440)
    return RuleConditions(from_minute=minute, until_minute=minute + 1, share_percent=chance.randrange(1, 3))


def make_rules(chance: random.Random, kind: Callable[[random.Random], RuleConditions]) -> RuleSet:
    return RuleSet(
        "t",
        1,
        tuple(RecordingRule(f"r{n}", f"rule {n}", RuleOutcome.SKIP, kind(chance)) for n in range(RULES)),
    )


def make_call(chance: random.Random, n: int) -> CallFacts:
    return CallFacts(
        f"call-{n}",
        datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(30 * 86_400)),
        chance.choice(list(Direction)),
        frozenset({str(10_000 + chance.randrange(EXTENSIONS))}),
        frozenset({f"+7{chance.randrange(900, 999)}{chance.randrange(1_000_000, 9_999_999)}"}),
        chance.random() < 0.1,
    )


def main() -> None:
    chance = random.Random(3)
    directory = make_directory(chance)
    calls = [make_call(chance, n) for n in range(CALLS)]
    rule_sets = [make_rules(chance, kind) for kind in (mixed, nearly)]
    took: list[float] = []
    naive_took: list[float] = []
    compile_took: list[float] = []
    agreed = 0
    for rule_set in rule_sets:
        began = time.perf_counter()
        compiled = compile_rules(rule_set, directory)
        compile_took.append(time.perf_counter() - began)
        for facts in calls:
            began = time.perf_counter()
            decide(compiled, facts)
            took.append(time.perf_counter() - began)
        for facts in calls[:NAIVE_CALLS]:
            began = time.perf_counter()
            position = naive_position(rule_set, directory, facts)
            naive_took.append(time.perf_counter() - began)
            agreed += decide(compiled, facts).rule_position == position
    reader = NumberReader(directory, to_e164, 5)
    raw = [
        (number.replace("+7", "8", 1), *call.extensions) for call in calls for number in call.outside_numbers
    ]
    facts_took: list[float] = []
    for call, numbers in zip(calls, raw, strict=True):
        began = time.perf_counter()
        reader.facts_of(call.key, call.at, numbers, calling=numbers[0])
        facts_took.append(time.perf_counter() - began)
    decision_us = statistics.fmean(took) * 1e6
    naive_us = statistics.fmean(naive_took) * 1e6
    report(
        "rules",
        {
            "decision_us": decision_us,
            "decision_p99_us": statistics.quantiles(took, n=100)[-1] * 1e6,
            "new_numbers_us": statistics.fmean(facts_took) * 1e6,
            "naive_us": naive_us,
            "times_faster": naive_us / decision_us,
            "compile_ms": max(compile_took) * 1e3,
            "agreed_share": agreed / len(naive_took),
        },
        {"decision_us": ("<=", 50), "agreed_share": ("==", 1)},
        {
            "naive_us": "each rule in turn, same calls, same run",
            "new_numbers_us": "reading the numbers of a call, one of them never seen before",
        },
    )


if __name__ == "__main__":
    main()
