"""Decide by a rule set: the first rule that matches, found without looking at each.

A set of rules is an int with one bit for each rule (bit 0 the first). Compiling makes, for each condition, a
table from what a call may say to the set of rules content with it; a decision is their intersection, and its
lowest bit the first rule that matches. So the cost hardly grows with the number of rules, however few or
many of them match.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from zoneinfo import ZoneInfo

from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import PeopleInvalid
from fonoteka.domain.people import Directory
from fonoteka.domain.rules import CallFacts, Decision, Forwarding, RecordingRule, RuleConditions, RuleSet

_DAY = 24 * 60
_WEEK = 7 * _DAY


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """Made by `compile_rules`, asked by `decide`; may be shared by threads."""

    decisions: tuple[Decision, ...]
    """One for each rule, and the default's last."""
    _who: _Who
    _numbers: _Numbers
    _time: _Time
    _directions: dict[Direction, int]
    _forwarded: tuple[int, int]
    """For calls that were not, and that were, forwarded outside."""
    _share: tuple[int, ...]
    """By the call's hundredth; empty when every rule wants all its calls."""


def compile_rules(rule_set: RuleSet, directory: Directory) -> CompiledRules:
    """Make the tables. Raises `PeopleInvalid` when the tenant's time zone is not known.

    A rule that names only deleted groups matches nobody; one that is not enabled matches nothing.
    """
    conditions = [one.conditions for one in rule_set.rules]
    enabled = _set_of(n for n, one in enumerate(rule_set.rules) if one.enabled)
    return CompiledRules(
        decisions=(
            *(_decision(rule_set, n, rule) for n, rule in enumerate(rule_set.rules)),
            _default(rule_set),
        ),
        _who=_Who.of(conditions, enabled, directory),
        _numbers=_Numbers.of(conditions),
        _time=_Time.of(conditions, _zone(directory)),
        _directions={
            direction: _set_of(
                n for n, one in enumerate(conditions) if not one.directions or direction in one.directions
            )
            for direction in Direction
        },
        _forwarded=(
            _set_of(n for n, one in enumerate(conditions) if one.forwarded_outside is not Forwarding.ONLY),
            _set_of(
                n for n, one in enumerate(conditions) if one.forwarded_outside is not Forwarding.EXCLUDED
            ),
        ),
        _share=_shares(conditions),
    )


def decide(compiled: CompiledRules, facts: CallFacts) -> Decision:
    """What the first rule that matches says, else the default. `facts.at` must be aware."""
    local = facts.at.astimezone(compiled._time.zone)
    matching = (
        compiled._directions[facts.direction]
        & compiled._forwarded[facts.forwarded_outside]
        & compiled._time.at(local)
    )
    if matching:
        matching &= compiled._who.of_call(facts.extensions, local.date())
    if matching:
        matching &= compiled._numbers.of_call(facts.outside_numbers)
    if matching and compiled._share:
        matching &= compiled._share[hundredth_of(facts.key)]
    # No bit: (0 & 0).bit_length() - 1 is -1, and the default is the last.
    return compiled.decisions[(matching & -matching).bit_length() - 1]


def hundredth_of(key: str) -> int:
    """0 to 99, the same for the same call always: a rule for n percent takes those below n.

    It does not depend on the rule: raising a share keeps the calls already chosen, and two rules of ten
    percent one after the other mean the same tenth.
    """
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()) % 100


