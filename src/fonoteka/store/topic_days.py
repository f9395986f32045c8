"""Reads how many calls a day have a topic, from the sums that `topic_counting` keeps."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import BigInteger, Connection, func, select

from fonoteka.store.reports import Audience, crew_of
from fonoteka.store.tables import topic_days


class TopicDays:
    """Sums over days (ordinals of the tenant's zone, `until` exclusive); none looks at a call."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_topic(self, audience: Audience, since: int, until: int) -> dict[str, dict[int, int]]:
        """Calls by topic and day; of the topic `WORDED` all that have words. Days of none are left out."""
        c = topic_days.c
        found = (
            select(c.topic_id, c.day, func.sum(c.calls, type_=BigInteger))
            .where(c.tenant_id == audience.tenant_id, c.day >= since, c.day < until)
            .where(*crew_of(c.crew_id, audience))
            .group_by(c.topic_id, c.day)
        )
        counted: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for topic_id, day, calls in self._connection.execute(found):
            counted[topic_id][day] = int(calls)
        return dict(counted)
