"""Counts calls with topics by day and crew, whenever their hour is counted (`call_counting`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from fonoteka.store.tables import topic_calls, topic_days

_TOGETHER = 500


class TopicCounting:
    """Keeps `topic_days` the sums of `topic_calls`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def place(self, tenant_id: str, places: Mapping[str, tuple[int, int]]) -> set[int]:
        """Write day and crew of an hour's calls to their topics: the days that are to be summed."""
        if not self._has_any(tenant_id):
            return set()
        days = {day for day, _ in places.values()}
        c, ids = topic_calls.c, sorted(places)
        for start in range(0, len(ids), _TOGETHER):
            found = select(c.call_id, c.day, c.crew_id).where(c.call_id.in_(ids[start : start + _TOGETHER]))
            for call_id, *known in self._connection.execute(found.distinct()).all():
                if tuple(known) == places[call_id]:
                    continue
                if known[0] is not None:
                    days.add(known[0])
                day, crew_id = places[call_id]
                self._connection.execute(
                    update(topic_calls).where(c.call_id == call_id).values(day=day, crew_id=crew_id)
                )
        return days

    def sum_days(self, tenant_id: str, days: Collection[int]) -> None:
        """Sum these days anew."""
        if not days:
            return
        d = topic_days.c
        self._connection.execute(delete(topic_days).where(d.tenant_id == tenant_id, d.day.in_(sorted(days))))
        summed = _sums(tenant_id).where(topic_calls.c.day.in_(sorted(days)))
        self._connection.execute(insert(topic_days).from_select([one.name for one in d], summed))

    def forget(self, tenant_id: str) -> None:
        """Everything is to be summed anew, from nothing."""
        self._connection.execute(delete(topic_days).where(topic_days.c.tenant_id == tenant_id))

    def is_summed(self, tenant_id: str) -> bool:
        """Whether the days are the sums of the calls."""
        known = select(topic_days).where(topic_days.c.tenant_id == tenant_id)
        there, wanted = (
            {tuple(row) for row in self._connection.execute(one)} for one in (known, _sums(tenant_id))
        )
        return there == wanted

    def _has_any(self, tenant_id: str) -> bool:
        return any(
            self._connection.scalar(select(table.c.tenant_id).where(table.c.tenant_id == tenant_id).limit(1))
            for table in (topic_calls, topic_days)
        )


def _sums(tenant_id: str) -> Select[Any]:
    c = topic_calls.c
    kinds = (c.tenant_id, c.topic_id, c.day, c.crew_id)
    return (
        select(*kinds, func.count(c.call_id.distinct()))
        .where(c.tenant_id == tenant_id, c.day.is_not(None))
        .group_by(*kinds)
    )
