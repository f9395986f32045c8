"""The words of notes and comments, each once for a tenant, and in which calls they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from fonoteka.domain.call import Call
from fonoteka.store.columns import storable
from fonoteka.store.insertion import insert_all_missing
from fonoteka.store.matching import folded, prefix_end
from fonoteka.store.tables import call_words, note_words

WORDS_FOUND_MAX = 500
"""Of more words than this that begin alike it is faster to look at the newest calls."""
_WORD = re.compile(r"\w+")
_WORD_CHARACTERS_MAX = 32
_WORDS_OF_CALL_MAX = 5_000
_PREFIX_CHARACTERS_MIN = 3
_TOGETHER = 300


def words_of(text: str) -> list[str]:
    """The words of a text as they are stored and asked for, each once: folded, cut to 32 characters."""
    return list(dict.fromkeys(storable(one)[:_WORD_CHARACTERS_MAX] for one in _WORD.findall(folded(text))))


class NoteWords:
    """Which words stand in the note and the comments of a call."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, call: Call, texts: Iterable[str]) -> None:
        """These are the call's texts now; its row is held."""
        self._connection.execute(delete(call_words).where(call_words.c.call_id == call.id))
        words = sorted(words_of("\n".join(texts))[:_WORDS_OF_CALL_MAX])
        if not words:
            return
        # In the order of the words: two transactions cannot wait for each other.
        insert_all_missing(
            self._connection, note_words, [{"tenant_id": call.tenant_id, "word": one} for one in words]
        )
        rows = []
        for start in range(0, len(words), _TOGETHER):
            c = note_words.c
            found = select(c.id).where(
                c.tenant_id == call.tenant_id, c.word.in_(words[start : start + _TOGETHER])
            )
            rows += [
                {
                    "tenant_id": call.tenant_id,
                    "word_id": word_id,
                    "started_at": call.started_at,
                    "call_id": call.id,
                }
                for word_id in self._connection.scalars(found)
            ]
        self._connection.execute(insert(call_words), rows)

    def ids_of(self, tenant_id: str, word: str, *, whole_numbers: bool) -> tuple[int, ...] | None:
        """Words that begin with one of `words_of`; None when there are more than `WORDS_FOUND_MAX`."""
        found = select(note_words.c.id).where(*beginning(tenant_id, word, whole_numbers=whole_numbers))
        ids = tuple(self._connection.scalars(found.limit(WORDS_FOUND_MAX + 1)))
        return None if len(ids) > WORDS_FOUND_MAX else ids


def beginning(tenant_id: str, word: str, *, whole_numbers: bool) -> list[ColumnElement[bool]]:
    """What a row of `note_words` must fulfil to begin with the word; one of two letters is meant as it is.

    With `whole_numbers`, for whoever sees no numbers, nothing with a digit is found: a number in a note could
    be felt for piece by piece.
    """
    c = note_words.c
    if whole_numbers and any(sign.isdigit() for sign in word):
        return [c.tenant_id == tenant_id, c.id < 0]
    if len(word) < _PREFIX_CHARACTERS_MIN:
        return [c.tenant_id == tenant_id, c.word == word]
    conditions: list[ColumnElement[bool]] = [c.tenant_id == tenant_id, c.word >= word]
    if (end := prefix_end(word)) is not None:
        conditions.append(c.word < end)
    return conditions