@dataclass(frozen=True, slots=True)
class _Who:
    """Rules by own extension: named itself, by a group, or as a newcomer."""

    anyone: int
    by_extension: dict[str, int]
    newcomers: int
    newcomer_until: dict[str, date]

    @classmethod
    def of(cls, conditions: list[RuleConditions], enabled: int, directory: Directory) -> _Who:
        anyone = newcomers = 0
        by_extension: defaultdict[str, int] = defaultdict(int)
        by_group: defaultdict[str, int] = defaultdict(int)
        for n, one in enumerate(conditions):
            rule = 1 << n & enabled
            if not (one.extensions or one.group_ids or one.newcomers):
                anyone |= rule
            if one.newcomers:
                newcomers |= rule
            for number in one.extensions:
                by_extension[number] |= rule
            for group_id in one.group_ids:
                by_group[group_id] |= rule
        for group in directory.groups:
            if group.id in by_group:
                for number in group.members:
                    by_extension[number] |= by_group[group.id]
        until = {one.number: one.newcomer_until for one in directory.extensions if one.newcomer_until}
        return cls(anyone, _shared(by_extension), newcomers, until if newcomers else {})

    def of_call(self, extensions: frozenset[str], today: date) -> int:
        content = self.anyone
        for number in extensions:
            content |= self.by_extension.get(number, 0)
            until = self.newcomer_until.get(number)
            if until is not None and today <= until:
                content |= self.newcomers
        return content


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Rules by outside number, exact or by prefix; prefixes by their length, shortest first."""

    any_number: int
    exact: dict[str, int]
    prefixes: tuple[tuple[int, dict[str, int]], ...]

    @classmethod
    def of(cls, conditions: list[RuleConditions]) -> _Numbers:
        exact: defaultdict[str, int] = defaultdict(int)
        prefixes: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        for n, one in enumerate(conditions):
            for number in one.numbers:
                if number.endswith("*"):
                    prefix = number[:-1]
                    prefixes[len(prefix)][prefix] |= 1 << n
                else:
                    exact[number] |= 1 << n
        return cls(
            _set_of(n for n, one in enumerate(conditions) if not one.numbers),
            _shared(exact),
            tuple((length, _shared(table)) for length, table in sorted(prefixes.items())),
        )

    def of_call(self, numbers: frozenset[str]) -> int:
        content = self.any_number
        for number in numbers:
            content |= self.exact.get(number, 0)
            for length, table in self.prefixes:
                if length > len(number):
                    break
                content |= table.get(number[:length], 0)
        return content


@dataclass(frozen=True, slots=True)
class _Time:
    """Rules by minute of the tenant's week: `sets[i]` holds from minute `since[i]` to the next one.

    The clock on the wall counts: an hour that daylight saving repeats belongs to a span twice.
    """

    zone: ZoneInfo
    since: tuple[int, ...]
    sets: tuple[int, ...]

    @classmethod
    def of(cls, conditions: list[RuleConditions], zone: ZoneInfo) -> _Time:
        changes: defaultdict[int, int] = defaultdict(int)
        for n, one in enumerate(conditions):
            length = one.until_minute - one.from_minute
            if length <= 0:
                length += _DAY
            for weekday in one.weekdays or range(7):
                begin = (weekday * _DAY + one.from_minute) % _WEEK
                # Where one span of a rule ends as its next begins, the changes cancel out.
                for minute in (begin, begin + length):
                    changes[minute % _WEEK] ^= 1 << n
                if begin + length >= _WEEK:
                    changes[0] ^= 1 << n
        content = changes.pop(0, 0)
        since, sets = [0], [content]
        for minute in sorted(changes):
            content ^= changes[minute]
            since.append(minute)
            sets.append(content)
        return cls(zone, tuple(since), tuple(sets))

    def at(self, local: datetime) -> int:
        minute = (local.weekday() * 24 + local.hour) * 60 + local.minute
        return self.sets[bisect_right(self.since, minute) - 1]


def _zone(directory: Directory) -> ZoneInfo:
    name = directory.tenant.time_zone
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise PeopleInvalid(f"time zone {name!r} is not known", time_zone=name) from error


def _shares(conditions: list[RuleConditions]) -> tuple[int, ...]:
    if all(one.share_percent >= 100 for one in conditions):
        return ()
    return tuple(
        _set_of(n for n, one in enumerate(conditions) if one.share_percent > hundredth)
        for hundredth in range(100)
    )


def _decision(rule_set: RuleSet, n: int, rule: RecordingRule) -> Decision:
    return Decision(
        outcome=rule.outcome,
        rule_id=rule.id,
        rule_name=rule.name,
        rule_position=n + 1,
        rule_version=rule_set.version,
        profile=rule.profile,
        keep_days=rule.keep_days,
        keep_at_least_days=rule.keep_at_least_days,
        keep_within_s=rule.keep_within_s,
    )


def _default(rule_set: RuleSet) -> Decision:
    return Decision(
        outcome=rule_set.default,
        rule_id=None,
        rule_name="",
        rule_position=None,
        rule_version=rule_set.version,
        profile=rule_set.default_profile,
        keep_days=rule_set.default_keep_days,
    )


def _set_of(positions: Iterable[int]) -> int:
    found = 0
    for n in positions:
        found |= 1 << n
    return found


def _shared(table: dict[str, int]) -> dict[str, int]:
    """The same table with equal sets kept once: ten thousand extensions have few different ones."""
    known: dict[int, int] = {}
    return {key: known.setdefault(rules, rules) for key, rules in table.items()}
