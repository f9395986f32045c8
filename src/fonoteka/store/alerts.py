"""Rows of alerts, and of what people were told of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from fonoteka.domain.alerts import Alert, Condition, Facts, News, NewsKind
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import alert_news, alerts


class Alerts:
    """Alerts of all tenants, and their news."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open_one(self, tenant_id: str, condition: Condition, key: str, *, lock: bool = False) -> Alert | None:
        """The open alert of that condition and key; with `lock` nobody else changes it until we commit."""
        c = alerts.c
        found = select(alerts).where(
            c.tenant_id == tenant_id,
            c.condition == condition.value,
            c.key == key,
            c.cleared_at.is_(None),
        )
        if lock:
            found = found.with_for_update()
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _alert(row)

    def last_one(self, tenant_id: str, condition: Condition, key: str) -> Alert | None:
        """The newest alert of that condition and key, over or not."""
        c = alerts.c
        found = select(alerts).where(c.tenant_id == tenant_id, c.condition == condition.value, c.key == key)
        row = self._connection.execute(found.order_by(c.id.desc()).limit(1)).one_or_none()
        return None if row is None else _alert(row)

    def open_of(self, condition: Condition) -> tuple[Alert, ...]:
        """The open alerts of a condition, of all tenants."""
        found = select(alerts).where(alerts.c.condition == condition.value, alerts.c.cleared_at.is_(None))
        return tuple(_alert(row) for row in self._connection.execute(found))

    def open_ids(self) -> tuple[str, ...]:
        """Ids of the open alerts of all tenants, oldest first."""
        found = select(alerts.c.id).where(alerts.c.cleared_at.is_(None)).order_by(alerts.c.id)
        return tuple(self._connection.scalars(found))

    def get(self, alert_id: str, *, lock: bool = False) -> Alert | None:
        """The alert with this id, of any tenant."""
        found = select(alerts).where(alerts.c.id == alert_id)
        row = self._connection.execute(found.with_for_update() if lock else found).one_or_none()
        return None if row is None else _alert(row)

    def open(self, tenant_id: str, limit: int) -> tuple[Alert, ...]:
        """The tenant's open alerts, newest first."""
        found = select(alerts).where(alerts.c.tenant_id == tenant_id, alerts.c.cleared_at.is_(None))
        found = found.order_by(alerts.c.id.desc()).limit(limit)
        return tuple(_alert(row) for row in self._connection.execute(found))

    def page(
        self, tenant_id: str, before: str, limit: int, without: Collection[Condition] = ()
    ) -> tuple[Alert, ...]:
        """The tenant's alerts, newest first; with `before` only those older than the one with that id."""
        found = select(alerts).where(alerts.c.tenant_id == tenant_id)
        if without:
            found = found.where(alerts.c.condition.not_in(sorted(one.value for one in without)))
        if before:
            found = found.where(alerts.c.id < before)
        found = found.order_by(alerts.c.id.desc()).limit(limit)
        return tuple(_alert(row) for row in self._connection.execute(found))

    def add(self, alert: Alert) -> bool:
        """Insert the alert unless one of its condition and key is open."""
        return insert_missing(self._connection, alerts, {"id": alert.id, **_values(alert)})

    def replace(self, alert: Alert) -> None:
        """Write the alert anew."""
        self._connection.execute(update(alerts).where(alerts.c.id == alert.id).values(_values(alert)))

    def tell(self, alert: Alert, kind: NewsKind, at: datetime) -> None:
        """Write down that this is to be told of the alert as it is."""
        self._connection.execute(
            insert(alert_news).values(
                tenant_id=alert.tenant_id,
                alert_id=alert.id,
                kind=kind.value,
                level=alert.level,
                facts=_json(alert.facts),
                at=at,
            )
        )

    def news_after(self, tenant_id: str, position: int, limit: int) -> tuple[News, ...]:
        """The tenant's news after that position, oldest first."""
        n = alert_news.c
        found = (
            select(alerts, n.position, n.kind, n.at, n.level.label("then_level"), n.facts.label("then_facts"))
            .join(alert_news, n.alert_id == alerts.c.id)
            .where(n.tenant_id == tenant_id, n.position > position)
            .order_by(n.position)
            .limit(limit)
        )
        return tuple(_news(row) for row in self._connection.execute(found))

    def last_position(self, tenant_id: str) -> int:
        """The position of the tenant's newest news; 0 without any."""
        found = select(func.max(alert_news.c.position)).where(alert_news.c.tenant_id == tenant_id)
        return int(self._connection.scalar(found) or 0)

    def prune(self, before: datetime, limit: int) -> int:
        """Delete alerts that were over before that instant, with their news; how many."""
        old = select(alerts.c.id).where(alerts.c.cleared_at < before).limit(limit)
        ids = list(self._connection.scalars(old))
        if ids:
            self._connection.execute(delete(alerts).where(alerts.c.id.in_(ids)))
        return len(ids)


def _news(row: Row[Any]) -> News:
    alert = replace(_alert(row), level=row.then_level, facts=json.loads(row.then_facts))
    return News(row.position, alert, NewsKind(row.kind), row.at)


def _alert(row: Row[Any]) -> Alert:
    return Alert(
        id=row.id,
        tenant_id=row.tenant_id,
        condition=Condition(row.condition),
        key=row.key,
        level=row.level,
        facts=json.loads(row.facts),
        raised_at=row.raised_at,
        seen_at=row.seen_at,
        clear_since=row.clear_since,
        cleared_at=row.cleared_at,
        flaps=row.flaps,
        acknowledged_by=row.acknowledged_by,
        acknowledged_level=row.acknowledged_level,
        told=None if row.told is None else NewsKind(row.told),
        told_at=row.told_at,
        told_level=row.told_level,
    )


def _values(alert: Alert) -> dict[str, Any]:
    names: Sequence[str] = (
        "tenant_id",
        "key",
        "level",
        "raised_at",
        "seen_at",
        "clear_since",
        "cleared_at",
        "flaps",
        "acknowledged_by",
        "acknowledged_level",
        "told_at",
        "told_level",
    )
    return {
        **{name: getattr(alert, name) for name in names},
        "condition": alert.condition.value,
        "facts": _json(alert.facts),
        "told": None if alert.told is None else alert.told.value,
    }


def _json(facts: Facts) -> str:
    return json.dumps(dict(facts), ensure_ascii=False)
