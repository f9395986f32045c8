"""What a search text asks for, and who and which words it may mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from fonoteka.domain.query import CallQuery
from fonoteka.store.matching import apart, is_number_like, tags_of, terms_of
from fonoteka.store.note_words import NoteWords, words_of
from fonoteka.store.speakers import Speakers
from fonoteka.store.tags import Tags


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to be found: in somebody who took part, or all of `words` in what is written of the call.

    `word_ids`: for each of the words which of those in notes are meant; None when they are very many. Without
    words nothing that is written can be meant.
    """

    text: str
    words: tuple[str, ...] = ()
    word_ids: tuple[tuple[int, ...] | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Where calls are found: by speakers, by words of notes. Unless `is_all` there are more such.

    `is_exact` when every call that is found so is one that was asked for.
    """

    speaker_ids: tuple[int, ...]
    word_ids: tuple[int, ...] = ()
    is_all: bool = True
    is_exact: bool = False

    @property
    def is_nobody(self) -> bool:
        """Whether there is no call at all."""
        return self.is_all and not self.speaker_ids and not self.word_ids


class SearchTerms:
    """Reads search texts."""

    def __init__(self, connection: Connection) -> None:
        self._speakers = Speakers(connection)
        self._words = NoteWords(connection)
        self._tags = Tags(connection)

    def with_tags(self, tenant_id: str, query: CallQuery) -> CallQuery | None:
        """The query with the tags that its text names (`#name`); None when there is no such tag."""
        text, names = tags_of(query.number)
        if not names:
            return query
        known = [self._tags.of_name(tenant_id, one) for one in names]
        if any(one is None for one in known):
            return None
        ids = query.tag_ids | {one.id for one in known if one is not None}
        return replace(query, number=text, tag_ids=ids)

    def of_text(self, tenant_id: str, query: CallQuery) -> tuple[Term, ...]:
        """What the text asks for: numbers that are nobody's as one are looked for one by one."""
        terms: list[str] = []
        for one in terms_of(query.number):
            several = apart(one)
            if several and self._speakers.of_text(tenant_id, query, one).is_nobody:
                terms += several
            else:
                terms.append(one)
        return tuple(self._term(tenant_id, query, one) for one in terms)

    def found(self, tenant_id: str, query: CallQuery, terms: Sequence[Term]) -> list[Found]:
        """For each thing that the query says of people: where its calls are found; first the terms."""
        found = [self._of_term(tenant_id, query, one) for one in terms]
        others = self._speakers.of_own_numbers(tenant_id, query)
        return found + [Found(one.ids, (), one.is_all) for one in others]

    def _term(self, tenant_id: str, query: CallQuery, text: str) -> Term:
        words = words_of(text)
        if is_number_like(text) and len(words) > 1:
            return Term(text)  # a number in several pieces is nobody's word
        ids = tuple(self._words.ids_of(tenant_id, one, whole_numbers=query.whole_numbers) for one in words)
        return Term(text) if any(one == () for one in ids) else Term(text, tuple(words), ids)

    def _of_term(self, tenant_id: str, query: CallQuery, term: Term) -> Found:
        speakers = self._speakers.of_text(tenant_id, query, term.text)
        known = [one for one in term.word_ids if one is not None]
        ids = min(known, key=len) if known else ()
        is_all = speakers.is_all and (bool(known) or not term.words)
        return Found(speakers.ids, ids, is_all, is_exact=len(term.words) <= 1)
