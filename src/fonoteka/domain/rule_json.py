"""A rule set as plain JSON values, as the database and the recorder's snapshot keep it."""

from __future__ import annotations

from typing import Any

from fonoteka.domain.direction import Direction
from fonoteka.domain.rules import (
    Decision,
    Forwarding,
    RecordingRule,
    RuleConditions,
    RuleOutcome,
    RuleSet,
)


def rule_set_to_value(rule_set: RuleSet) -> dict[str, Any]:
    """The rule set as values that `json.dumps` takes; sets are sorted, so equal rule sets look alike."""
    return {
        "tenant_id": rule_set.tenant_id,
        "version": rule_set.version,
        "rules": [_rule_to_value(one) for one in rule_set.rules],
        "default": rule_set.default.value,
        "default_profile": rule_set.default_profile,
        "default_keep_days": rule_set.default_keep_days,
    }


def rule_set_of_value(value: dict[str, Any]) -> RuleSet:
    """The inverse. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    return RuleSet(
        tenant_id=value["tenant_id"],
        version=int(value["version"]),
        rules=tuple(_rule_of_value(one) for one in value["rules"]),
        default=RuleOutcome(value["default"]),
        default_profile=value["default_profile"],
        default_keep_days=value["default_keep_days"],
    )


def decision_to_value(decision: Decision) -> dict[str, Any]:
    """A decision as values that `json.dumps` takes."""
    return {
        "outcome": decision.outcome.value,
        "rule_id": decision.rule_id,
        "rule_name": decision.rule_name,
        "rule_position": decision.rule_position,
        "rule_version": decision.rule_version,
        "profile": decision.profile,
        "keep_days": decision.keep_days,
        "keep_within_s": decision.keep_within_s,
        "keep_at_least_days": decision.keep_at_least_days,
        "refused_because": decision.refused_because,
    }


def decision_of_value(value: dict[str, Any]) -> Decision:
    """The inverse. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    return Decision(**{**value, "outcome": RuleOutcome(value["outcome"])})


def _rule_to_value(rule: RecordingRule) -> dict[str, Any]:
    conditions = rule.conditions
    return {
        "id": rule.id,
        "name": rule.name,
        "outcome": rule.outcome.value,
        "enabled": rule.enabled,
        "profile": rule.profile,
        "keep_days": rule.keep_days,
        "keep_within_s": rule.keep_within_s,
        "keep_at_least_days": rule.keep_at_least_days,
        "conditions": {
            "extensions": sorted(conditions.extensions),
            "group_ids": sorted(conditions.group_ids),
            "newcomers": conditions.newcomers,
            "directions": sorted(one.value for one in conditions.directions),
            "forwarded_outside": conditions.forwarded_outside.value,
            "numbers": list(conditions.numbers),
            "weekdays": sorted(conditions.weekdays),
            "from_minute": conditions.from_minute,
            "until_minute": conditions.until_minute,
            "share_percent": conditions.share_percent,
        },
    }


def _rule_of_value(value: dict[str, Any]) -> RecordingRule:
    conditions = dict(value["conditions"])
    for name in ("extensions", "group_ids", "weekdays"):
        conditions[name] = frozenset(conditions[name])
    conditions["directions"] = frozenset(Direction(one) for one in conditions["directions"])
    conditions["forwarded_outside"] = Forwarding(conditions["forwarded_outside"])
    conditions["numbers"] = tuple(conditions["numbers"])
    return RecordingRule(
        **{**value, "outcome": RuleOutcome(value["outcome"]), "conditions": RuleConditions(**conditions)}
    )
