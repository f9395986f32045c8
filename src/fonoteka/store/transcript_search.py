"""What was said, as an index: FTS5 on SQLite, GIN over a stored tsvector ('simple') on PostgreSQL, alike."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    cast,
    column,
    delete,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from fonoteka.domain.transcript import Transcript, encode_utterances
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import recordings, transcript_texts, transcripts

SAID_MAX = 2_000
"""Of so many calls with the words, the newest, is a list made; then it is told that there are more."""
_TRIES = 20


class TranscriptSearch:
    """The index on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, transcript: Transcript, started_at: datetime, lemmas: str) -> None:
        """These are the transcript's words now, in dictionary forms; its recording's row is locked."""
        c = transcript_texts.c
        self._connection.execute(delete(transcript_texts).where(c.recording_id == transcript.recording_id))
        if not lemmas:
            return
        place = place_of(transcript.recording_id)
        for at in range(place, place + _TRIES):
            row = {
                "id": at,
                "recording_id": transcript.recording_id,
                "tenant_id": transcript.tenant_id,
                "call_id": transcript.call_id,
                "started_at": started_at,
                "lemmas": f"{scope_of(transcript.tenant_id)} {lemmas}",
            }
            if insert_missing(self._connection, transcript_texts, row):
                return

    def missing(self, after: str, limit: int) -> tuple[str, ...]:
        """Recordings past `after`, by id, whose transcripts have words that are not in the index."""
        c = transcripts.c
        found = select(c.recording_id).where(self._is_missing(), c.recording_id > after)
        return tuple(self._connection.scalars(found.order_by(c.recording_id).limit(limit)))

    def count_missing(self) -> int:
        """How many those are."""
        found = select(func.count()).select_from(transcripts).where(self._is_missing())
        return self._connection.scalars(found).one()

    def call_ids(
        self,
        tenant_id: str,
        phrases: Sequence[Sequence[str]],
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = SAID_MAX,
    ) -> tuple[str, ...]:
        """Calls of which one recording says all the phrases (of lemmas), newest first."""
        c = transcript_texts.c
        of_span = [c.tenant_id == tenant_id]
        if since is not None:
            of_span.append(c.started_at >= since)
        if until is not None:
            of_span.append(c.started_at < until)
        scoped = [[scope_of(tenant_id)], *phrases]
        if self._connection.dialect.name == "sqlite":
            bounds = None
            if len(of_span) > 1:
                row = self._connection.execute(select(func.min(c.id), func.max(c.id)).where(*of_span)).one()
                if row[0] is None:
                    return ()
                bounds = row[0], row[1]
            found, place = _said_on_sqlite(scoped, bounds)
        else:
            found, place = _said_on_postgresql(scoped), c.id
        found = found.join(recordings, recordings.c.id == c.recording_id)
        found = found.where(recordings.c.binned_at.is_(None), *of_span).order_by(place.desc()).limit(limit)
        return tuple(dict.fromkeys(self._connection.scalars(found)))

    def _is_missing(self) -> ColumnElement[bool]:
        c = transcripts.c
        has_row = select(transcript_texts.c.id).where(transcript_texts.c.recording_id == c.recording_id)
        return (c.error_code == "") & (c.utterances != encode_utterances(())) & ~has_row.exists()


def _said_on_sqlite(
    phrases: Sequence[Sequence[str]], bounds: tuple[int, int] | None
) -> tuple[Select[Any], ColumnElement[int]]:
    """The calls' ids, and by what to order them: the index gives the newest first and stops at the limit.

    `bounds` are the first and the last number that count; the index passes over what is outside of them.
    """
    asked = " AND ".join(f'"{" ".join(one)}"' for one in phrases)
    index = table("transcript_fts", column("rowid", Integer), column("transcript_fts"))
    texts = transcript_texts.c
    found = select(texts.call_id).select_from(index.join(transcript_texts, texts.id == index.c.rowid))
    found = found.where(index.c.transcript_fts.op("MATCH")(asked))
    if bounds is not None:
        found = found.where(index.c.rowid.between(*bounds))
    return found, index.c.rowid


def _said_on_postgresql(phrases: Sequence[Sequence[str]]) -> Select[Any]:
    asked = " & ".join("(" + " <-> ".join(f"'{word}'" for word in one) + ")" for one in phrases)
    # Not computed from the text: a phrase of frequent words would be looked for in each of them anew.
    vector: ColumnElement[Any] = literal_column("transcript_texts.lemma_vector")
    return select(transcript_texts.c.call_id).where(vector.bool_op("@@")(cast(asked, TSQUERY)))


def scope_of(tenant_id: str) -> str:
    """A word that only this tenant's transcripts hold: a small tenant is not looked for among large ones."""
    return f"t{hashlib.sha256(tenant_id.encode()).hexdigest()[:16]}"


def place_of(recording_id: str) -> int:
    """A number that grows with the time in a recording's id, and is hardly another's."""
    digits = recording_id.replace("-", "")
    return (int(digits[:12], 16) << 14) | (int(digits[-4:], 16) & 0x3FFF)
