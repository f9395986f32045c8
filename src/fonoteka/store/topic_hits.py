"""Where topics were heard: the places, the calls by topic, and what is still to be read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, delete, exists, func, insert, select, update
from sqlalchemy import type_coerce as read_as

from fonoteka.domain.topics import WORDED, HeardTopic, Speaker, TopicHit, TopicNews
from fonoteka.store.hour_counter import HOUR_US
from fonoteka.store.insertion import insert_missing
from fonoteka.store.tables import (
    call_marks,
    calls,
    topic_calls,
    topic_hits,
    topic_news,
    topic_readings,
    topic_revisions,
)


class TopicHits:
    """Hits on one connection. Whoever writes those of a recording holds the recording's row."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(
        self, tenant_id: str, call_id: str, recording_id: str, revision: int, hits: Sequence[TopicHit]
    ) -> None:
        """These are the recording's hits, read with that revision; nothing is written that is there."""
        self._read(tenant_id, recording_id, revision)
        rows = _rows(tenant_id, call_id, recording_id, hits)
        c = topic_hits.c
        known = select(topic_hits).where(c.recording_id == recording_id).order_by(c.topic_id, c.place)
        there = [dict(row._mapping) for row in self._connection.execute(known)]
        counted = select(topic_calls.c.call_id).where(
            topic_calls.c.recording_id == recording_id, topic_calls.c.topic_id == WORDED
        )
        if there == rows and self._connection.scalar(counted) == call_id:
            return
        self._forget(recording_id)
        if rows:
            self._connection.execute(insert(topic_hits), rows)
        began = self._connection.scalar(select(calls.c.started_at).where(calls.c.id == call_id))
        if began is None:
            return
        numbers = Counter(one.topic_id for one in hits)
        self._connection.execute(
            insert(topic_calls),
            [
                {
                    "tenant_id": tenant_id,
                    "topic_id": topic_id,
                    "started_at": began,
                    "call_id": call_id,
                    "recording_id": recording_id,
                    "hits": number,
                }
                for topic_id, number in ((WORDED, 0), *sorted(numbers.items()))
            ],
        )
        self._mark(tenant_id, call_id)

    def of_recordings(
        self, tenant_id: str, recording_ids: Collection[str], topic_ids: Collection[str] | None = None
    ) -> dict[str, tuple[TopicHit, ...]]:
        """The hits of some recordings, in the order of time; of these topics alone, if they are given."""
        if not recording_ids:
            return {}
        c = topic_hits.c
        found = select(topic_hits).where(c.tenant_id == tenant_id, c.recording_id.in_(sorted(recording_ids)))
        if topic_ids is not None:
            found = found.where(c.topic_id.in_(sorted(topic_ids)))
        kept: defaultdict[str, list[TopicHit]] = defaultdict(list)
        for row in self._connection.execute(found.order_by(c.since_ms, c.until_ms, c.topic_id)):
            kept[row.recording_id].append(_hit(row))
        return {recording_id: tuple(some) for recording_id, some in kept.items()}

    def readings(self, tenant_id: str, recording_ids: Collection[str]) -> dict[str, int]:
        """With which revision each of these recordings was read, so far as it has words."""
        c = topic_readings.c
        found = select(c.recording_id, c.revision).where(
            c.tenant_id == tenant_id, c.recording_id.in_(sorted(recording_ids))
        )
        return {row.recording_id: row.revision for row in self._connection.execute(found)}

    def calls_of(self, tenant_id: str, topic_ids: Collection[str], since: datetime) -> dict[str, int]:
        """How many calls that began since then have each of these topics."""
        c = topic_calls.c
        found = (
            select(c.topic_id, func.count(c.call_id.distinct()))
            .where(c.tenant_id == tenant_id, c.topic_id.in_(sorted(topic_ids)), c.started_at >= since)
            .group_by(c.topic_id)
        )
        return {topic_id: int(number) for topic_id, number in self._connection.execute(found)}

    def newest(
        self, tenant_id: str, topic_ids: Collection[str], since: datetime, until: datetime, limit: int
    ) -> tuple[HeardTopic, ...]:
        """Where these topics were heard in calls that began from `since` up to `until`, newest call first."""
        c, h = topic_calls.c, topic_hits.c
        first = select(func.min(h.since_ms)).where(h.recording_id == c.recording_id, h.topic_id == c.topic_id)
        found = (
            select(c.topic_id, c.call_id, c.recording_id, c.hits, first.scalar_subquery())
            .where(c.tenant_id == tenant_id, c.topic_id.in_(sorted(topic_ids)))
            .where(c.started_at >= since, c.started_at < until)
            .order_by(c.started_at.desc(), c.call_id, c.recording_id, c.topic_id)
            .limit(limit)
        )
        return tuple(HeardTopic(*row) for row in self._connection.execute(found))

    def behind(self) -> str | None:
        """A tenant with transcripts that were read before its topics changed."""
        r, t = topic_revisions.c, topic_readings.c
        older = exists(select(1).where(t.tenant_id == r.tenant_id, t.revision < r.revision))
        return self._connection.scalar(select(r.tenant_id).where(older).limit(1))

    def behind_of(self, tenant_id: str, limit: int) -> tuple[str, ...]:
        """Its recordings that are to be read anew, newest first."""
        c = topic_readings.c
        current = select(topic_revisions.c.revision).where(topic_revisions.c.tenant_id == tenant_id)
        some = (
            select(c.recording_id)
            .where(c.tenant_id == tenant_id, c.revision < current.scalar_subquery())
            .order_by(c.revision.desc(), c.recording_id.desc())
            .limit(limit)
        )
        return tuple(self._connection.scalars(some))

    def count_behind(self, tenant_id: str | None = None) -> int:
        """How many transcripts are to be read anew, of a tenant or of all."""
        r, t = topic_revisions.c, topic_readings.c
        found = (
            select(func.count())
            .select_from(topic_readings)
            .join(topic_revisions, (t.tenant_id == r.tenant_id) & (t.revision < r.revision))
        )
        if tenant_id is not None:
            found = found.where(r.tenant_id == tenant_id)
        return int(self._connection.scalar(found) or 0)

    def forget(self, recording_id: str) -> None:
        """The recording has no words any more."""
        c = topic_calls.c
        found = self._connection.execute(
            select(c.tenant_id, c.call_id).where(c.recording_id == recording_id).limit(1)
        ).one_or_none()
        self._forget(recording_id)
        self._connection.execute(delete(topic_readings).where(topic_readings.c.recording_id == recording_id))
        if found is not None:
            self._mark(found.tenant_id, found.call_id)

    def tell(self, tenant_id: str, news: Sequence[TopicNews]) -> None:
        """Let people be told of these."""
        if news:
            rows = [{name: getattr(one, name) for name in TopicNews.__slots__} for one in news]
            self._connection.execute(insert(topic_news), [{"tenant_id": tenant_id, **one} for one in rows])

    def has_news(self) -> tuple[str, ...]:
        """The tenants that are to be told something."""
        return tuple(self._connection.scalars(select(topic_news.c.tenant_id).distinct()))

    def take_news(self, tenant_id: str, topic_ids: Collection[str] | None = None) -> tuple[TopicNews, ...]:
        """Take what is to be told of these topics (None: of any); whoever takes it tells it."""
        c = topic_news.c
        gone = delete(topic_news).where(c.tenant_id == tenant_id)
        if topic_ids is not None:
            gone = gone.where(c.topic_id.in_(sorted(topic_ids)))
        names = TopicNews.__slots__
        rows = self._connection.execute(gone.returning(c.id, *(c[name] for name in names))).all()
        return tuple(
            TopicNews(**{name: getattr(row, name) for name in names})
            for row in sorted(rows, key=lambda row: row.id)
        )

    def news_of(self, tenant_id: str) -> dict[str, int]:
        """How much is to be told of each topic."""
        c = topic_news.c
        found = select(c.topic_id, func.count()).where(c.tenant_id == tenant_id).group_by(c.topic_id)
        return {topic_id: int(number) for topic_id, number in self._connection.execute(found)}

    def _read(self, tenant_id: str, recording_id: str, revision: int) -> None:
        row = {"recording_id": recording_id, "tenant_id": tenant_id, "revision": revision}
        if not insert_missing(self._connection, topic_readings, row):
            c = topic_readings.c
            self._connection.execute(
                update(topic_readings).where(c.recording_id == recording_id).values(revision=revision)
            )

    def _forget(self, recording_id: str) -> None:
        for table in (topic_hits, topic_calls):
            self._connection.execute(delete(table).where(table.c.recording_id == recording_id))

    def _mark(self, tenant_id: str, call_id: str) -> None:
        """The hour of the call is to be counted anew."""
        began = read_as(calls.c.started_at, BigInteger)
        hour = (began - ((began % HOUR_US) + HOUR_US) % HOUR_US) // HOUR_US
        marked = select(calls.c.tenant_id, hour).where(calls.c.id == call_id, calls.c.tenant_id == tenant_id)
        self._connection.execute(insert(call_marks).from_select(["tenant_id", "utc_hour"], marked))


def _rows(tenant_id: str, call_id: str, recording_id: str, hits: Sequence[TopicHit]) -> list[dict[str, Any]]:
    rows = []
    places: Counter[str] = Counter()
    for one in sorted(hits, key=lambda one: (one.topic_id, one.since_ms, one.until_ms, one.channel)):
        rows.append(
            {
                "recording_id": recording_id,
                "topic_id": one.topic_id,
                "place": places[one.topic_id],
                "tenant_id": tenant_id,
                "call_id": call_id,
                "version": one.version,
                "channel": one.channel,
                "party": "" if one.party is Speaker.ANYONE else one.party.value,
                "since_ms": one.since_ms,
                "until_ms": one.until_ms,
                "words": one.words,
            }
        )
        places[one.topic_id] += 1
    return rows


def _hit(row: Row[Any]) -> TopicHit:
    return TopicHit(
        row.topic_id,
        row.version,
        row.channel,
        Speaker(row.party) if row.party else Speaker.ANYONE,
        row.since_ms,
        row.until_ms,
        row.words,
    )
