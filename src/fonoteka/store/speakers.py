"""Who took part in calls, and how a search finds them: by any part of the number or the name.

A search looks through the tenant's speakers, each pair of number and name once, and not through the calls.
Every ending of a number and a name has a row, so that “contains” is “an ending begins with”: one range of an
index on either database, whatever the length of the text and however few have it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select
from sqlalchemy import tuple_ as row_value

from fonoteka.domain.call import Call, Participant
from fonoteka.domain.query import NOBODY, CallQuery
from fonoteka.store.columns import storable
from fonoteka.store.insertion import insert_all_missing
from fonoteka.store.matching import folded, is_number_like, name_key, number_key, prefix_end, wanted
from fonoteka.store.tables import call_speakers, group_members, speaker_suffixes, speakers

SPEAKERS_MAX = 1_000
"""Of more speakers than this their calls are so common that reading the newest calls finds them faster."""
_SUFFIX_CHARACTERS_MAX = 32
_NAME_CHARACTERS_MAX = 400
_TOGETHER = 300


@dataclass(frozen=True, slots=True)
class FoundSpeakers:
    """Speakers of whom one takes part in every call that a query finds; unless `is_all` there are more."""

    ids: tuple[int, ...]
    is_all: bool

    @property
    def is_nobody(self) -> bool:
        """Whether there is no such speaker."""
        return self.is_all and not self.ids

    @classmethod
    def of(cls, found: Collection[int]) -> FoundSpeakers:
        """All that were found, unless that are too many."""
        return cls(tuple(sorted(found)), len(found) <= SPEAKERS_MAX)


Key = tuple[str, str]
"""What a speaker is known by: the number's digits and the folded name."""


