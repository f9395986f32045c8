"""What keeps recordings and what takes them: terms, bin, classes of the quota. `archive` decides."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, select, union_all, update

from fonoteka.domain.recording import RecordingState, RemovalCause
from fonoteka.domain.retention import Keeping, RetentionTerm, Standing, TermSource
from fonoteka.domain.storage_use import Amount
from fonoteka.store.columns import unindexed
from fonoteka.store.standings import by_terms, settle
from fonoteka.store.tables import recordings

_TOGETHER = 500
_NOT_FREE = tuple(one for one in Standing if one not in (Standing.NONE, Standing.FREE))


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A recording with stored audio, as those see it who decide whether it goes."""

    id: str
    call_id: str
    tenant_id: str
    started_at: datetime
    duration_ms: int
    stored_bytes: int
    standing: Standing
    keeping: Keeping
    state: RecordingState
    removal_detail: str

    @property
    def amount(self) -> Amount:
        """The one recording as an amount."""
        return Amount(1, self.duration_ms, self.stored_bytes)


def keeping_of(row: Row[Any]) -> Keeping:
    """What a row of `recordings` says of its keeping."""
    return Keeping(
        is_held=bool(row.is_held),
        protected_until=row.protected_until,
        protected_by=TermSource.decode(row.protected_by),
        delete_at=row.delete_at,
        delete_by=TermSource.decode(row.delete_by),
        binned_at=row.binned_at,
    )


