"""Calls that are worth hearing, each with its reasons, and nobody's but one's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from fonoteka.archive import Archive, mark_call
from fonoteka.archive.insights import usual_talk, worth_hearing
from fonoteka.domain.access import Permission
from fonoteka.domain.report import Days
from fonoteka.domain.topics import Speaker, TopicHit
from fonoteka.domain.worth import Reason, Why
from tests.archive.conversations import a_topic, add, agent_of, figures_of, plain_call
from tests.examples import actor


def test_calls_worth_hearing_come_with_their_reasons(people: Archive) -> None:
    days = Days(date(2026, 3, 20), date(2026, 3, 31))
    at = datetime(2026, 3, 25, 9, tzinfo=UTC)
    for place in range(25):
        add(people, plain_call("101", at + timedelta(minutes=place)), figures_of())
    silent, long_, unusual, marked, other = (
        plain_call(number, at + timedelta(hours=place))
        for place, number in enumerate(("101", "102", "101", "101", "103"), 1)
    )
    add(people, silent, figures_of(silence_ms=90_000))
    add(people, long_, figures_of(monologue_ms=150_000))
    add(people, unusual, figures_of(monologue_ms=75_000))
    add(people, marked, figures_of())
    add(people, other, figures_of(silence_ms=41_000))
    mark_call(people, actor(), marked.id, 1, "")
    page = worth_hearing(people, actor(), days)
    whys = {one.call.id: one.whys for one in page.items}
    assert whys.keys() == {one.id for one in (silent, long_, unusual, marked, other)}
    assert [one.reason for one in whys[silent.id]] == [Reason.LONG_SILENCE]
    assert (whys[silent.id][0].value, whys[silent.id][0].at_ms) == (90_000, 5_000)
    assert whys[silent.id][0].usual == pytest.approx(2_000, rel=0.25)
    assert {one.reason for one in whys[long_.id]} == {Reason.MONOLOGUE, Reason.LISTENS_LITTLE}
    assert whys[long_.id][0].usual is None  # one call makes nothing usual
    assert [one.reason for one in whys[unusual.id]] == [Reason.LISTENS_LITTLE, Reason.UNUSUAL_MONOLOGUE]
    assert [one.reason for one in whys[marked.id]] == [Reason.LOW_MARK]
    assert [one.weight for one in page.items] == sorted((one.weight for one in page.items), reverse=True)
    # Nobody is told, nor counted, what is not theirs.
    own = worth_hearing(people, agent_of("103"), days)
    assert ([one.call.id for one in own.items], own.found) == ([other.id], 1)
    assert not worth_hearing(people, agent_of("104"), days).found
    assert {one.call.id for one in worth_hearing(people, actor(), days, agent="102").items} == {long_.id}
    assert {one.call.id for one in worth_hearing(people, actor(), days, "g2").items} == {other.id}
    assert not worth_hearing(people, actor("other"), days).found
    usual = usual_talk(people, agent_of("101"), silent.recordings[0].id)
    assert usual is not None
    assert usual.talks == 28
    assert usual_talk(people, agent_of("103"), silent.recordings[0].id) is None
    assert usual_talk(people, actor("other"), silent.recordings[0].id) is None


def test_a_topic_that_alerts_makes_a_call_worth_hearing(people: Archive) -> None:
    days = Days(date(2026, 3, 20), date(2026, 3, 31))
    at = datetime(2026, 3, 25, 9, tzinfo=UTC)
    with people.store.transaction() as tx:
        tx.topics.add(replace(a_topic("court", at), alerts=True))
        tx.topics.add(a_topic("greeting", at))
    both, greeted, theirs = (
        plain_call(number, at + timedelta(hours=place)) for place, number in enumerate(("101", "101", "103"))
    )
    for one, names in (
        (both, ("court", "court", "greeting")),
        (greeted, ("greeting",)),
        (theirs, ("court",)),
    ):
        add(people, one, figures_of())
        hits = [
            TopicHit(name, 1, 0, Speaker.ANYONE, place * 1_000, place * 1_000 + 500, name)
            for place, name in enumerate(names, 3)
        ]
        with people.store.transaction() as tx:
            tx.topic_hits.save("default", one.id, one.recordings[0].id, 1, hits)
    whys = {one.call.id: one.whys for one in worth_hearing(people, actor(), days).items}
    assert whys.keys() == {both.id, theirs.id}
    assert whys[both.id] == (Why(Reason.TOPIC, 2, 3_000, name="court"),)
    own = worth_hearing(people, agent_of("103"), days)
    assert ([one.call.id for one in own.items], own.found) == ([theirs.id], 1)
    assert [one.call.id for one in worth_hearing(people, actor(), days, agent="101").items] == [both.id]
    deaf = replace(actor(), permissions=frozenset({Permission.CALL_SEE}))
    assert not worth_hearing(people, deaf, days).found
