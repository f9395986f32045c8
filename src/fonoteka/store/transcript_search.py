"""What was said, as an index: FTS5 on SQLite, GIN over a stored tsvector ('simple') on PostgreSQL, alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise
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
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from fonoteka.domain.transcript import Transcript, encode_utterances
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import calls, recordings, transcript_texts, transcripts

SAID_MAX = 1_000
"""Of so many calls with the words, the newest, is it told how many they are; then, that there are more."""
_PERIODS = (("d", 1), ("w", 8), ("s", 64), ("y", 512))
"""By a letter, periods of so many days from 1970 on, of which PostgreSQL is told."""
PERIOD_DAYS = tuple(days for _, days in _PERIODS)
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND, _MICROSECOND = timedelta(milliseconds=1), timedelta(microseconds=1)
_PLACE_BITS = 14
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# For this transaction: a plan that is to fit any word finds a rare one as if it were frequent, and to start
# others to help takes longer than the work.
_PLAN_EACH = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)
_TRIES = 20
_WORDS_MAX, _BYTES_MAX, _BYTES_OF_WORD = 40_000, 400_000, 12


@dataclass(frozen=True, slots=True)
class Said:
    """Calls in which something was said, each once, in order; `edge`: from when on there are more to be read.

    What began within the same millisecond is never cut apart.
    """

    call_ids: tuple[str, ...]
    edge: datetime | None


class TranscriptSearch:
    """The index on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_sqlite = self._is_ready = connection.dialect.name == "sqlite"

    def write(self, transcript: Transcript, lemmas: str) -> None:
        """These are the transcript's words now, in dictionary forms; its recording's row is locked."""
        c = transcript_texts.c
        self._connection.execute(delete(transcript_texts).where(c.recording_id == transcript.recording_id))
        began = select(calls.c.started_at).where(calls.c.id == transcript.call_id)
        started_at = self._connection.scalar(began)
        if lemmas and started_at is not None:
            self._insert(
                lemmas,
                recording_id=transcript.recording_id,
                tenant_id=transcript.tenant_id,
                call_id=transcript.call_id,
                started_at=started_at,
            )

    def move(self, call_id: str, started_at: datetime) -> None:
        """The call began at another instant than was thought."""
        c = transcript_texts.c
        of_call = c.recording_id.in_(select(recordings.c.id).where(recordings.c.call_id == call_id))
        rows = self._connection.execute(select(transcript_texts).where(of_call).order_by(c.id)).all()
        for row in rows:
            self._connection.execute(delete(transcript_texts).where(c.id == row.id))
            key = key_of(row.tenant_id)
            self._insert(
                " ".join(one.removeprefix(key) for one in row.lemmas.split()[len(_PERIODS) :]),
                recording_id=row.recording_id,
                tenant_id=row.tenant_id,
                call_id=row.call_id,
                started_at=started_at,
            )

    def _insert(
        self, lemmas: str, *, recording_id: str, tenant_id: str, call_id: str, started_at: datetime
    ) -> None:
        place = place_of(started_at, recording_id)
        row = {
            "recording_id": recording_id,
            "tenant_id": tenant_id,
            "call_id": call_id,
            "started_at": started_at,
            "lemmas": indexed_of(tenant_id, started_at, lemmas),
        }
        for at in range(place, place + _TRIES):
            if insert_missing(self._connection, transcript_texts, {"id": at, **row}):
                return

    def missing(self, before: str, limit: int) -> tuple[str, ...]:
        """Recordings before that id, the newest first, whose words are not in the index."""
        c = transcripts.c
        found = select(c.recording_id).where(self._is_missing(), c.recording_id < before)
        return tuple(self._connection.scalars(found.order_by(c.recording_id.desc()).limit(limit)))

    def count_missing(self) -> int:
        """How many those are."""
        found = select(func.count()).select_from(transcripts).where(self._is_missing())
        return self._connection.scalars(found).one()

    def find(
        self,
        tenant_id: str,
        phrases: Sequence[Sequence[str]],
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        ascending: bool = False,
        at_most: int = SAID_MAX,
    ) -> Said:
        """The newest calls (or the oldest) of which one recording says all the phrases (of lemmas).

        By the millisecond: those that began just before `since` may be among them.
        """
        if since is not None and until is not None and since >= until:
            return Said((), None)
        if not self._is_ready:
            self._connection.execute(_PLAN_EACH)
            self._is_ready = True
        first = None if since is None else _places_at(since)[0]
        last = None if until is None else _places_at(until - _MICROSECOND)[1]
        while True:
            asked = self._asked(tenant_id, phrases, since, until)
            place = asked.selected_columns["place"]
            if first is not None:
                asked = asked.where(place >= first)
            if last is not None:
                asked = asked.where(place <= last)
            asked = asked.order_by(place.asc() if ascending else place.desc()).limit(at_most)
            rows = self._connection.execute(asked).all()
            if len(rows) < at_most:
                return Said(_each_once(rows), None)
            edge = rows[-1].place >> _PLACE_BITS
            whole = [one for one in rows if one.place >> _PLACE_BITS != edge]
            if whole:
                at = _EPOCH + edge * _MILLISECOND
                return Said(_each_once(whole), at if ascending else at + _MILLISECOND - _MICROSECOND)
            at_most *= 2

    def _asked(
        self,
        tenant_id: str,
        phrases: Sequence[Sequence[str]],
        since: datetime | None,
        until: datetime | None,
    ) -> Select[Any]:
        """A select of call_id and place of whatever says the phrases; on PostgreSQL, about then."""
        if self._is_sqlite:
            found = _said_on_sqlite(_of_tenant(tenant_id, phrases))
        else:
            found = _said_on_postgresql(_period_of(tenant_id, since, until), _of_tenant(tenant_id, phrases))
        c = transcript_texts.c
        found = found.join(recordings, recordings.c.id == c.recording_id)
        return found.where(recordings.c.binned_at.is_(None), c.tenant_id == tenant_id)

    def _is_missing(self) -> ColumnElement[bool]:
        c = transcripts.c
        has_row = select(transcript_texts.c.id).where(transcript_texts.c.recording_id == c.recording_id)
        return (c.error_code == "") & (c.utterances != encode_utterances(())) & ~has_row.exists()


