"""From call detail records to calls: the records of one call, a leg each, come together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from fonoteka.connectors.folder.cdr_row import CdrRow
from fonoteka.connectors.folder.freepbx import epoch_of
from fonoteka.connectors.folder.times import to_utc
from fonoteka.domain.announced import CDR, AnnouncedCall
from fonoteka.domain.call import Participant, Party

_NOBODY = frozenset({"", "s", "h", "i", "t", "unknown", "anonymous", "unavailable"})
_DIALLED_IN_DIGITS = 6
"""A number of so many digits that led to an extension was the company's own, dialled from outside."""
_TEXT_MAX = 128


@dataclass(frozen=True, slots=True)
class CdrClock:
    """How a PBX writes its times: local to `zone`, `shift` too early."""

    zone: tzinfo
    shift: timedelta = timedelta()

    def instant(self, row: CdrRow) -> datetime | None:
        """When the call came, aware UTC; None when that cannot be."""
        return to_utc(row.at, self.zone, self.shift, epoch_of(row.uniqueid))[0]


def key_of(row: CdrRow) -> str:
    """What the records of one call have in common; without any id each is a call of its own."""
    if row.linkedid or row.uniqueid:
        return row.linkedid or row.uniqueid
    told = "\n".join((row.at.isoformat(), row.src, row.channel or row.dst))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]


def calls_of(
    rows: Iterable[CdrRow], tenant_id: str, clock: CdrClock
) -> tuple[list[AnnouncedCall], list[CdrRow]]:
    """The calls of these records, those of taps left out, and the records whose time cannot be right."""
    groups: dict[str, list[tuple[datetime, CdrRow]]] = {}
    wrong = []
    for row in rows:
        if row.is_tap:
            continue
        instant = clock.instant(row)
        if instant is None:
            wrong.append(row)
        else:
            groups.setdefault(key_of(row), []).append((instant, row))
    return [_call(tenant_id, key, legs) for key, legs in groups.items()], wrong


def _call(tenant_id: str, key: str, legs: Sequence[tuple[datetime, CdrRow]]) -> AnnouncedCall:
    legs = sorted(legs, key=lambda leg: leg[0])
    talks = [leg for leg in legs if leg[1].is_talk]
    since = legs[0][0]
    until = max(at + timedelta(seconds=row.duration_s) for at, row in legs)
    ids = {row.uniqueid for _, row in legs} | {row.linkedid for _, row in legs}
    return AnnouncedCall(
        tenant_id=tenant_id,
        source=CDR,
        external_id=key,
        started_at=since,
        duration_ms=(until - since) // timedelta(milliseconds=1),
        participants=_participants([row for _, row in talks or legs]),
        was_answered=bool(talks),
        other_ids=tuple(sorted(ids - {"", key})),
    )


def _participants(rows: Sequence[CdrRow]) -> tuple[Participant, ...]:
    """Who took part, each once: the calling party, whom it called, whom it reached and was forwarded to."""
    people: dict[str, Participant] = {}

    def add(party: Party, number: str, name: str) -> None:
        number = number[:_TEXT_MAX]
        if number.lower() in _NOBODY or number in people:
            return
        if party is Party.CALLED and any(one.party is Party.CALLED for one in people.values()):
            party = Party.CONNECTED
        people[number] = Participant(number, party, number, name[:_TEXT_MAX], "")

    first = rows[0]
    add(Party.CALLING, first.src, first.calling_name)
    for row in rows:
        if row is not first and row.src != first.src:
            add(Party.CONNECTED, row.src, row.calling_name)
        if not _is_dialled_in(row):
            add(Party.CALLED, row.dst, row.called_name)
        if len(row.reached) < _DIALLED_IN_DIGITS:  # a longer one is a trunk that is named by its number
            add(Party.CALLED, row.reached, row.called_name)
    return tuple(people.values())


def _is_dialled_in(row: CdrRow) -> bool:
    """Whether the number dialled is the company's own, and not somebody who was reached."""
    if row.did and row.dst == row.did:
        return True
    digits = row.dst.lstrip("+")
    return bool(row.reached) and digits.isdecimal() and len(digits) >= _DIALLED_IN_DIGITS > len(row.reached)
