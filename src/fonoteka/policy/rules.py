"""Reading and saving a tenant's rules. Every version stays, so that any can be had again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import RequestInvalid, RuleVersionNotFound, VersionConflict
from fonoteka.domain.rules import RecordingRule, RuleOutcome, RuleSet
from fonoteka.policy.policy_room import PolicyRoom, changing
from fonoteka.policy.rule_checks import clean_rule_set
from fonoteka.policy.tenants import directory_of
from fonoteka.store import RuleVersionRow, Transaction

HISTORY_MAX = 200
_NOTE_MAX = 500


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A version of the rules: what it says, who saved it, when (aware UTC), and why."""

    rule_set: RuleSet
    author_name: str
    at: datetime
    note: str


def rule_set(room: PolicyRoom, actor: Actor) -> RuleSet:
    """The rules in force in the actor's tenant. Raises `AccessDenied`."""
    require(actor, Permission.RULES_SEE, actor.tenant_id)
    with room.store.reading() as tx:
        return tx.rule_sets.newest(actor.tenant_id)


def rule_history(room: PolicyRoom, actor: Actor, limit: int = 50) -> tuple[RuleVersion, ...]:
    """The newest versions, newest first. Raises `RequestInvalid` (field `limit`), `AccessDenied`."""
    require(actor, Permission.RULES_SEE, actor.tenant_id)
    if not 1 <= limit <= HISTORY_MAX:
        raise RequestInvalid("limit", f"The limit must be between 1 and {HISTORY_MAX}.")
    with room.store.reading() as tx:
        found = tx.rule_sets.history(actor.tenant_id, limit)
    return tuple(RuleVersion(one.rule_set, one.author_name, one.at, one.note) for one in found)


def save_rule_set(
    room: PolicyRoom,
    actor: Actor,
    rules: Sequence[RecordingRule],
    default: RuleOutcome,
    based_on_version: int,
    note: str = "",
    *,
    default_profile: str = "standard",
    default_keep_days: int | None = None,
) -> RuleSet:
    """Put rules in force; those that are in force already make no new version.

    A rule without an id is given one. `based_on_version` is the version that was looked at. Raises
    `VersionConflict` when another is in force, `RuleInvalid` naming rule and field, `AccessDenied`.
    """
    candidate = RuleSet(
        actor.tenant_id, based_on_version, tuple(rules), default, default_profile, default_keep_days
    )
    with changing(room, actor, Permission.RULES_CHANGE) as tx:
        known = tx.rule_sets.newest(actor.tenant_id)
        if known.version != based_on_version:
            raise VersionConflict(version=known.version, based_on_version=based_on_version)
        return _put_in_force(room, tx, actor, known, candidate, note)


def restore_version(room: PolicyRoom, actor: Actor, version: int, note: str = "") -> RuleSet:
    """Put a former version in force again, as a new one.

    Raises `RuleVersionNotFound`, `RuleInvalid` when it names what is no more (a deleted group),
    `AccessDenied`.
    """
    with changing(room, actor, Permission.RULES_CHANGE) as tx:
        former = _version(tx, actor.tenant_id, version)
        known = tx.rule_sets.newest(actor.tenant_id)
        return _put_in_force(room, tx, actor, known, former, note or f"version {version} restored")


def _version(tx: Transaction, tenant_id: str, version: int) -> RuleSet:
    if version == 0:
        return RuleSet(tenant_id)
    row = tx.rule_sets.get(tenant_id, version) if 0 < version < 2**31 else None
    if row is None:
        raise RuleVersionNotFound
    return row.rule_set


def _put_in_force(
    room: PolicyRoom, tx: Transaction, actor: Actor, known: RuleSet, candidate: RuleSet, note: str
) -> RuleSet:
    cleaned = clean_rule_set(candidate, directory_of(tx, actor.tenant_id))
    if replace(cleaned, version=known.version) == known and known.version:
        return known
    at = room.now()
    saved = replace(cleaned, version=known.version + 1)
    note = note.strip()[:_NOTE_MAX]
    tx.rule_sets.add(RuleVersionRow(saved, actor.id, actor.name, at, note))
    detail = f"version={saved.version} rules={len(saved.rules)}"
    tx.audit.append(actor, AuditAction.RULES_CHANGED, actor.tenant_id, detail, at)
    return saved
