"""Rows of calls and their participants."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from fonoteka.domain.call import Call, CallOutcome, Participant, Party, Segment
from fonoteka.domain.direction import Direction
from fonoteka.domain.query import LISTED_OUTCOMES, CallQuery, CallSort, CallTotals
from fonoteka.domain.recording import Recording, RecordingState
from fonoteka.domain.rule_json import decision_of_value, decision_to_value
from fonoteka.store.annotations import move_annotations
from fonoteka.store.call_order import Order
from fonoteka.store.call_search import CallSearch
from fonoteka.store.columns import unindexed
from fonoteka.store.insertion import insert_missing
from fonoteka.store.matching import name_key, number_key
from fonoteka.store.paging import Position
from fonoteka.store.recordings import recordings_of_calls
from fonoteka.store.speakers import Key, Speakers
from fonoteka.store.tables import calls, participants

_SOURCES_MAX = 50
_UNHEARABLE = (RecordingState.BINNED, RecordingState.DELETED, RecordingState.FAILED)


@dataclass(frozen=True, slots=True)
class CallPlace:
    """Where a call stands in the list, and how long it is."""

    id: str
    started_at: datetime
    duration_ms: int


class Calls:
    """Calls of a tenant, newest first; each with its participants and recordings in three more queries."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._search = CallSearch(connection)
        self._speakers = Speakers(connection)

    def get(self, tenant_id: str, call_id: str) -> Call | None:
        """The call, or None when this tenant has no such."""
        found = select(calls).where(calls.c.id == call_id, calls.c.tenant_id == tenant_id)
        return next(iter(self._whole(self._connection.execute(found).all())), None)

    def get_locked(self, call_id: str) -> Call | None:
        """The call whatever its tenant, kept from others until the transaction ends."""
        found = select(calls).where(calls.c.id == call_id).with_for_update()
        return next(iter(self._whole(self._connection.execute(found).all())), None)

    def lock(self, call_id: str) -> tuple[str, CallOutcome] | None:
        """The call's tenant and outcome; the call is kept from others until the transaction ends."""
        found = select(calls.c.tenant_id, calls.c.outcome).where(calls.c.id == call_id).with_for_update()
        row = self._connection.execute(found).one_or_none()
        return None if row is None else (row.tenant_id, CallOutcome(row.outcome))

    def of_external_id_locked(self, call: Call) -> Call | None:
        """The tenant's call that the same source knows by the same id of its own, kept from others."""
        if not call.external_id:
            return None
        found = select(calls).where(
            calls.c.tenant_id == call.tenant_id,
            calls.c.source == call.source,
            calls.c.external_id == call.external_id,
            calls.c.external_id != "",
        )
        return next(iter(self._whole(self._connection.execute(found.with_for_update()).all())), None)

    def page(self, tenant_id: str, query: CallQuery, after: Position | None, limit: int) -> tuple[Call, ...]:
        """Up to `limit` calls that come after the position, newest first."""
        return self._whole(self._search.rows(tenant_id, query, Order(after), limit))

    def some(self, tenant_id: str, ids: Collection[str]) -> tuple[Call, ...]:
        """Those of the ids that are calls of the tenant, by id."""
        found = select(calls).where(calls.c.id.in_(sorted(ids)), unindexed(calls.c.tenant_id) == tenant_id)
        return self._whole(self._connection.execute(found.order_by(calls.c.id)).all())

    def places(
        self, tenant_id: str, query: CallQuery, after: Position | None, limit: int
    ) -> tuple[CallPlace, ...]:
        """As `page`, without reading who took part and what was recorded."""
        rows = self._search.rows(tenant_id, query, Order(after), limit)
        return tuple(CallPlace(row.id, row.started_at, row.duration_ms) for row in rows)

    def totals(self, tenant_id: str, query: CallQuery) -> CallTotals:
        """How many calls the query finds and how long they are together."""
        return self._search.totals(tenant_id, query)

    def look(
        self, tenant_id: str, query: CallQuery, order: Order, limit: int
    ) -> tuple[tuple[Call, ...], Position | None]:
        """Up to `limit` calls in that order, and where to look on if what was looked at were not all."""
        rows, place = self._search.look(tenant_id, query, order, limit)
        return self._whole(rows), place

    def newer(self, tenant_id: str, query: CallQuery, place: Position) -> str | None:
        """The id of the call next to the place on its newer side, if it is not far away."""
        return self._next(tenant_id, query, Order(place, CallSort.OLDEST))

    def older(self, tenant_id: str, query: CallQuery, place: Position) -> str | None:
        """The id of the call next to the place on its older side, if it is not far away."""
        return self._next(tenant_id, query, Order(place))

    def _next(self, tenant_id: str, query: CallQuery, order: Order) -> str | None:
        rows, _ = self._search.look(tenant_id, query, order, 1)
        return rows[0].id if rows else None

    def sources(self, tenant_id: str) -> tuple[str, ...]:
        """Where calls of the tenant came from; of each one row of the index is read."""
        found: list[str] = []
        while len(found) < _SOURCES_MAX:
            after = select(func.min(calls.c.source)).where(calls.c.tenant_id == tenant_id)
            source = self._connection.scalar(after.where(calls.c.source > found[-1]) if found else after)
            if source is None:
                break
            found.append(source)
        return tuple(found)

    def add(self, call: Call) -> bool:
        """Insert the call and its participants (not its recordings) unless its id is taken.

        That is its own id, or its external id at the same source and tenant.
        """
        values = {
            "id": call.id,
            "tenant_id": call.tenant_id,
            "created_at": call.created_at,
            "is_listed": call.outcome in LISTED_OUTCOMES,
            **_values(call),
        }
        if not insert_missing(self._connection, calls, values):
            return False
        self._add_participants(call)
        self._speakers.note([call])
        return True

    def replace(self, call: Call) -> None:
        """Write the call's own fields and its participants anew; `created_at` and the tenant stay."""
        former = self._connection.execute(select(calls).where(calls.c.id == call.id)).one_or_none()
        if former is None:
            return
        self._speakers.forget(former.tenant_id, call.id, former.started_at, self._keys(call.id))
        self._connection.execute(update(calls).where(calls.c.id == call.id).values(_values(call)))
        self._connection.execute(delete(participants).where(participants.c.call_id == call.id))
        self._add_participants(call)
        self._speakers.note([call])
        if former.started_at != call.started_at:
            move_annotations(self._connection, call.id, call.started_at)

    def restart_waiting(self, call_id: str, at: datetime) -> None:
        """The call's recording is waited for from now on."""
        self._connection.execute(update(calls).where(calls.c.id == call_id).values(created_at=at))

    def set_outcome(self, call_id: str, outcome: CallOutcome, reason: str) -> None:
        """Write what became of the call."""
        self._connection.execute(
            update(calls).where(calls.c.id == call_id).values(outcome=outcome.value, reason=reason)
        )
        self.relist(call_id)

    def relist(self, call_id: str) -> None:
        """Tell from its outcome and recordings whether the call is in the ordinary list; after any change.

        Of deleted recordings it is no more known whether they were heard: what was known before stays.
        """
        found = select(calls.c.outcome, calls.c.is_unheard).where(calls.c.id == call_id)
        outcome, is_unheard = self._connection.execute(found).one()
        sound = recordings_of_calls(self._connection, [call_id]).get(call_id, ())
        kept = [one for one in sound if one.state not in _UNHEARABLE]
        if kept:
            is_unheard = all(one.is_unheard for one in kept)
        is_listed = outcome in LISTED_OUTCOMES and not is_unheard
        self._connection.execute(
            update(calls).where(calls.c.id == call_id).values(is_unheard=is_unheard, is_listed=is_listed)
        )

    def expected_since(self, before: datetime, limit: int) -> tuple[Call, ...]:
        """Calls of all tenants that are expected since before that instant, kept from others."""
        found = (
            select(calls)
            .where(calls.c.outcome == CallOutcome.EXPECTED.value, calls.c.created_at < before)
            .order_by(calls.c.created_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return self._whole(self._connection.execute(found).all())

    def _keys(self, call_id: str) -> list[Key]:
        found = select(participants.c.number_digits, participants.c.name_folded)
        return [
            (row.number_digits, row.name_folded)
            for row in self._connection.execute(found.where(participants.c.call_id == call_id))
        ]

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
        outcome=CallOutcome(row.outcome),
        reason=row.reason,
        decision=None if row.decision is None else decision_of_value(json.loads(row.decision)),
        segments=tuple(
            Segment(one["since_ms"], one["until_ms"], tuple(one["participant_ids"]), one["kind"])
            for one in json.loads(row.segments)
        ),
        forwarded_outside=row.forwarded_outside,
        external_id=row.external_id,
    )


def _values(call: Call) -> dict[str, Any]:
    return {
        "source": call.source,
        "direction": call.direction.value,
        "started_at": call.started_at,
        "duration_ms": call.duration_ms,
        "outcome": call.outcome.value,
        "reason": call.reason,
        "decision": None if call.decision is None else json.dumps(decision_to_value(call.decision)),
        "segments": json.dumps([asdict(one) for one in call.segments]),
        "forwarded_outside": call.forwarded_outside,
        "external_id": call.external_id,
        "rule_id": None if call.decision is None else call.decision.rule_id or "",
    }
