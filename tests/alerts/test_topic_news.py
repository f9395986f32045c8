"""New calls with a topic: told at once, then together, to those who may hear them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from fonoteka.alerts import deliver_due, find_alerts, look_after_alerts, open_alerts, tell_topics
from fonoteka.alerts.channels import save_channel
from fonoteka.domain.access import Role
from fonoteka.domain.alerts import Channel, ChannelKind
from fonoteka.domain.topics import Topic, TopicNews
from tests.alerts.conftest import House
from tests.alerts.mail_server import TestMailServer
from tests.examples import NOON


@pytest.fixture
def mails(house: House, mail_server: Callable[..., TestMailServer]) -> TestMailServer:
    server = mail_server()
    house.with_mail(server.settings())
    given = Channel("", "default", ChannelKind.EMAIL, "On call", "oncall@example.com", "ru", NOON)
    save_channel(house.room, house.admin, given)
    return server


def heard(house: House, topic_id: str, *call_ids: str) -> None:
    with house.room.store.transaction() as tx:
        tx.topic_hits.tell(
            "default", [TopicNews(topic_id, one, f"r-{one}", 12_300, house.room.now()) for one in call_ids]
        )


def told(house: House, server: TestMailServer) -> list[str]:
    """Subjects and what stands behind them."""
    before = len(server.mails)
    tell_topics(house.room)
    look_after_alerts(house.room)
    deliver_due(house.room)
    return [f"{one['Subject']}\n{one.get_body(('plain',)).get_content()}" for one in server.mails[before:]]


def test_calls_with_a_topic_are_told_at_once_then_together(house: House, mails: TestMailServer) -> None:
    topic = Topic("t1", "default", "Жалоба", "", "жалоба", True, True, 1, 1, "u", "U", NOON, NOON)
    off = replace(topic, id="t2", name="Тихая", alerts=False)
    with house.room.store.transaction() as tx:
        tx.topics.add(topic)
        tx.topics.add(off)
    assert told(house, mails) == []
    heard(house, "t1", "c1")
    heard(house, "t2", "c1")
    heard(house, "gone", "c1")
    [first] = told(house, mails)
    assert first.startswith("Фонотека: Прозвучала тема «Жалоба»\n")
    assert "В 1 новом звонке" in first
    assert told(house, mails) == []
    heard(house, "t1", "c2", "c3", "c3")
    assert told(house, mails) == []  # not so soon
    house.clock.pass_(minutes=6)
    [second] = told(house, mails)
    assert "В 2 новых звонках" in second
    house.clock.pass_(days=2)
    assert told(house, mails) == []  # no reminders, no all-clear
    assert open_alerts(house.room, house.admin) == ()
    assert len(find_alerts(house.room, house.admin).items) == 2
    auditor = replace(house.admin, role=Role.AUDITOR)
    assert find_alerts(house.room, auditor).items == ()
    assert house.room.now() - NOON > timedelta(days=2)
