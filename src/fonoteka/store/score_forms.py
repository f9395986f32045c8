"""Rows of scorecard forms: every version; drafts alone are ever written anew."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from fonoteka.domain.score_forms import FormState, FormVersion
from fonoteka.domain.score_json import decode_form, encode_form
from fonoteka.store.tables import score_forms


class ScoreForms:
    """A tenant's forms. Whoever writes holds the tenant's lock."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, tenant_id: str) -> tuple[FormVersion, ...]:
        """Of each form the newest version and the active one, oldest form first."""
        c = score_forms.c
        newest = (
            select(c.form_id, func.max(c.version).label("version"))
            .where(c.tenant_id == tenant_id)
            .group_by(c.form_id)
            .subquery()
        )
        found = (
            select(score_forms)
            .join(newest, c.form_id == newest.c.form_id)
            .where((c.version == newest.c.version) | (c.state == FormState.ACTIVE.value))
            .order_by(c.form_id, c.version)
        )
        return tuple(_version(row) for row in self._connection.execute(found))

    def versions(self, tenant_id: str, form_id: str) -> tuple[FormVersion, ...]:
        """All versions of a form, oldest first; none when this tenant has no such."""
        c = score_forms.c
        found = select(score_forms).where(c.tenant_id == tenant_id, c.form_id == form_id).order_by(c.version)
        return tuple(_version(row) for row in self._connection.execute(found))

    def get(self, tenant_id: str, form_id: str, version: int) -> FormVersion | None:
        """One version, or None when this tenant has no such."""
        c = score_forms.c
        found = select(score_forms).where(
            c.tenant_id == tenant_id, c.form_id == form_id, c.version == version
        )
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _version(row)

    def count(self, tenant_id: str) -> int:
        """How many forms there are."""
        c = score_forms.c
        found = select(func.count(func.distinct(c.form_id))).where(c.tenant_id == tenant_id)
        return int(self._connection.scalar(found) or 0)

    def add(self, version: FormVersion) -> None:
        """Insert a version."""
        self._connection.execute(
            insert(score_forms).values(
                form_id=version.form_id,
                version=version.version,
                tenant_id=version.tenant_id,
                **_changeable(version),
            )
        )

    def write_draft(self, version: FormVersion) -> None:
        """Write a draft anew, or make it what it is to be next; a version that is none stays as it is."""
        self._connection.execute(
            update(score_forms)
            .where(*_is(version), score_forms.c.state == FormState.DRAFT.value)
            .values(_changeable(version))
        )

    def retire(self, tenant_id: str, form_id: str) -> bool:
        """Let no more calls be marked with the form's active version; whether there was one."""
        c = score_forms.c
        done = self._connection.execute(
            update(score_forms)
            .where(c.tenant_id == tenant_id, c.form_id == form_id, c.state == FormState.ACTIVE.value)
            .values(state=FormState.RETIRED.value)
        )
        return done.rowcount > 0

    def drop_draft(self, version: FormVersion) -> None:
        """Delete a draft."""
        self._connection.execute(
            delete(score_forms).where(*_is(version), score_forms.c.state == FormState.DRAFT.value)
        )


def _is(version: FormVersion) -> list[Any]:
    c = score_forms.c
    return [
        c.form_id == version.form_id,
        c.version == version.version,
        c.tenant_id == version.tenant_id,
    ]


def _changeable(version: FormVersion) -> dict[str, Any]:
    return {
        "state": version.state.value,
        "document": encode_form(version.content),
        "author_id": version.author_id,
        "author_name": version.author_name,
        "at": version.at,
        "edits": version.edits,
    }


def _version(row: Row[Any]) -> FormVersion:
    return FormVersion(
        form_id=row.form_id,
        tenant_id=row.tenant_id,
        version=row.version,
        state=FormState(row.state),
        content=decode_form(row.document),
        author_id=row.author_id,
        author_name=row.author_name,
        at=row.at,
        edits=row.edits,
    )
