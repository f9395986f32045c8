"""The meaning of a rule set, written as plainly as can be: each rule in turn, each condition in turn."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from fonoteka.domain.people import Directory
from fonoteka.domain.rule_engine import hundredth_of
from fonoteka.domain.rules import CallFacts, Forwarding, RuleConditions, RuleSet


def naive_position(rule_set: RuleSet, directory: Directory, facts: CallFacts) -> int | None:
    """The position (from 1) of the first rule that matches, None for the default."""
    for position, rule in enumerate(rule_set.rules, 1):
        if rule.enabled and matches(rule.conditions, directory, facts):
            return position
    return None


def matches(conditions: RuleConditions, directory: Directory, facts: CallFacts) -> bool:
    return (
        _who(conditions, directory, facts)
        and (not conditions.directions or facts.direction in conditions.directions)
        and not (conditions.forwarded_outside is Forwarding.ONLY and not facts.forwarded_outside)
        and not (conditions.forwarded_outside is Forwarding.EXCLUDED and facts.forwarded_outside)
        and _numbers(conditions, facts)
        and _time(conditions, directory, facts)
        and hundredth_of(facts.key) < conditions.share_percent
    )


def _who(conditions: RuleConditions, directory: Directory, facts: CallFacts) -> bool:
    if not conditions.extensions and not conditions.group_ids and not conditions.newcomers:
        return True
    today = facts.at.astimezone(ZoneInfo(directory.tenant.time_zone)).date()
    for number in facts.extensions:
        if number in conditions.extensions:
            return True
        for group in directory.groups:
            if group.id in conditions.group_ids and number in group.members:
                return True
        extension = directory.extension(number)
        until = extension.newcomer_until if extension else None
        if conditions.newcomers and until and today <= until:
            return True
    return False


def _numbers(conditions: RuleConditions, facts: CallFacts) -> bool:
    if not conditions.numbers:
        return True
    for number in facts.outside_numbers:
        for wanted in conditions.numbers:
            if wanted.endswith("*") and number.startswith(wanted[:-1]):
                return True
            if number == wanted:
                return True
    return False


def _time(conditions: RuleConditions, directory: Directory, facts: CallFacts) -> bool:
    local = facts.at.astimezone(ZoneInfo(directory.tenant.time_zone))
    minute = local.hour * 60 + local.minute
    since, until = conditions.from_minute, conditions.until_minute
    day = local.weekday()
    if since < until:
        inside = since <= minute < until
    elif minute >= since:
        inside = True
    else:
        # The span that began yesterday goes on over midnight.
        inside = minute < until
        day = (local - timedelta(days=1)).weekday()
    return inside and (not conditions.weekdays or day in conditions.weekdays)
