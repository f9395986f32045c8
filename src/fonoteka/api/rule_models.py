"""Recording rules as the API reads and writes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from fonoteka.api.instants import Instant
from fonoteka.api.parameters import PlainText
from fonoteka.domain import rules as domain
from fonoteka.domain.direction import Direction
from fonoteka.domain.rules import Forwarding, RuleOutcome


def _in_order(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


class Given(BaseModel):
    """Base of what is read as well as written: fields that are not known are errors."""

    model_config = ConfigDict(from_attributes=True, frozen=True, extra="forbid")


Texts = Annotated[tuple[PlainText, ...], BeforeValidator(_in_order), Field(max_length=100_000)]


class RuleConditions(Given):
    """When a rule matches: all of these hold; what is left out holds always."""

    extensions: Texts = Field((), description="Own extensions; any of them took part.", examples=[["101"]])
    group_ids: Texts = Field((), description="Groups by `id`; a member of any of them took part.")
    newcomers: bool = Field(False, description="Or somebody who still is a newcomer took part.")
    directions: Annotated[tuple[Direction, ...], BeforeValidator(_in_order), Field(max_length=4)] = Field(
        (), description="Any of these directions."
    )
    forwarded_outside: Forwarding = Field(
        Forwarding.INCLUDED,
        description="What of calls that reached an outside number through an own extension.",
    )
    numbers: Texts = Field(
        (), description="Outside numbers, or prefixes that end in `*`.", examples=[["+74951234567", "+7800*"]]
    )
    weekdays: Annotated[tuple[int, ...], BeforeValidator(_in_order), Field(max_length=7)] = Field(
        (), description="Days of the tenant's week, 0 is Monday."
    )
    from_minute: int = Field(0, description="Minute of the tenant's day from which it holds.")
    until_minute: int = Field(1440, description="Minute until which it holds, itself not included.")
    share_percent: int = Field(100, description="How many calls in a hundred; the same call, same answer.")

    def value(self) -> domain.RuleConditions:
        """As the rooms take it."""
        return domain.RuleConditions(
            extensions=frozenset(self.extensions),
            group_ids=frozenset(self.group_ids),
            newcomers=self.newcomers,
            directions=frozenset(self.directions),
            forwarded_outside=self.forwarded_outside,
            numbers=self.numbers,
            weekdays=frozenset(self.weekdays),
            from_minute=self.from_minute,
            until_minute=self.until_minute,
            share_percent=self.share_percent,
        )


class RecordingRule(Given):
    """One rule."""

    id: PlainText = Field("", description="Identifier; left out, the rule is new.", max_length=64)
    name: PlainText = Field(description="What people call it.", examples=["Newcomers"], max_length=1000)
    outcome: RuleOutcome = Field(description="`record`, `skip`, or `on_demand`: kept only if asked for.")
    conditions: RuleConditions = Field(RuleConditions(), description="When it matches.")
    enabled: bool = Field(True, description="Whether it is looked at.")
    profile: PlainText = Field("standard", description="Audio profile.", max_length=100)
    keep_days: int | None = Field(None, description="Days that recordings are kept; null: for ever.")
    keep_within_s: int = Field(600, description="Seconds after a call in which it can still be asked for.")
    keep_at_least_days: int | None = Field(
        None, description="Nothing deletes recordings before; null: no term. Left out: as it was."
    )

    def value(self) -> domain.RecordingRule:
        """As the rooms take it."""
        own = self.model_dump(exclude={"conditions"})
        return domain.RecordingRule(**own, conditions=self.conditions.value())


class RuleSet(Given):
    """The rules of a tenant in their order; the first that matches decides."""

    version: int = Field(0, description="Counts changes; 0: never saved.", ge=0, le=2**31 - 1)
    rules: Annotated[tuple[RecordingRule, ...], Field(max_length=1000)] = Field(
        (), description="In their order."
    )
    default: RuleOutcome = Field(RuleOutcome.RECORD, description="What of calls that no rule matches.")
    default_profile: PlainText = Field("standard", description="Their audio profile.", max_length=100)
    default_keep_days: int | None = Field(None, description="How long they are kept; null: for ever.")

    def value(self, tenant_id: str) -> domain.RuleSet:
        """As the rooms take it."""
        return domain.RuleSet(
            tenant_id,
            self.version,
            tuple(one.value() for one in self.rules),
            self.default,
            self.default_profile,
            self.default_keep_days,
        )


class RuleSetChange(Given):
    """Rules to be put in force."""

    based_on_version: int = Field(description="The `version` that was looked at.", ge=0, le=2**31 - 1)
    rules: Annotated[tuple[RecordingRule, ...], Field(max_length=1000)] = Field(
        description="All rules in their order; what is left out goes."
    )
    default: RuleOutcome = Field(description="What of calls that no rule matches.")
    default_profile: PlainText = Field("standard", description="Their audio profile.", max_length=100)
    default_keep_days: int | None = Field(None, description="How long they are kept; null: for ever.")
    note: PlainText = Field("", description="Why, for the history.", max_length=500)


class RuleVersion(Given):
    """A version of the rules."""

    rule_set: RuleSet = Field(description="What it said.")
    author_name: str = Field(description="Who saved it.")
    at: Instant = Field(description="When.")
    note: str = Field(description="Why.")


class RuleHistory(Given):
    """Versions, newest first."""

    items: tuple[RuleVersion, ...] = Field(description="The versions.")


class RestoreVersion(Given):
    """A former version to be put in force again."""

    version: int = Field(description="Which.", ge=0, le=2**31 - 1)
    note: PlainText = Field("", description="Why, for the history.", max_length=500)


class DryRunRequest(Given):
    """Rules to be tried on past calls; nothing changes."""

    rule_set: RuleSet = Field(description="The rules to try.")
    days: int = Field(30, description="How many days to look back.", ge=1, le=366)


class Decision(Given):
    """What was decided, and by what."""

    outcome: RuleOutcome = Field(description="What happens to the call.")
    rule_id: str | None = Field(description="The rule; null when the default decided.")
    rule_name: str = Field(description="Its name.")
    rule_position: int | None = Field(description="Its place, from 1; null for the default.")
    rule_version: int = Field(description="The version of the rules.")
    profile: str = Field(description="Audio profile.")
    keep_days: int | None = Field(description="Days that the recording is kept; null: for ever.")
    keep_within_s: int = Field(description="Seconds after the call in which it can still be asked for.")


class Amount(Given):
    """An amount of calls."""

    calls: int = Field(description="How many.")
    duration_ms: int = Field(description="How long together, in milliseconds.")
    size_bytes: int = Field(description="About how much room their recordings take.")


class Move(Given):
    """Calls whose decision changes in the same way."""

    calls: int = Field(description="How many.")
    old: Decision = Field(description="By the rules in force.")
    new: Decision = Field(description="By the rules tried.")


class DryRunExample(Given):
    """One call that would be decided otherwise."""

    call_id: str = Field(description="Which.")
    started_at: Instant = Field(description="When it began.")
    duration_ms: int = Field(description="How long it was, in milliseconds.")
    calling: str = Field(description="Who called, by name or number.")
    called: str = Field(description="Who was called.")
    old: Decision = Field(description="By the rules in force.")
    new: Decision = Field(description="By the rules tried.")


class DryRun(Given):
    """What rules would have done with past calls, against those in force."""

    days: int = Field(description="How many days were looked at.")
    whole: Amount = Field(description="All calls looked at.")
    by_rule: tuple[Amount, ...] = Field(description="One for each rule in its order, the default's last.")
    would_start: Amount = Field(description="Would be recorded and are not now.")
    would_stop: Amount = Field(description="Are recorded now and would not be.")
    moved: Amount = Field(description="Would be decided by another rule, or be kept otherwise.")
    moves: tuple[Move, ...] = Field(description="The most frequent changes.")
    examples: tuple[DryRunExample, ...] = Field(description="The newest calls decided otherwise.")
    is_cut: bool = Field(description="Whether only the newest 500,000 calls were looked at.")


class PassedRule(Given):
    """A rule that did not match."""

    position: int = Field(description="Its place, from 1.")
    name: str = Field(description="Its name.")
    unfulfilled: tuple[str, ...] = Field(
        description="Which conditions did not hold: `disabled`, `who`, `directions`, `forwarded_outside`,"
        " `numbers`, `hours`, `share`."
    )


class CallFacts(Given):
    """What the rules look at."""

    at: Instant = Field(description="When.")
    direction: Direction = Field(description="Where the call goes, seen from the company.")
    extensions: Texts = Field(description="Own extensions that take part.")
    outside_numbers: Texts = Field(description="Outside numbers, E.164.")
    forwarded_outside: bool = Field(description="Whether it was forwarded outside.")


class RuleAnswer(Given):
    """Which rule decides a call, and why not those before it."""

    decision: Decision = Field(description="What would be decided.")
    facts: CallFacts = Field(description="How the call was understood.")
    passed: tuple[PassedRule, ...] = Field(description="The rules before it (50 at most).")


def change_values(change: RuleSetChange, known: domain.RuleSet) -> dict[str, Any]:
    """The arguments of `policy.save_rule_set`; `known` are the rules in force.

    A protection is not lifted by a program that has never heard of it.
    """
    protected = {one.id: one.keep_at_least_days for one in known.rules}
    rules = [
        one.value()
        if "keep_at_least_days" in one.model_fields_set
        else replace(one.value(), keep_at_least_days=protected.get(one.id))
        for one in change.rules
    ]
    return {
        "rules": rules,
        "default": change.default,
        "based_on_version": change.based_on_version,
        "note": change.note,
        "default_profile": change.default_profile,
        "default_keep_days": change.default_keep_days,
    }
