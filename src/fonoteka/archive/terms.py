"""The terms that hold for a tenant's recordings, from everywhere that says something about them."""

from __future__ import annotations

from datetime import datetime

from fonoteka.domain.annotations import Tag
from fonoteka.domain.call import Call
from fonoteka.domain.retention import RetentionTerm, RetentionTerms, TermScope
from fonoteka.domain.rules import RuleSet
from fonoteka.store import Transaction

_VERSIONS_MAX = 2_000


def terms_in_force(tx: Transaction, tenant_id: str) -> tuple[RetentionTerm, ...]:
    """Every term of a tenant: its own and its rules'; those of a rule that is no more stay as they were."""
    return with_rules(tx, tx.terms.newest(tenant_id))


def terms_of_tag(tx: Transaction, tag: Tag) -> tuple[RetentionTerm, ...]:
    """What the storage says of calls with this tag."""
    terms = tx.terms.newest(tag.tenant_id).terms
    return tuple(one for one in terms if one.scope is TermScope.TAG and one.subject_id == tag.id)


def with_rules(tx: Transaction, terms: RetentionTerms) -> tuple[RetentionTerm, ...]:
    """A tenant's own terms, in force or not, with those of its rules."""
    by_rule: dict[str, RetentionTerm] = {}
    versions = [one.rule_set for one in tx.rule_sets.history(terms.tenant_id, _VERSIONS_MAX)]
    for rule_set in versions or [RuleSet(terms.tenant_id)]:
        by_rule.setdefault("", RetentionTerm(TermScope.RULE, "", None, rule_set.default_keep_days))
        for rule in rule_set.rules:
            term = RetentionTerm(TermScope.RULE, rule.id, rule.keep_at_least_days, rule.keep_days)
            by_rule.setdefault(rule.id, term)
    return (*terms.terms, *by_rule.values())


def stamp_of(tx: Transaction, tenant_id: str) -> str:
    """Changes with each change of the tenant's terms, rules or people."""
    return f"{tx.tenants.changes(tenant_id)}.{tx.terms.newest(tenant_id).version}"


def settle_call(tx: Transaction, call: Call, now: datetime) -> None:
    """Bring terms and legal holds to the recordings of a call that was just written.

    Whoever places a hold waits meanwhile (`identities.take_turns`).
    """
    decision = call.decision
    tx.keeping.set_rule(call.id, None if decision is None else decision.rule_id or "")
    bring_terms(tx, call, now)
    tx.holds.cover_call(call.tenant_id, call.id, now)


def bring_terms(tx: Transaction, call: Call, now: datetime) -> None:
    """Bring the tenant's terms, and those of the rule that decided it, to the recordings of a call."""
    decision = call.decision
    terms = terms_in_force(tx, call.tenant_id)
    if decision is not None and decision.rule_id:
        known = {one.subject_id for one in terms if one.scope is TermScope.RULE}
        if decision.rule_id not in known:
            days = decision.keep_at_least_days, decision.keep_days
            terms = (*terms, RetentionTerm(TermScope.RULE, decision.rule_id, *days))
    tx.keeping.bring_terms_to_call(call.id, terms, now)
