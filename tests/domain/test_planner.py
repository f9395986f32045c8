"""The planner's arithmetic, against figures reckoned by hand."""

from __future__ import annotations

import math

import pytest

from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.planner import Workload, plan_room
from fonoteka.domain.profiles import PROFILES


def test_a_workload_by_hand() -> None:
    work = Workload(10, 14, 2, 5, 100, room_gb=1, price_per_gb=2)
    assert work.minutes_per_day == pytest.approx(200)
    rooms = {one.profile: one for one in plan_room(work)}
    assert list(rooms) == list(PROFILES)
    for name, one in rooms.items():
        a_day = 200 * PROFILES[name].bytes_per_minute
        assert one.bytes_per_day == pytest.approx(a_day)
        assert one.bytes_kept == pytest.approx(100 * a_day)
        assert one.price_per_month == pytest.approx(100 * a_day / 1e9 * 2)
        assert one.days_in_room == pytest.approx(1e9 / a_day)


def test_no_calls_fill_no_room() -> None:
    assert {one.days_in_room for one in plan_room(Workload(extensions=0, room_gb=5))} == {None}


@pytest.mark.parametrize("value", [-1.0, 1e30, math.nan, math.inf])
@pytest.mark.parametrize("field", ["extensions", "minutes_per_call", "days_per_week", "room_gb"])
def test_nonsense_is_refused_by_name(field: str, value: float) -> None:
    with pytest.raises(RequestInvalid) as refused:
        plan_room(Workload(**{field: value}))
    assert refused.value.field == field
