"""Rows of topics, and how often a tenant's have changed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from fonoteka.domain.topics import Topic
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import topic_calls, topic_days, topic_hits, topic_revisions, topics


class Topics:
    """A tenant's topics. Whoever changes one holds the tenant's lock."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, tenant_id: str) -> tuple[Topic, ...]:
        """Those that are not deleted, in the order in which they were made."""
        c = topics.c
        found = select(topics).where(c.tenant_id == tenant_id, c.deleted_at.is_(None)).order_by(c.id)
        return tuple(Topic(**row._mapping) for row in self._connection.execute(found))

    def get(self, tenant_id: str, topic_id: str) -> Topic | None:
        """The topic, deleted or not; None when this tenant has no such."""
        found = select(topics).where(topics.c.id == topic_id, topics.c.tenant_id == tenant_id)
        row = self._connection.execute(found).one_or_none()
        return None if row is None else Topic(**row._mapping)

    def add(self, topic: Topic) -> None:
        """Insert a topic."""
        self._connection.execute(insert(topics).values(asdict(topic)))

    def replace(self, topic: Topic) -> None:
        """Write it anew."""
        self._connection.execute(update(topics).where(topics.c.id == topic.id).values(asdict(topic)))

    def revision(self, tenant_id: str) -> int:
        """How often the tenant's topics have changed so that calls must be read anew; 0: never."""
        c = topic_revisions.c
        return self._connection.scalar(select(c.revision).where(c.tenant_id == tenant_id)) or 0

    def revise(self, tenant_id: str) -> int:
        """The tenant's calls are to be read anew: the new revision."""
        c = topic_revisions.c
        if not insert_missing(self._connection, topic_revisions, {"tenant_id": tenant_id, "revision": 1}):
            raised = update(topic_revisions).where(c.tenant_id == tenant_id)
            self._connection.execute(raised.values(revision=c.revision + 1))
        return self.revision(tenant_id)

    def forget_deleted(self, tenant_id: str, before: datetime) -> None:
        """Remove for good what was deleted before that instant, with where it was heard."""
        c = topics.c
        gone = self._connection.scalars(
            select(c.id).where(c.tenant_id == tenant_id, c.deleted_at < before)
        ).all()
        for table in (topic_hits, topic_calls, topic_days) if gone else ():
            self._connection.execute(
                delete(table).where(table.c.tenant_id == tenant_id, table.c.topic_id.in_(gone))
            )
        self._connection.execute(delete(topics).where(c.tenant_id == tenant_id, c.deleted_at < before))

    def count(self, tenant_id: str) -> int:
        """How many the tenant has that are not deleted."""
        c = topics.c
        found = select(func.count()).where(c.tenant_id == tenant_id, c.deleted_at.is_(None))
        return int(self._connection.scalar(found) or 0)
