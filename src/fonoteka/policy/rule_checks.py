"""What a rule must be to be saved: a cleaned rule set, or `RuleInvalid` naming rule and field."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from fonoteka.domain.errors import PeopleInvalid, RuleInvalid
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Directory
from fonoteka.domain.profiles import PROFILES
from fonoteka.domain.rules import RecordingRule, RuleConditions, RuleSet
from fonoteka.policy.checks import clean_number, clean_text, shown
from fonoteka.wire.e164 import to_e164

RULES_MAX = 1_000
KEEP_DAYS_MAX = 36_500
KEEP_WITHIN_S_MAX = 24 * 3600
_NAMED_MAX = 100_000
_DAY_MINUTES = 24 * 60
_RULE_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_PREFIX = re.compile(r"\+[1-9]\d{0,14}\*")


def clean_rule_set(rule_set: RuleSet, directory: Directory) -> RuleSet:
    """The rule set as it is stored: names trimmed, numbers in E.164, an id for each rule.

    Raises `RuleInvalid`; its context names `rule_position` (from 1; None: the default) and `field`.
    """
    if len(rule_set.rules) > RULES_MAX:
        raise RuleInvalid(f"There are more than {RULES_MAX} rules.", rule_position=None, field="rules")
    rules = tuple(_clean_rule(n, one, directory) for n, one in enumerate(rule_set.rules, 1))
    _refuse_same_ids(rules)
    named = sum(len(one.conditions.extensions) + len(one.conditions.numbers) for one in rules)
    if named > _NAMED_MAX:
        raise RuleInvalid(
            f"The rules name more than {_NAMED_MAX} numbers together.", rule_position=None, field="rules"
        )
    _check_profile(None, rule_set.default_profile, "default_profile")
    _check_keep_days(None, rule_set.default_keep_days, "default_keep_days")
    return replace(rule_set, rules=rules)


def _clean_rule(position: int, rule: RecordingRule, directory: Directory) -> RecordingRule:
    rule_id = rule.id or new_id()
    _check(_RULE_ID.fullmatch(rule_id) is not None, position, "id", "An id is letters, digits, _ and -.")
    name = _spoken(position, "name", partial(clean_text, "name"), rule.name)
    _check(bool(name), position, "name", "The name is missing.")
    _check_profile(position, rule.profile, "profile")
    _check_keep_days(position, rule.keep_days, "keep_days")
    _check_keep_days(position, rule.keep_at_least_days, "keep_at_least_days")
    _check(
        0 <= rule.keep_within_s <= KEEP_WITHIN_S_MAX,
        position,
        "keep_within_s",
        f"The time to ask for a call is 0 to {KEEP_WITHIN_S_MAX} s.",
    )
    return replace(
        rule, id=rule_id, name=name, conditions=_clean_conditions(position, rule.conditions, directory)
    )


def _clean_conditions(position: int, one: RuleConditions, directory: Directory) -> RuleConditions:
    unknown = one.group_ids - {group.id for group in directory.groups}
    _check(not unknown, position, "group_ids", "It names a group that was deleted; choose another.")
    _check(one.weekdays <= set(range(7)), position, "weekdays", "Weekdays are 0 (Monday) to 6.")
    _check(0 <= one.from_minute < _DAY_MINUTES, position, "from_minute", "A day has minutes 0 to 1439.")
    _check(0 <= one.until_minute <= _DAY_MINUTES, position, "until_minute", "A day ends with minute 1440.")
    _check(1 <= one.share_percent <= 100, position, "share_percent", "The share is 1 to 100 percent.")
    region = directory.tenant.region
    return replace(
        one,
        extensions=frozenset(
            _spoken(position, "extensions", clean_number, number) for number in one.extensions
        ),
        numbers=tuple(dict.fromkeys(_clean_number(position, number, region) for number in one.numbers)),
    )


def _clean_number(position: int, text: str, region: str) -> str:
    text = text.strip()
    if text.endswith("*"):
        prefix = re.sub(r"[\s()-]", "", text)
        _check(
            _PREFIX.fullmatch(prefix) is not None,
            position,
            "numbers",
            f"“{shown(text)}” is no prefix: + and the country's code first, * last, such as +7495*.",
        )
        return prefix
    number = to_e164(text, region)
    if number is None:
        raise _invalid(position, "numbers", f"“{shown(text)}” is no telephone number.")
    return number


def _check_profile(position: int | None, profile: str, field: str) -> None:
    _check(profile in PROFILES, position, field, f"There is no audio profile “{shown(profile)}”.")


def _check_keep_days(position: int | None, keep_days: int | None, field: str) -> None:
    _check(
        keep_days is None or 1 <= keep_days <= KEEP_DAYS_MAX,
        position,
        field,
        f"Calls are kept for 1 to {KEEP_DAYS_MAX} days, or for ever.",
    )


def _refuse_same_ids(rules: tuple[RecordingRule, ...]) -> None:
    seen: set[str] = set()
    for position, rule in enumerate(rules, 1):
        _check(rule.id not in seen, position, "id", "Another rule has this id.")
        seen.add(rule.id)


def _spoken(position: int, field: str, clean: Callable[[str], str], text: str) -> str:
    try:
        return clean(text)
    except PeopleInvalid as error:
        raise _invalid(position, field, str(error)) from error


def _check(is_good: bool, position: int | None, field: str, detail: str) -> None:
    if not is_good:
        raise _invalid(position, field, detail)


def _invalid(position: int | None, field: str, detail: str) -> RuleInvalid:
    where = "" if position is None else f"Rule {position}: "
    return RuleInvalid(f"{where}{detail}", rule_position=position, field=field)
