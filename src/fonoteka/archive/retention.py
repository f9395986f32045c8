"""A tenant's retention terms: read, changed in versions; until when a recording is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fonoteka.archive.archive import Archive
from fonoteka.archive.dry_run import preview_retention
from fonoteka.archive.storage_plans import NOTE_MAX
from fonoteka.archive.visibility import visible_recording
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import ConsentNeeded, RequestInvalid, VersionConflict
from fonoteka.domain.retention import (
    DAYS_MAX,
    TERMS_MAX,
    Kept,
    NamedTerm,
    RetentionTerm,
    RetentionTerms,
    TermScope,
    TermSource,
)
from fonoteka.store import Transaction, Version


def retention_terms(archive: Archive, actor: Actor) -> RetentionTerms:
    """The terms of the actor's tenant beside those of its rules. Raises `AccessDenied`."""
    require(actor, Permission.STORAGE_SEE, actor.tenant_id)
    with archive.store.reading() as tx:
        return tx.terms.newest(actor.tenant_id)


def change_retention(
    archive: Archive, actor: Actor, terms: RetentionTerms, note: str = "", *, agreed: bool = False
) -> RetentionTerms:
    """Put terms in force; those in force already make no new version.

    `terms.version` is the version that was looked at. Recordings follow in the background. Raises
    `VersionConflict`, `ConsentNeeded` when something would go and it is not `agreed`, `RequestInvalid`
    naming the field, `AccessDenied`.
    """
    require(actor, Permission.STORAGE_CHANGE, actor.tenant_id)
    terms = replace(terms, tenant_id=actor.tenant_id)
    with archive.store.reading() as tx:
        terms = _checked(tx, terms)
    if preview_retention(archive, actor, terms).takes_something and not agreed:
        raise ConsentNeeded
    with archive.store.transaction() as tx:
        tx.usage.lock(actor.tenant_id)
        known = tx.terms.newest(actor.tenant_id)
        if known.version != terms.version:
            raise VersionConflict(version=known.version, based_on_version=terms.version)
        if terms == known and known.version:
            return known
        at = archive.now()
        saved = replace(terms, version=known.version + 1)
        tx.terms.add(Version(saved, actor.id, actor.name, at, note.strip()[:NOTE_MAX]))
        detail = f"version={saved.version} terms={len(saved.terms)}"
        tx.audit.append(actor, AuditAction.RETENTION_CHANGED, actor.tenant_id, detail, at)
    return saved


def kept_until(archive: Archive, actor: Actor, recording_id: str) -> Kept:
    """Until when a recording is kept, and by what. Raises `RecordingNotFound`."""
    with archive.store.reading() as tx:
        recording = visible_recording(tx, actor, recording_id)
        keeping = recording.keeping
        sees_cases = may(actor, Permission.STORAGE_SEE, recording.tenant_id)
        until, by = keeping.delete_at, keeping.delete_by
        if keeping.binned_at is not None:
            until, by = (
                keeping.binned_at + timedelta(days=tx.plans.newest(recording.tenant_id).bin_days),
                None,
            )
        if until is not None and keeping.protected_until is not None and keeping.protected_until > until:
            until, by = keeping.protected_until, keeping.protected_by
        return Kept(
            until=None if keeping.is_held else until,
            by=_named(tx, recording.tenant_id, by),
            protected_until=keeping.protected_until,
            protected_by=_named(tx, recording.tenant_id, keeping.protected_by),
            is_held=keeping.is_held,
            holds=tx.holds.names_of(recording_id) if keeping.is_held and sees_cases else (),
            binned_at=keeping.binned_at,
        )


def _named(tx: Transaction, tenant_id: str, source: TermSource | None) -> NamedTerm | None:
    if source is None:
        return None
    name, position = "", None
    if source.scope is TermScope.RULE:
        for number, rule in enumerate(tx.rule_sets.newest(tenant_id).rules, 1):
            if rule.id == source.subject_id:
                name, position = rule.name, number
    elif source.scope is TermScope.GROUP:
        group = tx.groups.get(tenant_id, source.subject_id)
        name = "" if group is None else group.name
    elif source.scope is TermScope.TAG:
        tag = tx.tags.get(tenant_id, source.subject_id)
        name = "" if tag is None else tag.name
    return NamedTerm(source.scope, source.subject_id, source.days, name, position)


def _checked(tx: Transaction, terms: RetentionTerms) -> RetentionTerms:
    if len(terms.terms) > TERMS_MAX:
        raise RequestInvalid("terms", f"There are at most {TERMS_MAX} terms.", "body")
    seen: set[tuple[TermScope, str]] = set()
    groups = {one.id for one in tx.groups.all(terms.tenant_id)}
    tags = {one.id for one in tx.tags.all(terms.tenant_id)}
    kept: list[RetentionTerm] = []
    for position, one in enumerate(terms.terms):
        field = f"terms.{position}"
        if (one.scope, one.subject_id) in seen:
            raise RequestInvalid(field, "There are two terms for the same.", "body")
        seen.add((one.scope, one.subject_id))
        if one.scope is TermScope.RULE:
            raise RequestInvalid(f"{field}.scope", "A rule's terms are saved with the rule.", "body")
        if one.scope is TermScope.GROUP and one.subject_id not in groups:
            raise RequestInvalid(f"{field}.subject_id", "There is no such group.", "body")
        if one.scope is TermScope.TAG and one.subject_id not in tags:
            raise RequestInvalid(f"{field}.subject_id", "There is no such tag.", "body")
        if (one.scope is TermScope.TENANT) != (one.subject_id == "") or len(one.subject_id) > 200:
            raise RequestInvalid(
                f"{field}.subject_id", "A group or a tag needs its id, the tenant none.", "body"
            )
        for name, days in (
            ("keep_at_least_days", one.keep_at_least_days),
            ("delete_after_days", one.delete_after_days),
        ):
            if days is not None and not 1 <= days <= DAYS_MAX:
                raise RequestInvalid(f"{field}.{name}", f"A term is 1 to {DAYS_MAX} days.", "body")
        if one.keep_at_least_days is not None or one.delete_after_days is not None:
            kept.append(one)
    return replace(terms, terms=tuple(kept))
