"""New calls with a topic that alerts: told as an alert that is over as soon as it is raised.

Calls with one topic are told together, at most once in `APART`: the first at once, those that come meanwhile
after it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from fonoteka.alerts.alert_room import AlertRoom
from fonoteka.alerts.metrics import NEWS
from fonoteka.alerts.telling import dispatch
from fonoteka.domain.alerts import Alert, Condition, Facts, NewsKind
from fonoteka.domain.ids import new_id
from fonoteka.domain.topics import Topic, TopicNews
from fonoteka.store import Transaction

APART = timedelta(minutes=5)


def tell_topics(room: AlertRoom) -> int:
    """Tell of new calls with topics: how many alerts. To be called often; several processes may."""
    with room.store.reading() as tx:
        due = {one: ids for one in tx.topic_hits.has_news() if (ids := _due(room, tx, one))}
    told = 0
    for tenant_id in due:
        with room.store.transaction() as tx:
            tx.tenants.lock(tenant_id)
            by_topic: defaultdict[str, list[TopicNews]] = defaultdict(list)
            for one in tx.topic_hits.take_news(tenant_id, _due(room, tx, tenant_id)):
                by_topic[one.topic_id].append(one)
            for topic_id, some in by_topic.items():
                topic = tx.topics.get(tenant_id, topic_id)
                if topic is not None and topic.is_active and topic.alerts and topic.deleted_at is None:
                    _tell(room, tx, topic, some)
                    told += 1
            dispatch(room, tx, tenant_id)
    return told


def _due(room: AlertRoom, tx: Transaction, tenant_id: str) -> list[str]:
    """The topics with news that were not told of within `APART`."""
    found = []
    for topic_id in tx.topic_hits.news_of(tenant_id):
        last = tx.alerts.last_one(tenant_id, Condition.TOPIC_HEARD, topic_id)
        if last is None or room.now() - last.raised_at >= APART:
            found.append(topic_id)
    return found


def _tell(room: AlertRoom, tx: Transaction, topic: Topic, some: list[TopicNews]) -> None:
    now, first = room.now(), some[0]
    calls = len({one.call_id for one in some})
    root = room.public_url.rstrip("/")
    page = f"{root}/calls/{first.call_id}#t={first.since_ms / 1000:.1f}"
    if calls > 1:
        page = f"{root}/calls?topic={topic.id}"
    facts: Facts = {
        "topic": topic.name,
        "calls": calls,
        "call_id": first.call_id,
        "page": page if root else "",
    }
    alert = Alert(
        id=new_id(),
        tenant_id=topic.tenant_id,
        condition=Condition.TOPIC_HEARD,
        key=topic.id,
        level=0,
        facts=facts,
        raised_at=now,
        seen_at=now,
        cleared_at=now,
        told=NewsKind.RAISED,
        told_at=now,
    )
    tx.alerts.add(alert)
    tx.alerts.tell(alert, NewsKind.RAISED, now)
    NEWS.labels(Condition.TOPIC_HEARD.value, NewsKind.RAISED.value).inc()
