"""Which rule decides a call between two numbers, and why not those before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.call_facts import NumberReader
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.people import Directory
from fonoteka.domain.rule_engine import compile_rules, decide
from fonoteka.domain.rules import CallFacts, Decision, RecordingRule, RuleConditions, RuleSet
from fonoteka.policy.policy_room import PolicyRoom
from fonoteka.policy.rule_checks import clean_rule_set
from fonoteka.policy.tenants import directory_of
from fonoteka.wire.e164 import to_e164

_NUMBER_CHARACTERS_MAX = 200
_ANY = RuleConditions()


@dataclass(frozen=True, slots=True)
class PassedRule:
    """A rule that did not match, and the conditions that were not fulfilled.

    They are some of `disabled`, `who`, `directions`, `forwarded_outside`, `numbers`, `hours`, `share`.
    """

    position: int
    name: str
    unfulfilled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """What would be decided, what the rules look at, and which (50 at most) above did not match."""

    decision: Decision
    facts: CallFacts
    passed: tuple[PassedRule, ...]


_PASSED_MAX = 50


def which_rule(
    room: PolicyRoom,
    actor: Actor,
    calling: str,
    called: str,
    at: datetime | None = None,
    candidate: RuleSet | None = None,
    *,
    forwarded_outside: bool = False,
) -> RuleAnswer:
    """What the rules in force, or the `candidate`, say of a call between two numbers at an instant (now).

    A share in percent is asked with the two numbers for a key, so the answer for a real call may differ.
    Raises `RequestInvalid` (fields `calling`, `called`, `at`), `RuleInvalid`, `AccessDenied`.
    """
    require(actor, Permission.RULES_SEE, actor.tenant_id)
    for field, number in (("calling", calling), ("called", called)):
        if len(number) > _NUMBER_CHARACTERS_MAX:
            raise RequestInvalid(field, f"A number has at most {_NUMBER_CHARACTERS_MAX} characters.")
    at = room.now() if at is None else at
    if at.utcoffset() is None:
        raise RequestInvalid("at", "The time needs its offset from UTC.")
    with room.store.reading() as tx:
        people = directory_of(tx, actor.tenant_id)
        rules = tx.rule_sets.newest(actor.tenant_id)
    if candidate is not None:
        require(actor, Permission.RULES_CHANGE, candidate.tenant_id)
        rules = clean_rule_set(candidate, people)
    reader = NumberReader(people, to_e164, room.extension_digits_max)
    facts = reader.facts_of(
        f"{calling} {called}", at, (calling, called), calling=calling, forwarded_outside=forwarded_outside
    )
    decision = decide(compile_rules(rules, people), facts)
    before = rules.rules[: (decision.rule_position or len(rules.rules) + 1) - 1]
    passed = tuple(
        PassedRule(position, rule.name, tuple(_unfulfilled(rule, people, facts)))
        for position, rule in enumerate(before[:_PASSED_MAX], 1)
    )
    return RuleAnswer(decision, facts, passed)


def _unfulfilled(rule: RecordingRule, people: Directory, facts: CallFacts) -> Iterator[str]:
    """Asks the engine itself for each condition alone, so that the reason is never another's opinion."""
    if not rule.enabled:
        yield "disabled"
    one = rule.conditions
    alone = {
        "who": replace(_ANY, extensions=one.extensions, group_ids=one.group_ids, newcomers=one.newcomers),
        "directions": replace(_ANY, directions=one.directions),
        "forwarded_outside": replace(_ANY, forwarded_outside=one.forwarded_outside),
        "numbers": replace(_ANY, numbers=one.numbers),
        "hours": replace(
            _ANY, weekdays=one.weekdays, from_minute=one.from_minute, until_minute=one.until_minute
        ),
        "share": replace(_ANY, share_percent=one.share_percent),
    }
    for name, conditions in alone.items():
        only = replace(rule, conditions=conditions, enabled=True)
        rules = RuleSet(people.tenant.id, rules=(only,))
        if decide(compile_rules(rules, people), facts).rule_position is None:
            yield name
