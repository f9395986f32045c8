"""Recording rules: ordered, the first that matches wins, a last default decides the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fonoteka.domain.direction import Direction
from fonoteka.domain.profiles import DEFAULT_PROFILE


class RuleOutcome(StrEnum):
    """What a rule says about a call."""

    RECORD = "record"
    SKIP = "skip"
    ON_DEMAND = "on_demand"
    """Recorded from the start, kept only if a person asks for it in time."""


class Forwarding(StrEnum):
    """What a rule says about calls that reached an outside number through an own extension."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class RuleConditions:
    """When a rule matches: all of these hold; an empty condition holds always.

    Who: any of `extensions` (numbers), `group_ids`, or a newcomer if `newcomers`; all three empty: anyone.
    `numbers` are outside numbers in E.164, exact, or a prefix ending in `*`. `weekdays` are 0 (Monday) to 6,
    `from_minute` and `until_minute` minutes of the tenant's day (until is exclusive; a span over midnight is
    allowed and belongs to the day on which it began; from and until alike: 24 hours). `share_percent` picks
    calls by their key: the same call always gets the same answer.
    """

    extensions: frozenset[str] = frozenset()
    group_ids: frozenset[str] = frozenset()
    newcomers: bool = False
    directions: frozenset[Direction] = frozenset()
    forwarded_outside: Forwarding = Forwarding.INCLUDED
    numbers: tuple[str, ...] = ()
    weekdays: frozenset[int] = frozenset()
    from_minute: int = 0
    until_minute: int = 24 * 60
    share_percent: int = 100


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """One rule. `keep_days` is “delete after”, `keep_at_least_days` “keep at least”; None says nothing.

    Without any term a recording is kept for ever (domain.retention). `keep_within_s` is the time to ask for
    an on-demand call.
    """

    id: str
    name: str
    outcome: RuleOutcome
    conditions: RuleConditions = RuleConditions()
    enabled: bool = True
    profile: str = DEFAULT_PROFILE
    keep_days: int | None = None
    keep_within_s: int = 600
    keep_at_least_days: int | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A tenant's rules in their order. `default` decides what no rule matches; version 0 is “never saved”."""

    tenant_id: str
    version: int = 0
    rules: tuple[RecordingRule, ...] = ()
    default: RuleOutcome = RuleOutcome.RECORD
    default_profile: str = DEFAULT_PROFILE
    default_keep_days: int | None = None


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What a rule looks at. `key` is stable for a call, `at` aware UTC.

    `extensions` are the own extensions that took part so far (also one that only forwarded the call),
    `outside_numbers` the others' numbers in E.164 as far as they could be read.
    """

    key: str
    at: datetime
    direction: Direction
    extensions: frozenset[str]
    outside_numbers: frozenset[str]
    forwarded_outside: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for a call, and by what; it stays with the call. No rule: the default decided.

    `rule_position` counts from 1, as people do.
    """

    outcome: RuleOutcome
    rule_id: str | None
    rule_name: str
    rule_position: int | None
    rule_version: int
    profile: str
    keep_days: int | None
    keep_within_s: int = 600
    keep_at_least_days: int | None = None
    refused_because: str = ""
    """The rules wanted the call, but it cannot be taken; the outcome is skip then."""
