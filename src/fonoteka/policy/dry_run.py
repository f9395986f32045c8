"""Rules tried on past calls before they are put in force."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.call import Party
from fonoteka.domain.call_facts import NumberReader, ToE164
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.profiles import DEFAULT_PROFILE, PROFILES
from fonoteka.domain.rule_engine import CompiledRules, compile_rules, decide
from fonoteka.domain.rules import Decision, RuleOutcome, RuleSet
from fonoteka.policy.metrics import DRY_RUN_SECONDS
from fonoteka.policy.past_facts import facts_of_past
from fonoteka.policy.policy_room import PolicyRoom
from fonoteka.policy.rule_checks import clean_rule_set
from fonoteka.policy.tenants import directory_of
from fonoteka.store import PastCall
from fonoteka.wire.e164 import to_e164

DAYS_MAX = 366
CALLS_MAX = 500_000
EXAMPLES_MAX = 50
MOVES_MAX = 20
_BYTES_PER_MS = PROFILES[DEFAULT_PROFILE].bytes_per_minute / 60_000
"""For a tenant without recordings to measure by."""


@dataclass(slots=True)
class Amount:
    """Calls, how long they are together, and about how many bytes their recordings take."""

    calls: int = 0
    duration_ms: int = 0
    size_bytes: int = 0

    @property
    def minutes(self) -> int:
        """Whole minutes, rounded."""
        return round(self.duration_ms / 60_000)


@dataclass(frozen=True, slots=True)
class Move:
    """So many calls whose rule would change; positions count from 1, None is the default."""

    calls: int
    old: Decision
    new: Decision


@dataclass(frozen=True, slots=True)
class DryRunExample:
    """A call that would be decided otherwise; the parties by name, else number."""

    call_id: str
    started_at: datetime
    duration_ms: int
    calling: str
    called: str
    old: Decision
    new: Decision


@dataclass(slots=True)
class DryRun:
    """What a rule set would have done with the past calls, against the rules in force.

    `by_rule` has an amount for each rule and one more, the default's; `is_cut` when only the newest
    `CALLS_MAX` calls were looked at. A call starts when it would be recorded and is not now, on demand
    being neither; it moves when what changes is the rule alone, or to and from on demand without a record.
    """

    days: int
    whole: Amount
    by_rule: list[Amount]
    would_start: Amount = field(default_factory=Amount)
    would_stop: Amount = field(default_factory=Amount)
    moved: Amount = field(default_factory=Amount)
    moves: tuple[Move, ...] = ()
    examples: list[DryRunExample] = field(default_factory=list)
    is_cut: bool = False

    @property
    def changed(self) -> int:
        """How many calls would be decided otherwise."""
        return self.would_start.calls + self.would_stop.calls + self.moved.calls


def dry_run(room: PolicyRoom, actor: Actor, candidate: RuleSet, days: int = 30) -> DryRun:
    """Try the rules on the calls of the last days, newest first; nothing changes.

    Calls that nobody answered are left out: there was nothing to record. Bytes are reckoned from the
    duration by what the tenant's recordings of those days took. Raises `RequestInvalid` (field `days`),
    `RuleInvalid`, `AccessDenied`.
    """
    require(actor, Permission.RULES_CHANGE, candidate.tenant_id)
    if not 1 <= days <= DAYS_MAX:
        raise RequestInvalid("days", f"Between 1 and {DAYS_MAX} days can be looked at.")
    since = room.now() - timedelta(days=days)
    with DRY_RUN_SECONDS.time(), room.store.reading() as tx:
        people = directory_of(tx, actor.tenant_id)
        candidate = clean_rule_set(candidate, people)
        trial = _Trial(
            compile_rules(tx.rule_sets.newest(actor.tenant_id), people),
            compile_rules(candidate, people),
            _bytes_per_ms(*tx.ledger.sound(actor.tenant_id, since)),
            DryRun(days, Amount(), [Amount() for _ in range(len(candidate.rules) + 1)]),
        )
        reader = NumberReader(people, _remembering(), room.extension_digits_max)
        for call in tx.ledger.past_calls(actor.tenant_id, since, CALLS_MAX):
            trial.look_at(call, reader)
    return trial.result()


@dataclass(slots=True)
class _Trial:
    old_rules: CompiledRules
    new_rules: CompiledRules
    bytes_per_ms: float
    found: DryRun
    moves: Counter[tuple[Decision, Decision]] = field(default_factory=Counter)

    def look_at(self, call: PastCall, reader: NumberReader) -> None:
        """Decide the call by both rule sets and add it up."""
        facts = facts_of_past(reader, call)
        old, new = decide(self.old_rules, facts), decide(self.new_rules, facts)
        self._add(self.found.whole, call)
        self._add(self.found.by_rule[(new.rule_position or 0) - 1], call)
        if _is_same(old, new):
            return
        was_recorded, is_recorded = old.outcome is RuleOutcome.RECORD, new.outcome is RuleOutcome.RECORD
        if is_recorded and not was_recorded:
            self._add(self.found.would_start, call)
        elif was_recorded and not is_recorded:
            self._add(self.found.would_stop, call)
        else:
            self._add(self.found.moved, call)
        self.moves[old, new] += 1
        if len(self.found.examples) < EXAMPLES_MAX:
            self.found.examples.append(_example(call, old, new))

    def result(self) -> DryRun:
        """What was found, the bytes filled in."""
        found = self.found
        for amount in (found.whole, found.would_start, found.would_stop, found.moved, *found.by_rule):
            amount.size_bytes = round(amount.duration_ms * self.bytes_per_ms)
        found.moves = tuple(Move(calls, *pair) for pair, calls in self.moves.most_common(MOVES_MAX))
        found.is_cut = found.whole.calls >= CALLS_MAX
        return found

    @staticmethod
    def _add(amount: Amount, call: PastCall) -> None:
        amount.calls += 1
        amount.duration_ms += call.duration_ms


def _is_same(old: Decision, new: Decision) -> bool:
    return (
        old.rule_id == new.rule_id
        and old.outcome is new.outcome
        and old.profile == new.profile
        and old.keep_days == new.keep_days
    )


def _example(call: PastCall, old: Decision, new: Decision) -> DryRunExample:
    calling = [name or number for party, number, name in call.parties if party == Party.CALLING]
    called = [name or number for party, number, name in call.parties if party != Party.CALLING]
    return DryRunExample(
        call.id,
        call.started_at,
        call.duration_ms,
        calling[0] if calling else "",
        called[0] if called else "",
        old,
        new,
    )


def _bytes_per_ms(size_bytes: int, duration_ms: int) -> float:
    return size_bytes / duration_ms if size_bytes and duration_ms else _BYTES_PER_MS


def _remembering() -> ToE164:
    """Reads each number once: a month of a company's calls has more numbers than are kept otherwise."""
    known: dict[tuple[str, str], str | None] = {}

    def read(number: str, region: str) -> str | None:
        key = (number, region)
        if key not in known:
            known[key] = to_e164(number, region)
        return known[key]

    return read
