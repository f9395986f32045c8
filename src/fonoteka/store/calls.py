"""Rows of calls and their participants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy import tuple_ as row_value

from fonoteka.domain.call import Call, Participant, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.query import CallQuery, CallTotals
from fonoteka.domain.recording import Recording
from fonoteka.store.insertion import insert_missing
from fonoteka.store.matching import name_key, number_key, wanted
from fonoteka.store.paging import Position
from fonoteka.store.recordings import recordings_of_calls
from fonoteka.store.tables import calls, participants


class Calls:
    """Calls of a tenant, newest first; each with its participants and recordings in three more queries."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, tenant_id: str, call_id: str) -> Call | None:
        """The call, or None when this tenant has no such."""
        found = select(calls).where(calls.c.id == call_id, calls.c.tenant_id == tenant_id)
        return next(iter(self._whole(self._connection.execute(found).all())), None)

    def get_locked(self, call_id: str) -> Call | None:
        """The call whatever its tenant, kept from others until the transaction ends."""
        found = select(calls).where(calls.c.id == call_id).with_for_update()
        return next(iter(self._whole(self._connection.execute(found).all())), None)

    def page(self, tenant_id: str, query: CallQuery, after: Position | None, limit: int) -> tuple[Call, ...]:
        """Up to `limit` calls that come after the position, newest first."""
        found = select(calls).where(*_conditions(tenant_id, query))
        if after is not None:
            found = found.where(_place() < _value(after))
        found = found.order_by(calls.c.started_at.desc(), calls.c.id.desc()).limit(limit)
        return self._whole(self._connection.execute(found).all())

    def totals(self, tenant_id: str, query: CallQuery) -> CallTotals:
        """How many calls the query finds and how long they are together."""
        counted = select(func.count(), func.coalesce(func.sum(calls.c.duration_ms), 0)).where(
            *_conditions(tenant_id, query)
        )
        count, duration_ms = self._connection.execute(counted).one()
        return CallTotals(count, int(duration_ms))

    def newer(self, tenant_id: str, query: CallQuery, place: Position) -> str | None:
        """The id of the call next to the place on its newer side."""
        found = select(calls.c.id).where(*_conditions(tenant_id, query), _place() > _value(place))
        return self._connection.scalar(found.order_by(calls.c.started_at, calls.c.id).limit(1))

    def older(self, tenant_id: str, query: CallQuery, place: Position) -> str | None:
        """The id of the call next to the place on its older side."""
        found = select(calls.c.id).where(*_conditions(tenant_id, query), _place() < _value(place))
        found = found.order_by(calls.c.started_at.desc(), calls.c.id.desc()).limit(1)
        return self._connection.scalar(found)

    def add(self, call: Call) -> bool:
        """Insert the call and its participants (not its recordings) unless the id is taken."""
        values = {
            "id": call.id,
            "tenant_id": call.tenant_id,
            "source": call.source,
            "direction": call.direction.value,
            "started_at": call.started_at,
            "duration_ms": call.duration_ms,
            "created_at": call.created_at,
        }
        if not insert_missing(self._connection, calls, values):
            return False
        self._add_participants(call)
        return True

    def replace(self, call: Call) -> None:
        """Write the call's own fields and its participants anew; `created_at` and the tenant stay."""
        self._connection.execute(
            update(calls)
            .where(calls.c.id == call.id)
            .values(
                source=call.source,
                direction=call.direction.value,
                started_at=call.started_at,
                duration_ms=call.duration_ms,
            )
        )
        self._connection.execute(delete(participants).where(participants.c.call_id == call.id))
        self._add_participants(call)

    def _add_participants(self, call: Call) -> None:
        if not call.participants:
            return
        self._connection.execute(
            insert(participants),
            [
                {
                    "call_id": call.id,
                    "position": position,
                    "tenant_id": call.tenant_id,
                    "participant_id": one.id,
                    "party": one.party.value if one.party else None,
                    "number": one.number,
                    "name": one.name,
                    "aor": one.aor,
                    "number_digits": number_key(one.number),
                    "name_folded": name_key(one.name, one.number),
                }
                for position, one in enumerate(call.participants)
            ],
        )

    def _whole(self, rows: Sequence[Row[Any]]) -> tuple[Call, ...]:
        if not rows:
            return ()
        ids = [row.id for row in rows]
        people = self._participants(ids)
        sound = recordings_of_calls(self._connection, ids)
        return tuple(_call(row, tuple(people[row.id]), sound.get(row.id, ())) for row in rows)

    def _participants(self, call_ids: Sequence[str]) -> dict[str, list[Participant]]:
        found = select(participants).where(participants.c.call_id.in_(call_ids))
        people: dict[str, list[Participant]] = defaultdict(list)
        for row in self._connection.execute(found.order_by(participants.c.call_id, participants.c.position)):
            party = Party(row.party) if row.party else None
            people[row.call_id].append(Participant(row.participant_id, party, row.number, row.name, row.aor))
        return people


def _call(row: Row[Any], people: tuple[Participant, ...], sound: tuple[Recording, ...]) -> Call:
    return Call(
        id=row.id,
        tenant_id=row.tenant_id,
        source=row.source,
        direction=Direction(row.direction),
        started_at=row.started_at,
        duration_ms=row.duration_ms,
        participants=people,
        recordings=sound,
        created_at=row.created_at,
    )


def _place() -> ColumnElement[Any]:
    return row_value(calls.c.started_at, calls.c.id)


def _value(place: Position) -> ColumnElement[Any]:
    return row_value(place.started_at, place.id, types=(calls.c.started_at.type, calls.c.id.type))


def _conditions(tenant_id: str, query: CallQuery) -> list[ColumnElement[bool]]:
    conditions = [calls.c.tenant_id == tenant_id]
    if query.since is not None:
        conditions.append(calls.c.started_at >= query.since)
    if query.until is not None:
        conditions.append(calls.c.started_at < query.until)
    if query.direction is not None:
        conditions.append(calls.c.direction == query.direction.value)
    if query.number.strip():
        conditions.append(_speaks(query.number))
    return conditions


def _speaks(text: str) -> ColumnElement[bool]:
    name, digits, whole = wanted(text)
    ways = [participants.c.name_folded.contains(name, autoescape=True)]
    if digits:
        ways.append(participants.c.number_digits.contains(digits, autoescape=True))
    if whole:
        ways.append(participants.c.number_digits == whole)
    return exists(select(1).where(and_(participants.c.call_id == calls.c.id, or_(*ways))))
