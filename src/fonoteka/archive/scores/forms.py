"""Scorecard forms: made, changed as drafts, put to use, retired."""

from __future__ import annotations

from dataclasses import replace

from fonoteka.archive.archive import Archive
from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import AccessDenied, RequestInvalid, ScoreFormNotFound, VersionConflict
from fonoteka.domain.ids import is_id, new_id
from fonoteka.domain.score_forms import (
    FORMS_MAX,
    VERSIONS_MAX,
    FormContent,
    FormState,
    FormVersion,
    checked_form,
)
from fonoteka.domain.score_topics import TopicRule
from fonoteka.store import Transaction


def list_score_forms(archive: Archive, actor: Actor) -> tuple[FormVersion, ...]:
    """Of each form its newest version and the active one, which may be the same.

    Who may not change forms but marks calls sees the active ones. Raises `AccessDenied`.
    """
    changes = may(actor, Permission.SCORE_FORMS, actor.tenant_id)
    if not changes and not may(actor, Permission.SCORE_GIVE, actor.tenant_id):
        raise AccessDenied(f"{actor.name} may not {Permission.SCORE_GIVE}.")
    with archive.store.reading() as tx:
        known = tx.score_forms.all(actor.tenant_id)
    return tuple(one for one in known if changes or one.state is FormState.ACTIVE)


def score_form_versions(archive: Archive, actor: Actor, form_id: str) -> tuple[FormVersion, ...]:
    """All versions of a form, oldest first. Raises `ScoreFormNotFound`, `AccessDenied`."""
    require(actor, Permission.SCORE_FORMS, actor.tenant_id)
    with archive.store.reading() as tx:
        return _versions(tx, actor, form_id)


def create_score_form(archive: Archive, actor: Actor, content: FormContent) -> FormVersion:
    """Make a form: a draft. Raises `RequestInvalid` (fields `name`, `sections`), `AccessDenied`."""
    require(actor, Permission.SCORE_FORMS, actor.tenant_id)
    content = checked_form(content, complete=False)
    at = archive.now()
    made = FormVersion(new_id(), actor.tenant_id, 1, FormState.DRAFT, content, actor.id, actor.name, at)
    with archive.store.transaction() as tx:
        tx.tenants.lock(actor.tenant_id)
        if tx.score_forms.count(actor.tenant_id) >= FORMS_MAX:
            raise RequestInvalid("name", f"There are {FORMS_MAX} forms, and no more can be made.", "body")
        tx.score_forms.add(made)
        _note(archive, tx, actor, made, "created")
    return made


def save_score_form(
    archive: Archive, actor: Actor, form_id: str, content: FormContent, version: int, edits: int
) -> FormVersion:
    """Save a draft: in the place of the form's draft, or, where the newest version is none, beside it.

    `version` and `edits` are those that were looked at. Raises `VersionConflict` when somebody saved
    meanwhile, `ScoreFormNotFound`, `RequestInvalid` (fields `name`, `sections`), `AccessDenied`.
    """
    require(actor, Permission.SCORE_FORMS, actor.tenant_id)
    content = checked_form(content, complete=False)
    with archive.store.transaction() as tx:
        newest = _looked_at(tx, actor, form_id, version, edits)
        if newest.content == content:
            return newest
        changed = replace(
            newest,
            content=content,
            author_id=actor.id,
            author_name=actor.name,
            at=archive.now(),
            edits=newest.edits + 1,
        )
        if newest.state is FormState.DRAFT:
            tx.score_forms.write_draft(changed)
        else:
            if newest.version >= VERSIONS_MAX:
                raise RequestInvalid("name", f"A form has at most {VERSIONS_MAX} versions.", "body")
            changed = replace(changed, version=newest.version + 1, state=FormState.DRAFT, edits=1)
            tx.score_forms.add(changed)
        _note(archive, tx, actor, changed, "saved")
    return changed


