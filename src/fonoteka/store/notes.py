"""Rows of notes, in versions: of calls, by their id, and of customers, by the digits of their number."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import Connection, delete, func, select

from fonoteka.domain.annotations import NOTE_VERSIONS_MAX, Note
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import notes


class NoteKind(StrEnum):
    """What a note is about."""

    CALL = "call"
    CUSTOMER = "customer"


class Notes:
    """Versions are only ever added; the newest counts. Of very many the oldest go."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, tenant_id: str, kind: NoteKind, subject_id: str) -> Note:
        """The note as it is; version 0 where none was ever written."""
        found = self.history(tenant_id, kind, subject_id, 1)
        return found[0] if found else Note()

    def history(self, tenant_id: str, kind: NoteKind, subject_id: str, limit: int) -> tuple[Note, ...]:
        """The newest versions, newest first."""
        c = notes.c
        found = select(c.version, c.text, c.author_id, c.author_name, c.at).where(
            c.tenant_id == tenant_id, c.kind == kind.value, c.subject_id == subject_id
        )
        rows = self._connection.execute(found.order_by(c.version.desc()).limit(limit))
        return tuple(Note(*row) for row in rows)

    def add(self, tenant_id: str, kind: NoteKind, subject_id: str, note: Note) -> bool:
        """Write a version unless somebody else was faster; whether it was written."""
        values = {
            "tenant_id": tenant_id,
            "kind": kind.value,
            "subject_id": subject_id,
            "version": note.version,
            "text": note.text,
            "author_id": note.author_id,
            "author_name": note.author_name,
            "at": note.at,
        }
        if not insert_missing(self._connection, notes, values):
            return False
        c = notes.c
        mine = (c.tenant_id == tenant_id, c.kind == kind.value, c.subject_id == subject_id)
        self._connection.execute(delete(notes).where(*mine, c.version <= note.version - NOTE_VERSIONS_MAX))
        return True

    def written(self, tenant_id: str, kind: NoteKind, subject_ids: Sequence[str]) -> frozenset[str]:
        """Those of the subjects that have a note which is not empty."""
        if not subject_ids:
            return frozenset()
        c = notes.c
        last = (
            select(c.subject_id, func.max(c.version).label("version"))
            .where(c.tenant_id == tenant_id, c.kind == kind.value, c.subject_id.in_(subject_ids))
            .group_by(c.subject_id)
            .subquery()
        )
        alike = (c.subject_id == last.c.subject_id) & (c.version == last.c.version)
        found = select(c.subject_id).join(last, alike)
        found = found.where(c.tenant_id == tenant_id, c.kind == kind.value, c.text != "")
        return frozenset(self._connection.scalars(found))
