"""Rows of the audit log: written once, never changed (triggers of the first migration refuse it)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, insert, select

from fonoteka.domain.access import Actor
from fonoteka.domain.audit import AuditAction, AuditEvent
from fonoteka.domain.ids import new_id
from fonoteka.store.tables import audit_events


class AuditLog:
    """Append and look up; there is no other operation."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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
            actor_id=actor.id,
            actor_name=actor.name,
            remote_address=actor.remote_address,
            subject_id=subject_id,
            detail=detail,
        )
        self._connection.execute(
            insert(audit_events).values(
                id=event.id,
                tenant_id=event.tenant_id,
                at=event.at,
                action=event.action.value,
                actor_kind=event.actor_kind,
                actor_id=event.actor_id,
                actor_name=event.actor_name,
                remote_address=event.remote_address,
                subject_id=event.subject_id,
                detail=event.detail,
            )
        )
        return event

    def happened(
        self, actor: Actor, action: AuditAction, subject_id: str, detail: str, since: datetime
    ) -> bool:
        """Whether the same was written down since that instant."""
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
        c = audit_events.c
        found = (
            select(audit_events)
            .where(c.tenant_id == tenant_id, c.subject_id == subject_id)
            .order_by(c.at.desc(), c.position.desc())
            .limit(limit)
        )
        return tuple(_event(row) for row in self._connection.execute(found))

    def newest(self, tenant_id: str, limit: int) -> tuple[AuditEvent, ...]:
        """The newest events of a tenant, newest first."""
        c = audit_events.c
        found = select(audit_events).where(c.tenant_id == tenant_id)
        found = found.order_by(c.at.desc(), c.position.desc()).limit(limit)
        return tuple(_event(row) for row in self._connection.execute(found))


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
    )