class KeepingRows:
    """The columns of recordings that terms, holds, the bin and the quota are about."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set_rule(self, call_id: str, rule_id: str | None) -> None:
        """Write by which rule the call's recordings were decided (“”: the default, None: by none)."""
        c = recordings.c
        self._connection.execute(update(recordings).where(c.call_id == call_id).values(rule_id=rule_id))

    def bring_terms_to_call(self, call_id: str, terms: Sequence[RetentionTerm], now: datetime) -> None:
        """Bring the tenant's terms to the recordings of a call."""
        self._bring(recordings.c.call_id == call_id, terms, now)

    def bring_terms(self, ids: Collection[str], terms: Sequence[RetentionTerm], now: datetime) -> None:
        """Bring the terms of their tenant to some recordings."""
        for some in _parts(ids):
            self._bring(recordings.c.id.in_(some), terms, now)

    def bring_terms_after(
        self, tenant_id: str, after: str, terms: Sequence[RetentionTerm], now: datetime, limit: int
    ) -> str | None:
        """Bring the terms to the next recordings in the order of ids: the last one's id, None at the end."""
        c = recordings.c
        found = select(c.id).where(c.tenant_id == tenant_id, c.id > after).order_by(c.id).limit(limit)
        last = self._connection.scalar(select(func.max(found.subquery().c.id)))
        if last is None:
            return None
        within = (c.tenant_id == tenant_id) & (c.id > after) & (c.id <= last)
        self._bring(within, terms, now)
        return str(last)

    def settle(self, ids: Collection[str], now: datetime) -> None:
        """Derive the class of some recordings anew, after any change."""
        for some in _parts(ids):
            settle(self._connection, recordings.c.id.in_(some), now)

    def end_protection(self, tenant_id: str, now: datetime) -> int:
        """Those whose minimum term is over are protected no more: how many."""
        c = recordings.c
        done = and_(c.tenant_id == tenant_id, c.standing == Standing.PROTECTED.value, c.due_at <= now)
        return settle(self._connection, done, now)

    def bin(self, ids: Collection[str], at: datetime, cause: RemovalCause, detail: str) -> None:
        """Put recordings into the bin."""
        for some in _parts(ids):
            self._connection.execute(
                update(recordings)
                .where(recordings.c.id.in_(some))
                .values(binned_at=at, removal_cause=cause.value, removal_detail=detail)
            )
        self.settle(ids, at)

    def restore(self, recording_id: str, now: datetime) -> None:
        """Take a recording out of the bin; its “delete after” counts from now on (`bring_terms` then)."""
        self._connection.execute(
            update(recordings)
            .where(recordings.c.id == recording_id)
            .values(binned_at=None, restored_at=now, removal_cause=None, removal_detail="")
        )

    def locked(self, ids: Collection[str]) -> tuple[StoredRow, ...]:
        """Those that there are of them, kept from others, by id."""
        found: list[StoredRow] = []
        for some in _parts(sorted(ids)):
            asked = stored_rows().where(recordings.c.id.in_(some)).order_by(recordings.c.id).with_for_update()
            found += self._stored(asked)
        return tuple(found)

    def of_calls(
        self, tenant_id: str, call_ids: Collection[str], *, lock: bool = False
    ) -> tuple[StoredRow, ...]:
        """The recordings of some calls of the tenant, by id; kept from others if asked for."""
        found: list[StoredRow] = []
        for some in _parts(sorted(call_ids)):
            c = recordings.c
            asked = (
                stored_rows().where(c.call_id.in_(some), unindexed(c.tenant_id) == tenant_id).order_by(c.id)
            )
            found += self._stored(asked.with_for_update() if lock else asked)
        return tuple(found)

    def oldest(self, tenant_id: str, standing: Standing, limit: int) -> tuple[StoredRow, ...]:
        """The oldest of a class."""
        c = recordings.c
        found = stored_rows().where(c.tenant_id == tenant_id, c.standing == standing.value)
        return tuple(self._stored(found.order_by(c.started_at, c.id).limit(limit)))

    def oldest_locked(self, tenant_id: str, standing: Standing, limit: int) -> tuple[StoredRow, ...]:
        """The oldest of a class that free room, kept from others; those that others hold are passed over.

        Of the bin: those that lie longest in it.
        """
        c = recordings.c
        found = stored_rows().where(
            c.tenant_id == tenant_id, c.standing == standing.value, c.stored_bytes > 0
        )
        by_age = (c.due_at, c.id) if standing is Standing.BINNED else (c.started_at, c.id)
        found = found.order_by(*by_age).limit(limit).with_for_update(skip_locked=True)
        return tuple(self._stored(found))

    def due_locked(
        self, tenant_id: str, standing: Standing, until: datetime, limit: int
    ) -> tuple[StoredRow, ...]:
        """Those of a class that are due, the longest due first, kept from others."""
        c = recordings.c
        found = _due(stored_rows(), tenant_id, standing, until)
        found = found.order_by(c.due_at, c.id).limit(limit).with_for_update(skip_locked=True)
        return tuple(self._stored(found))

    def due(self, tenant_id: str, standing: Standing, until: datetime, limit: int) -> tuple[StoredRow, ...]:
        """As `due_locked`, for looking."""
        found = _due(stored_rows(), tenant_id, standing, until)
        return tuple(self._stored(found.order_by(recordings.c.due_at, recordings.c.id).limit(limit)))

    def by_standing(self, tenant_id: str, used: Amount) -> dict[Standing, Amount]:
        """The sums of every class that counts against the quota, `used` being all of them together.

        What is free is what the others leave: mostly nearly all, which nobody waits to see counted.
        """
        found: dict[Standing, Amount] = {one: self.amount(tenant_id, one) for one in _NOT_FREE}
        rest = used
        for one in found.values():
            rest = rest - one
        return {**found, Standing.FREE: rest}

    def amount(self, tenant_id: str, standing: Standing) -> Amount:
        """The sums of a class."""
        c = recordings.c
        asked = select(func.count(), func.sum(c.duration_ms), func.sum(c.stored_bytes)).where(
            c.tenant_id == tenant_id, c.standing == standing.value, c.stored_bytes > 0
        )
        number, duration_ms, stored_bytes = self._connection.execute(asked).one()
        return Amount(number, int(duration_ms or 0), int(stored_bytes or 0))

    def amount_between(self, tenant_id: str, standing: Standing, since: datetime, until: datetime) -> Amount:
        """What recordings of a class that began in a span (`until` exclusive) come to; by an index."""
        c = recordings.c
        found = select(func.count(), func.sum(c.duration_ms), func.sum(c.stored_bytes)).where(
            c.tenant_id == tenant_id,
            c.standing == standing.value,
            c.started_at >= since,
            c.started_at < until,
        )
        number, duration_ms, stored_bytes = self._connection.execute(found).one()
        return Amount(number, int(duration_ms or 0), int(stored_bytes or 0))

    def oldest_since(self, tenant_id: str, standing: Standing, since: datetime | None) -> datetime | None:
        """When the oldest recording of a class began, of those that began at that instant or later."""
        c = recordings.c
        found = select(c.started_at).where(c.tenant_id == tenant_id, c.standing == standing.value)
        if since is not None:
            found = found.where(c.started_at >= since)
        at: datetime | None = self._connection.scalar(found.order_by(c.started_at, c.id).limit(1))
        return at

    def is_overwritten_since(self, tenant_id: str, since: datetime) -> bool:
        """Whether a recording made room for others since that instant."""
        c = recordings.c
        found = select(c.id).where(
            c.tenant_id == tenant_id,
            c.deleted_at >= since,
            c.removal_cause.in_([RemovalCause.PLAN.value, RemovalCause.DISK.value]),
        )
        return self._connection.scalar(found.limit(1)) is not None

    def is_any(self, tenant_id: str, *standings: Standing) -> bool:
        """Whether there is a recording of one of these classes."""
        c = recordings.c
        some = [
            exists().where(c.tenant_id == tenant_id, c.standing == one.value).select() for one in standings
        ]
        return any(self._connection.scalars(union_all(*some)))

    def _bring(self, where: ColumnElement[bool], terms: Sequence[RetentionTerm], now: datetime) -> None:
        self._connection.execute(update(recordings).where(where).values(by_terms(terms)))
        settle(self._connection, where, now)

    def _stored(self, found: Select[Any]) -> list[StoredRow]:
        return [stored_row(row) for row in self._connection.execute(found)]


def stored_rows() -> Select[Any]:
    c = recordings.c
    return select(
        c.id,
        c.call_id,
        c.tenant_id,
        c.started_at,
        c.duration_ms,
        c.stored_bytes,
        c.standing,
        c.is_held,
        c.protected_until,
        c.protected_by,
        c.delete_at,
        c.delete_by,
        c.binned_at,
        c.state,
        c.removal_detail,
    )


def _due(found: Select[Any], tenant_id: str, standing: Standing, until: datetime) -> Select[Any]:
    c = recordings.c
    return found.where(c.tenant_id == tenant_id, c.standing == standing.value, c.due_at <= until)


def stored_row(row: Row[Any]) -> StoredRow:
    return StoredRow(
        row.id,
        row.call_id,
        row.tenant_id,
        row.started_at,
        row.duration_ms,
        row.stored_bytes,
        Standing(row.standing),
        keeping_of(row),
        RecordingState(row.state),
        row.removal_detail,
    )


def _parts(ids: Collection[str]) -> Iterator[list[str]]:
    whole = list(ids)
    for start in range(0, len(whole), _TOGETHER):
        yield whole[start : start + _TOGETHER]