def _said_on_sqlite(phrases: Sequence[Sequence[str]]) -> Select[Any]:
    """By the index's own number: it gives the newest first and stops at the limit."""
    asked = " AND ".join(f'"{" ".join(one)}"' for one in phrases)
    index = table("transcript_fts", column("rowid", Integer), column("transcript_fts"))
    texts = transcript_texts.c
    found = select(texts.call_id, index.c.rowid.label("place"))
    found = found.select_from(index.join(transcript_texts, texts.id == index.c.rowid))
    return found.where(index.c.transcript_fts.op("MATCH")(asked))


def _said_on_postgresql(period: str, phrases: Sequence[Sequence[str]]) -> Select[Any]:
    """The index gives all there is, in no order: the period keeps it short.

    One period, not several: each would be looked up for each text that has the words.
    """
    asked = [f"'{word}'" for word in dict.fromkeys([*chain.from_iterable(phrases), period]) if word]
    for phrase in phrases:
        asked += [f"'{_pair(*two)}'" for two in pairwise(phrase)]
        if len(phrase) > 2:
            asked.append("(" + " <-> ".join(f"'{word}'" for word in phrase) + ")")
    # Not computed from the text: a phrase of frequent words would be looked for in each of them anew.
    vector: ColumnElement[Any] = literal_column("transcript_texts.lemma_vector")
    c = transcript_texts.c
    found = select(c.call_id, c.id.label("place"))
    return found.where(vector.bool_op("@@")(cast(" & ".join(asked), TSQUERY)))


def _each_once(rows: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.call_id for one in rows))


def indexed_of(tenant_id: str, started_at: datetime, lemmas: str) -> str:
    """What the index has of a transcript: when it was, then what was said, each word as its tenant's own.

    So a small tenant's words are not looked for among a large one's. Of a text with very many words, the
    first: PostgreSQL takes a megabyte of a text's different words.
    """
    key = key_of(tenant_id)
    day = _day_of(started_at)
    words = [_period_word(letter, day // days, key) for letter, days in _PERIODS]
    known: set[str] = set()
    room = _BYTES_MAX
    for one in lemmas.split()[:_WORDS_MAX]:
        if one not in known:
            known.add(one)
            room -= len(one.encode()) + _BYTES_OF_WORD
            if room < 0:
                break
        words.append(key + one)
    return " ".join(words)


def key_of(tenant_id: str) -> str:
    """Four letters before each word of a tenant, hardly another's: rows tell the tenant for certain."""
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in hashlib.sha256(tenant_id.encode()).digest()[:4])


def _of_tenant(tenant_id: str, phrases: Sequence[Sequence[str]]) -> list[list[str]]:
    key = key_of(tenant_id)
    return [[key + word for word in phrase] for phrase in phrases]


def _period_of(tenant_id: str, since: datetime | None, until: datetime | None) -> str:
    """A word that whatever is looked for has: of the shortest period that holds the span, if one does."""
    if since is None or until is None:
        return ""
    first, last = (_day_of(one) for one in (since, until - _MICROSECOND))
    for letter, days in _PERIODS:
        if first // days == last // days:
            return _period_word(letter, first // days, key_of(tenant_id))
    return ""


def _pair(word: str, after: str) -> str:
    """As PostgreSQL's function `fonoteka_word_pairs` makes it."""
    return "#" + hashlib.md5(f"{word} {after}".encode(), usedforsecurity=False).hexdigest()[:8]


def _period_word(letter: str, period: int, key: str) -> str:
    # What was said begins with the key, which has four letters: none of it is a period.
    return f"{letter}{period % 1_000_000}{key}"


def _day_of(at: datetime) -> int:
    return (at - _EPOCH) // _DAY


def place_of(started_at: datetime, recording_id: str) -> int:
    """A number that grows with the ms at which a call began; it is hardly another recording's."""
    return _places_at(started_at)[0] | (int(recording_id[-4:], 16) & ((1 << _PLACE_BITS) - 1))


def _places_at(at: datetime) -> tuple[int, int]:
    """The first and the last place of the millisecond."""
    first = ((at - _EPOCH) // _MILLISECOND) << _PLACE_BITS
    return first, first | ((1 << _PLACE_BITS) - 1)