def activate_score_form(
    archive: Archive, actor: Actor, form_id: str, version: int, edits: int
) -> FormVersion:
    """Let calls be marked with the draft, which never changes from now on; the earlier version retires.

    Raises as `save_score_form`, and `RequestInvalid` (field `sections`) where something is missing.
    """
    with archive.store.transaction() as tx:
        newest = _looked_at(tx, actor, form_id, version, edits)
        if newest.state is FormState.ACTIVE:
            return newest
        active = replace(newest, content=checked_form(newest.content, complete=True), state=FormState.ACTIVE)
        _check_topics(tx, active)
        tx.score_forms.retire(actor.tenant_id, form_id)
        if newest.state is FormState.DRAFT:
            tx.score_forms.write_draft(active)
        else:
            # It was used: what it says stays under its number, and is in force again under the next.
            active = replace(active, version=newest.version + 1, at=archive.now(), edits=1)
            tx.score_forms.add(active)
        _note(archive, tx, actor, active, "activated")
    return active


def retire_score_form(archive: Archive, actor: Actor, form_id: str) -> None:
    """Let no more calls be marked with the form; what was marked stays. Repeating it changes nothing.

    Raises `ScoreFormNotFound`, `AccessDenied`.
    """
    require(actor, Permission.SCORE_FORMS, actor.tenant_id)
    with archive.store.transaction() as tx:
        tx.tenants.lock(actor.tenant_id)
        known = _versions(tx, actor, form_id)
        if tx.score_forms.retire(actor.tenant_id, form_id):
            _note(archive, tx, actor, known[-1], "retired")


def discard_score_draft(archive: Archive, actor: Actor, form_id: str, version: int, edits: int) -> None:
    """Throw a draft away; a form that was nothing else is no more.

    Raises `VersionConflict` where the newest version is another or no draft, `ScoreFormNotFound`,
    `AccessDenied`.
    """
    with archive.store.transaction() as tx:
        newest = _looked_at(tx, actor, form_id, version, edits)
        if newest.state is not FormState.DRAFT:
            raise VersionConflict(version=newest.version, based_on_version=version)
        tx.score_forms.drop_draft(newest)
        _note(archive, tx, actor, newest, "discarded")


def active_form(tx: Transaction, actor: Actor, form_id: str) -> FormVersion:
    """The version that calls are marked with. Raises `ScoreFormNotFound` where there is none."""
    known = tx.score_forms.versions(actor.tenant_id, form_id) if is_id(form_id) else ()
    found = next((one for one in known if one.state is FormState.ACTIVE), None)
    if found is None:
        raise ScoreFormNotFound
    return found


def _check_topics(tx: Transaction, form: FormVersion) -> None:
    known = {one.id for one in tx.topics.all(form.tenant_id) if one.is_active}
    for place, one in enumerate(form.content.questions, 1):
        if isinstance(one.rule, TopicRule) and not {one.rule.topic_id, one.rule.before_id} - {""} <= known:
            raise RequestInvalid("sections", f"Question {place}: there is no such topic any more.", "body")


def _looked_at(tx: Transaction, actor: Actor, form_id: str, version: int, edits: int) -> FormVersion:
    require(actor, Permission.SCORE_FORMS, actor.tenant_id)
    tx.tenants.lock(actor.tenant_id)
    newest = _versions(tx, actor, form_id)[-1]
    if (newest.version, newest.edits) != (version, edits):
        raise VersionConflict(version=newest.version, based_on_version=version)
    return newest


def _versions(tx: Transaction, actor: Actor, form_id: str) -> tuple[FormVersion, ...]:
    known = tx.score_forms.versions(actor.tenant_id, form_id) if is_id(form_id) else ()
    if not known:
        raise ScoreFormNotFound
    return known


def _note(archive: Archive, tx: Transaction, actor: Actor, form: FormVersion, what: str) -> None:
    detail = f"{what} version={form.version} name={form.content.name}"
    tx.audit.append(actor, AuditAction.SCORE_FORMS_CHANGED, form.form_id, detail, archive.now())
