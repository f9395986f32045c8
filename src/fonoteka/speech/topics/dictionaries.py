"""Topics made ready to be looked for: phrases in dictionary forms, all of a tenant's together."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fonoteka.domain.call import Call
from fonoteka.domain.errors import TopicPhraseInvalid
from fonoteka.domain.recording import Recording
from fonoteka.domain.topic_matching import Dictionary, Heard, heard, hit_of, in_forms
from fonoteka.domain.topic_notation import PhraseProblem, parse_phrases, problem
from fonoteka.domain.topics import Phrase, Topic, TopicHit
from fonoteka.domain.transcript import Transcript
from fonoteka.speech.topics.speakers import speakers_of
from fonoteka.speech.words import lemmas_of
from fonoteka.store import Transaction

log = logging.getLogger(__name__)
_KEPT = 50


def read_phrases(text: str) -> tuple[tuple[int, Phrase], ...]:
    """Phrases in dictionary forms, each with its line. Raises `TopicPhraseInvalid`, for none at all too."""
    found = []
    for line, phrase in parse_phrases(text):
        known = in_forms(phrase, lemmas_of)
        if isinstance(known, str):
            place = text.split("\n")[line - 1].casefold().find(known)
            raise problem(PhraseProblem.NOT_A_WORD, line, max(place, 0) + 1)
        found.append((line, known))
    if not found:
        raise problem(PhraseProblem.EMPTY, 1, 1)
    return tuple(found)


def heard_of(transcript: Transcript, call: Call | None, recording: Recording) -> Heard:
    """A recording's words, ready to be looked through."""
    speakers = () if call is None else speakers_of(call, recording)
    return heard(transcript.utterances, speakers, recording.duration_ms, lemmas_of)


@dataclass(frozen=True, slots=True)
class Listened:
    """What is looked for in the calls of a tenant: the topics of that revision."""

    revision: int
    topics: tuple[Topic, ...]
    dictionary: Dictionary

    def hits(self, said: Heard) -> list[TopicHit]:
        """Where they are."""
        return [
            hit_of(said, one, self.topics[one.topic].id, self.topics[one.topic].version)
            for one in self.dictionary.find(said)
        ]


class Dictionaries:
    """The dictionaries of tenants, made once for each revision. Threads may share it."""

    def __init__(self) -> None:
        self._kept: dict[str, Listened] = {}
        self._turn = threading.Lock()

    def of(self, tx: Transaction, tenant_id: str) -> Listened:
        """That of the revision which the transaction sees."""
        revision = tx.topics.revision(tenant_id)
        with self._turn:
            known = self._kept.get(tenant_id)
            if known is None or known.revision != revision:
                known = _listened(revision, tx.topics.all(tenant_id) if revision else ())
                self._kept.pop(tenant_id, None)
                self._kept[tenant_id] = known
                while len(self._kept) > _KEPT:
                    del self._kept[next(iter(self._kept))]
        return known


def _listened(revision: int, topics: Iterable[Topic]) -> Listened:
    kept: list[Topic] = []
    phrases: list[Sequence[Phrase]] = []
    for one in topics:
        if not one.is_active:
            continue
        try:
            phrases.append([phrase for _, phrase in read_phrases(one.phrases)])
            kept.append(one)
        except TopicPhraseInvalid as error:  # written by another version
            log.warning("topic %s is not looked for: %s", one.id, error)
    return Listened(revision, tuple(kept), Dictionary(phrases))
