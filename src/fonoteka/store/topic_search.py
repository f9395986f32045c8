"""What a list of calls asks of topics: branches and conditions, as in `annotation_search`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select

from fonoteka.domain.topics import WORDED
from fonoteka.store.tables import calls, topic_calls, topics

Branch = Select[Any]


def topic_branch(tenant_id: str, topic_id: str) -> Branch:
    """Calls in which the topic was heard; one that is no more, or not active, is heard in none.

    A call comes once for each of its recordings in which it was heard.
    """
    c = topic_calls.c
    found = select(c.started_at, c.call_id).where(c.tenant_id == tenant_id, c.topic_id == topic_id)
    return found.where(*_is_known(tenant_id, topic_id))


def has_topic(topic_id: str) -> ColumnElement[bool]:
    """The topic was heard in the call."""
    c = topic_calls.c
    here = select(1).where(c.call_id == calls.c.id, c.topic_id == topic_id, c.tenant_id == calls.c.tenant_id)
    return exists(here.where(*_is_known(calls.c.tenant_id, topic_id)))


def _is_known(tenant_id: str | ColumnElement[str], topic_id: str) -> list[ColumnElement[bool]]:
    if topic_id == WORDED:
        return []
    t = topics.c
    known = select(1).where(t.id == topic_id, t.tenant_id == tenant_id, t.deleted_at.is_(None), t.is_active)
    return [exists(known)]
