"""Topics over time: which are rising."""

from __future__ import annotations

from datetime import timedelta

from fonoteka.archive.archive import Archive
from fonoteka.archive.insights.audience import ordinals
from fonoteka.archive.reporting import catch_up, check_days
from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.insight import TopicTrend
from fonoteka.domain.report import Days
from fonoteka.store import Audience

WEEKS = 8


def topic_trends(archive: Archive, actor: Actor, days: Days, group_id: str = "") -> tuple[TopicTrend, ...]:
    """How many calls had each topic in these days of the tenant's zone, those first that rise most.

    Only calls within reach, of a `group_id` those of its members. It is about what was said, so listening has
    to be allowed. Raises `RequestInvalid` (fields `since`, `until`), `AccessDenied`.
    """
    require(actor, Permission.RECORDING_LISTEN, actor.tenant_id)
    check_days(days)
    catch_up(archive, actor.tenant_id)
    audience = Audience(actor.tenant_id, actor.extensions, group_id)
    weeks = Days(days.last - timedelta(days=7 * WEEKS - 1), days.last)
    first = weeks.first.toordinal()
    with archive.store.reading() as tx:
        topics = [one for one in tx.topics.all(actor.tenant_id) if one.is_active and one.deleted_at is None]
        now, then = (tx.topic_trends.sums(audience, *ordinals(one)) for one in (days, days.before))
        by_day = tx.topic_trends.by_day(audience, *ordinals(weeks))
    found = []
    for topic in topics:
        counts = [0] * WEEKS
        for day, calls in by_day.get(topic.id, {}).items():
            counts[(day - first) // 7] += calls
        calls, before = now.get(topic.id, 0), then.get(topic.id, 0)
        if calls or before:
            shares = _share(calls, now), _share(before, then)
            found.append(TopicTrend(topic.id, topic.name, calls, before, *shares, tuple(counts)))
    return tuple(sorted(found, key=lambda one: (-one.rise, -one.calls, one.name)))


def _share(calls: int, sums: dict[str, int]) -> float:
    """Of the calls that have words."""
    return calls / sums[""] if sums.get("") else 0.0