class Speakers:
    """Speakers of all tenants, known by what `matching` makes of number and name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_text(self, tenant_id: str, query: CallQuery, text: str) -> FoundSpeakers:
        """Whose number or name a text is a part of; some, not all, of more than `SPEAKERS_MAX`."""
        return self._matching(tenant_id, query, text)

    def of_own_numbers(self, tenant_id: str, query: CallQuery) -> list[FoundSpeakers]:
        """Who has one of the numbers, for each condition that names some of ours."""
        found = (self._of_numbers(tenant_id, numbers) for numbers in self._own_numbers(tenant_id, query))
        return [FoundSpeakers((), is_all=False) if one is None else FoundSpeakers.of(one) for one in found]

    def _own_numbers(self, tenant_id: str, query: CallQuery) -> Iterator[Collection[str]]:
        """Own numbers of which one must have taken part, for each condition that says so; fewest first."""
        if query.extension not in ("", NOBODY):
            yield {query.extension}
        if query.group_ids and NOBODY not in query.group_ids:
            c = group_members.c
            in_any = c.group_id.in_(sorted(query.group_ids))
            members = select(c.number).distinct().where(c.tenant_id == tenant_id, in_any)
            yield self._connection.scalars(members).all()
        if query.reach is not None:
            yield query.reach

    def _matching(self, tenant_id: str, query: CallQuery, text: str) -> FoundSpeakers:
        name, digits, whole = (storable(one) for one in wanted(text))
        if not name:
            return FoundSpeakers((), is_all=True)
        if query.whole_numbers and any(sign.isdigit() for sign in name):
            # Digits amid a name may be a part of a number too.
            whole_ones = {number_key(digits), whole} - {""} if digits else ()
            return FoundSpeakers.of(self._of_digits(tenant_id, whole_ones))
        found: set[int] = set()
        for kind, part in (("number", digits), ("name", name)):
            if part:
                some = self._containing(tenant_id, kind, part)
                found.update(some)
                if len(some) > SPEAKERS_MAX:
                    return FoundSpeakers(tuple(sorted(found)), is_all=False)
        return FoundSpeakers.of(found | self._of_digits(tenant_id, {whole} - {""}))

    def _of_numbers(self, tenant_id: str, numbers: Collection[str]) -> set[int] | None:
        """Those who have one of the numbers, and perhaps others whose numbers are alike."""
        found = self._of_digits(tenant_id, {number_key(one) for one in numbers} - {""})
        for address in (folded(one) for one in numbers if not is_number_like(one)):
            some = self._containing(tenant_id, "name", storable(address)) if address else ()
            if len(some) > SPEAKERS_MAX:
                return None
            found.update(some)
        return found

    def _of_digits(self, tenant_id: str, digits: Collection[str]) -> set[int]:
        if not digits:
            return set()
        found = select(speakers.c.id).where(
            speakers.c.tenant_id == tenant_id, speakers.c.number_digits.in_(sorted(digits))
        )
        return set(self._connection.scalars(found.limit(SPEAKERS_MAX + 1)))

    def note(self, calls: Sequence[Call]) -> None:
        """Make new calls findable by those who take part in them."""
        keys = {(call.tenant_id, key) for call in calls for key in _keys(call.participants)}
        ids = {
            tenant_id: self._ids_of(tenant_id, sorted(key for one, key in keys if one == tenant_id))
            for tenant_id in sorted({one for one, _ in keys})
        }
        rows = [
            {
                "tenant_id": call.tenant_id,
                "speaker_id": ids[call.tenant_id][key],
                "started_at": call.started_at,
                "call_id": call.id,
            }
            for call in calls
            for key in _keys(call.participants)
        ]
        if rows:
            self._connection.execute(insert(call_speakers), rows)

    def forget(self, tenant_id: str, call_id: str, started_at: datetime, people: Iterable[Key]) -> None:
        """Undo `note` of a call of which these took part; the speakers themselves stay."""
        keys = {(digits, name[:_NAME_CHARACTERS_MAX]) for digits, name in people}
        known = self._known(tenant_id, sorted(keys))
        if known:
            self._connection.execute(
                delete(call_speakers).where(
                    call_speakers.c.tenant_id == tenant_id,
                    call_speakers.c.speaker_id.in_(sorted(known.values())),
                    call_speakers.c.started_at == started_at,
                    call_speakers.c.call_id == call_id,
                )
            )

    def _ids_of(self, tenant_id: str, keys: Sequence[Key]) -> dict[Key, int]:
        """The ids of speakers, in the order of their keys: two transactions cannot wait for each other."""
        known = self._known(tenant_id, keys)
        missing = [key for key in keys if key not in known]
        if missing:
            rows = [
                {"tenant_id": tenant_id, "number_digits": key[0], "name_folded": key[1]} for key in missing
            ]
            insert_all_missing(self._connection, speakers, rows)
            added = self._known(tenant_id, missing)
            insert_all_missing(self._connection, speaker_suffixes, suffix_rows(tenant_id, added))
            known |= added
        return known

    def _known(self, tenant_id: str, keys: Sequence[Key]) -> dict[Key, int]:
        known: dict[Key, int] = {}
        both = row_value(speakers.c.number_digits, speakers.c.name_folded)
        for start in range(0, len(keys), _TOGETHER):
            found = select(speakers).where(
                speakers.c.tenant_id == tenant_id, both.in_(keys[start : start + _TOGETHER])
            )
            for row in self._connection.execute(found):
                known[row.number_digits, row.name_folded] = row.id
        return known

    def _containing(self, tenant_id: str, kind: str, part: str) -> list[int]:
        """Speakers with the part in the number or the name; a speaker for each place where it stands."""
        head = part[:_SUFFIX_CHARACTERS_MAX]
        conditions: list[ColumnElement[bool]] = [
            speaker_suffixes.c.tenant_id == tenant_id,
            speaker_suffixes.c.kind == kind,
            speaker_suffixes.c.suffix >= head,
        ]
        if (end := prefix_end(head)) is not None:
            conditions.append(speaker_suffixes.c.suffix < end)
        found = select(speaker_suffixes.c.speaker_id).where(*conditions)
        if head != part:
            looked_in = speakers.c.number_digits if kind == "number" else speakers.c.name_folded
            found = found.join(speakers, speakers.c.id == speaker_suffixes.c.speaker_id)
            found = found.where(looked_in.contains(part, autoescape=True))
        return list(self._connection.scalars(found.limit(SPEAKERS_MAX + 1)))


def _keys(people: Iterable[Participant]) -> Collection[Key]:
    return {
        (storable(number_key(one.number)), storable(name_key(one.name, one.number))[:_NAME_CHARACTERS_MAX])
        for one in people
    } - {("", "")}


def suffix_rows(tenant_id: str, ids: dict[Key, int]) -> list[dict[str, object]]:
    """Rows of `speaker_suffixes` for these speakers, in the order of its key."""
    rows = sorted(
        (kind, suffix, speaker_id)
        for (digits, name), speaker_id in ids.items()
        for kind, pieces in (("number", digits.split()), ("name", [name]))
        for suffix in _suffixes(pieces)
    )
    return [
        {"tenant_id": tenant_id, "kind": kind, "suffix": suffix, "speaker_id": speaker_id}
        for kind, suffix, speaker_id in rows
    ]


def _suffixes(pieces: Iterable[str]) -> set[str]:
    return {piece[start : start + _SUFFIX_CHARACTERS_MAX] for piece in pieces for start in range(len(piece))}
