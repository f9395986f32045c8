"""Reads how many calls had each topic, from the counts by day that `topic_counting` keeps."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import BigInteger, Connection, func, select

from fonoteka.store.reports import Audience, crew_of
from fonoteka.store.tables import topic_days


class TopicTrends:
    """Calls by topic over days (ordinals of the tenant's zone, `until` exclusive).

    The empty topic is calls that have words at all.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sums(self, audience: Audience, since: int, until: int) -> dict[str, int]:
        """Calls by topic."""
        d = topic_days.c
        found = select(d.topic_id, func.sum(d.calls, type_=BigInteger)).where(
            d.tenant_id == audience.tenant_id, d.day >= since, d.day < until, *crew_of(d.crew_id, audience)
        )
        rows = self._connection.execute(found.group_by(d.topic_id))
        return {topic_id: int(calls) for topic_id, calls in rows}

    def by_day(self, audience: Audience, since: int, until: int) -> dict[str, dict[int, int]]:
        """Calls by topic and day."""
        d = topic_days.c
        found = select(d.topic_id, d.day, func.sum(d.calls, type_=BigInteger)).where(
            d.tenant_id == audience.tenant_id, d.day >= since, d.day < until, *crew_of(d.crew_id, audience)
        )
        counted: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for topic_id, day, calls in self._connection.execute(found.group_by(d.topic_id, d.day)):
            counted[topic_id][int(day)] = int(calls)
        return dict(counted)
