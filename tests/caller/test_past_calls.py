"""The calls of a demo's last weeks look like those of a company."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fonoteka.caller import TEAMS, WEEKS, past_calls
from fonoteka.domain.direction import Direction

NOW = datetime(2026, 11, 29, 15, 0, tzinfo=ZoneInfo("Europe/Moscow"))
OURS = {one.number for team in TEAMS.values() for one in team}


def test_a_company_of_some_weeks() -> None:
    calls = list(past_calls(1000, NOW))
    assert calls == list(past_calls(1000, NOW)), "the same each time"
    assert [one.started_at for one in calls] == sorted(one.started_at for one in calls)
    assert NOW - timedelta(weeks=WEEKS) < calls[0].started_at < calls[-1].started_at < NOW
    assert {one.started_at.hour for one in calls} == set(range(8, 21))
    assert sum(one.started_at.weekday() >= 5 for one in calls) < 100
    ours_of = {
        Direction.INCOMING: lambda one: {one.called.number},
        Direction.OUTGOING: lambda one: {one.calling.number},
        Direction.INTERNAL: lambda one: {one.called.number, one.calling.number},
    }
    for one in calls:
        assert {one.calling.number, one.called.number} & OURS == ours_of[one.direction](one)
    assert set(Counter(one.direction for one in calls)) == set(ours_of)
    outside = Counter(
        {one.calling.number, one.called.number}.difference(OURS).pop()
        for one in calls
        if one.direction is not Direction.INTERNAL
    )
    assert sum(count > 1 for count in outside.values()) > 30, "some call again"
    assert sum(count == 1 for count in outside.values()) > 100, "others once"
    assert 50 < sum(one.is_missed for one in calls) < 200


def test_slow_talkers_take_longer() -> None:
    quick, slow = (
        next(one for one in past_calls(200, NOW) if one.dialogue.name == "order" and one.slowness == slowness)
        for slowness in (0.6, 5.0)
    )
    assert slow.audio().duration_s > quick.audio().duration_s + 5
