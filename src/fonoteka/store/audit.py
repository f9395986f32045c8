"""Rows of the audit log: written once, never changed (triggers of the first migration refuse it)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, insert, select, tuple_, update

from fonoteka.domain.access import Actor
from fonoteka.domain.audit import AuditAction, AuditEvent, AuditQuery, chain_hash
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.ids import new_id
from fonoteka.store.columns import from_microseconds, storable, to_microseconds
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import audit_events, audit_heads

_TOGETHER = 1_000
_CURSOR = re.compile(r"(\d{1,17})-(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class AuditPosition:
    """A place in the access log, which is shown by (at, number), newest first."""

    at: datetime
    number: int

    def cursor(self) -> str:
        """This place as text for outside; `of_cursor` reads it back."""
        return f"{to_microseconds(self.at)}-{self.number}"

    @classmethod
    def of_cursor(cls, cursor: str) -> AuditPosition:
        """Raises `RequestInvalid` (field `cursor`) for anything that `cursor` did not make."""
        match = _CURSOR.fullmatch(cursor)
        if match is None:
            raise RequestInvalid("cursor", "The cursor is not one that a page gave.")
        return cls(from_microseconds(int(match[1])), int(match[2]))


class AuditLog:
    """Append and look up; there is no other operation."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._appended: list[AuditEvent] = []

    def append(
        self, actor: Actor, action: AuditAction, subject_id: str, detail: str, at: datetime
    ) -> AuditEvent:
        """Write down that `actor` did `action` to the subject; it counts once the transaction commits."""
        event = AuditEvent(
            id=new_id(),
            tenant_id=actor.tenant_id,
            at=at,
            action=action,
            actor_kind=actor.kind.value,
            actor_id=storable(actor.id),
            actor_name=storable(actor.name),
            remote_address=storable(actor.remote_address),
            subject_id=storable(subject_id),
            detail=storable(detail),
        )
        self._appended.append(event)
        return event

    def write(self) -> None:
        """Insert what was appended, each event bound to the one before.

        The end of a transaction calls this: the tenant's order is locked last and for as short as can be, so
        nobody waits for it while holding what another needs.
        """
        events, self._appended = self._appended, []
        for tenant_id in sorted({one.tenant_id for one in events}):
            number, previous = self._locked_head(tenant_id)
            rows = []
            for event in (one for one in events if one.tenant_id == tenant_id):
                number += 1
                previous = hash_of(event, number, previous)
                rows.append(_values(event, number, previous))
            self._connection.execute(insert(audit_events), rows)
            self._connection.execute(
                update(audit_heads)
                .where(audit_heads.c.tenant_id == tenant_id)
                .values(number=number, hash=previous)
            )

    def happened(
        self, actor: Actor, action: AuditAction, subject_id: str, detail: str, since: datetime
    ) -> bool:
        """Whether the same was written down since that instant."""
        self.write()
        c = audit_events.c
        found = select(
            exists().where(
                c.tenant_id == actor.tenant_id,
                c.subject_id == subject_id,
                c.at >= since,
                c.action == action.value,
                c.actor_kind == actor.kind.value,
                c.actor_id == actor.id,
                c.detail == detail,
            )
        )
        return bool(self._connection.scalar(found))

    def of_subject(self, tenant_id: str, subject_id: str, limit: int) -> tuple[AuditEvent, ...]:
        """The newest events of one subject, newest first."""
        return self.find(tenant_id, AuditQuery(subject_id=subject_id), None, limit)

    def newest(self, tenant_id: str, limit: int) -> tuple[AuditEvent, ...]:
        """The newest events of a tenant, newest first."""
        return self.find(tenant_id, AuditQuery(), None, limit)

    def find(
        self, tenant_id: str, query: AuditQuery, before: AuditPosition | None, limit: int
    ) -> tuple[AuditEvent, ...]:
        """The events that the query finds, newest first, after that place."""
        self.write()
        c = audit_events.c
        found = select(audit_events).where(*_conditions(tenant_id, query))
        if before is not None:
            found = found.where(
                tuple_(c.at, c.number) < tuple_(before.at, before.number, types=(c.at.type, c.number.type))
            )
        found = found.order_by(c.at.desc(), c.number.desc()).limit(limit)
        return tuple(_event(row) for row in self._connection.execute(found))

    def in_order(self, tenant_id: str) -> Iterator[AuditEvent]:
        """All events of the tenant in the order of writing, read as they are asked for."""
        c = audit_events.c
        last = 0
        while True:
            found = select(audit_events).where(c.tenant_id == tenant_id, c.number > last)
            rows = self._connection.execute(found.order_by(c.number).limit(_TOGETHER)).all()
            if not rows:
                return
            yield from (_event(row) for row in rows)
            last = rows[-1].number

    def head(self, tenant_id: str) -> tuple[int, str]:
        """How many events the tenant has, and the hash of the last."""
        found = select(audit_heads.c.number, audit_heads.c.hash)
        row = self._connection.execute(found.where(audit_heads.c.tenant_id == tenant_id)).one_or_none()
        return (0, "") if row is None else (row.number, row.hash)

    def _locked_head(self, tenant_id: str) -> tuple[int, str]:
        found = select(audit_heads.c.number, audit_heads.c.hash)
        found = found.where(audit_heads.c.tenant_id == tenant_id).with_for_update()
        row = self._connection.execute(found).one_or_none()
        if row is None:
            insert_missing(self._connection, audit_heads, {"tenant_id": tenant_id, "number": 0, "hash": ""})
            row = self._connection.execute(found).one()
        return int(row.number), str(row.hash)


def hash_of(event: AuditEvent, number: int, previous: str) -> str:
    """The hash of an event at that place of the chain."""
    texts = (
        event.id,
        event.tenant_id,
        event.action.value,
        event.actor_kind,
        event.actor_id,
        event.actor_name,
        event.remote_address,
        event.subject_id,
        event.detail,
    )
    return chain_hash(previous, number, to_microseconds(event.at), texts)


def _conditions(tenant_id: str, query: AuditQuery) -> list[ColumnElement[bool]]:
    c = audit_events.c
    conditions: list[ColumnElement[bool]] = [c.tenant_id == tenant_id]
    if query.since is not None:
        conditions.append(c.at >= query.since)
    if query.until is not None:
        conditions.append(c.at < query.until)
    if query.actions:
        conditions.append(c.action.in_(sorted(one.value for one in query.actions)))
    if query.actor:
        conditions.append(c.actor_name.contains(query.actor, autoescape=True))
    if query.subject_id:
        conditions.append(c.subject_id == query.subject_id)
    return conditions


def _values(event: AuditEvent, number: int, hash_: str) -> dict[str, Any]:
    return {
        "id": event.id,
        "tenant_id": event.tenant_id,
        "at": event.at,
        "action": event.action.value,
        "actor_kind": event.actor_kind,
        "actor_id": event.actor_id,
        "actor_name": event.actor_name,
        "remote_address": event.remote_address,
        "subject_id": event.subject_id,
        "detail": event.detail,
        "number": number,
        "hash": hash_,
    }


def _event(row: Row[Any]) -> AuditEvent:
    return AuditEvent(
        id=row.id,
        tenant_id=row.tenant_id,
        at=row.at,
        action=AuditAction(row.action),
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        remote_address=row.remote_address,
        subject_id=row.subject_id,
        detail=row.detail,
        number=row.number,
        hash=row.hash,
    )
