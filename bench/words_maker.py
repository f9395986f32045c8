"""What was said in a company's calls and what people wrote of them, as rows of the real tables.

100 words a call out of 20,000 that are as frequent as words are (Zipf's law); a note of 12 for each tenth
call; a tag or two for each fifth.
"""

from __future__ import annotations

import random
from itertools import product

import numpy as np

from bench.bulk import Bulk
from fonoteka.store import tables
from fonoteka.store.columns import from_microseconds
from fonoteka.store.note_words import words_of
from fonoteka.store.transcript_search import indexed_of, place_of

WORDS_OF_CALL = 100
WORDS_OF_NOTE = 12
NOTED_SHARE, TAGGED_SHARE = 0.1, 0.2
TAGS = 40
_SYLLABLES = [f"{consonant}{vowel}" for consonant in "bdfgklmnprtvz" for vowel in "aou"]
# Words that are their own dictionary forms, whatever the language.
VOCABULARY = tuple("".join(one) for one in product(_SYLLABLES, repeat=3))[::3][:20_000]


def some_rank(chance: random.Random) -> int:
    """The place of a word in the order of frequency, as often as it is said."""
    return int(len(VOCABULARY) ** chance.random()) - 1


class WordsMaker:
    """Words of one company's calls. `seed` also sets its ids apart from another company's."""

    def __init__(self, tenant_id: str, seed: int) -> None:
        self._tenant_id = tenant_id
        self._first_id = 1 + seed * len(VOCABULARY)
        self._random = np.random.default_rng(seed)
        self._tags = [f"{tenant_id}-t{n}" for n in range(TAGS)]

    def write_vocabulary(self, bulk: Bulk) -> None:
        """Tags, and the words that notes have."""
        for n, id_ in enumerate(self._tags):
            name = f"tag {VOCABULARY[n]}"
            bulk.add(
                tables.tags, id=id_, tenant_id=self._tenant_id, name=name, name_folded=name, colour="grey"
            )
        for n, word in enumerate(VOCABULARY):
            bulk.add(tables.note_words, id=self._first_id + n, tenant_id=self._tenant_id, word=word)
        bulk.flush()

    def write_call(self, bulk: Bulk, call_id: str, started_at: int) -> None:
        """The note and the tags of a call, if it has any."""
        chance = self._random.random(2)
        if chance[0] < NOTED_SHARE:
            ranks = self._ranks(WORDS_OF_NOTE)
            text = " ".join(VOCABULARY[one] for one in ranks)
            told = {"text": text, "author_id": "bench", "author_name": "bench", "at": started_at}
            key = {"tenant_id": self._tenant_id, "kind": "call", "subject_id": call_id, "version": 1}
            bulk.add(tables.notes, **key, **told)
            assert len(words_of(text)) == len(set(ranks))
            for one in sorted(set(ranks)):
                bulk.add(
                    tables.call_words,
                    tenant_id=self._tenant_id,
                    word_id=self._first_id + one,
                    started_at=started_at,
                    call_id=call_id,
                )
        if chance[1] < TAGGED_SHARE:
            for one in {int(TAGS**share) - 1 for share in self._random.random(2)}:
                bulk.add(
                    tables.call_tags,
                    tenant_id=self._tenant_id,
                    tag_id=self._tags[one],
                    started_at=started_at,
                    call_id=call_id,
                    at=started_at,
                    author_id="bench",
                    author_name="bench",
                )

    def write_recording(self, bulk: Bulk, recording_id: str, call_id: str, started_at: int) -> None:
        """What was said in a recording, as the index has it."""
        at = from_microseconds(started_at)
        said = " ".join(VOCABULARY[one] for one in self._ranks(WORDS_OF_CALL))
        bulk.add(
            tables.transcript_texts,
            id=place_of(at, recording_id),
            recording_id=recording_id,
            tenant_id=self._tenant_id,
            call_id=call_id,
            started_at=started_at,
            lemmas=indexed_of(self._tenant_id, at, said),
        )

    def _ranks(self, count: int) -> list[int]:
        drawn: list[int] = (len(VOCABULARY) ** self._random.random(count)).astype(int).tolist()
        return [one - 1 for one in drawn]
