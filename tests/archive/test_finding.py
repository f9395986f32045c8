"""Lists of calls: complete and stable pages, clear answers to bad questions."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from fonoteka.archive import Archive, count_calls, find_calls, get_call, neighbours, register_call
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import CallNotFound, FonotekaError, RequestInvalid
from fonoteka.domain.ids import new_id
from fonoteka.domain.query import CallQuery, CallTotals
from tests.examples import NOON, actor, call, people


def test_pages_are_complete_and_stable_while_calls_arrive(archive: Archive) -> None:
    chance = random.Random(7)
    first = [call(started_at=NOON + timedelta(minutes=chance.randrange(30))) for _ in range(53)]
    for one in first:
        register_call(archive, one)
    seen: list[str] = []
    cursor = None
    while True:
        page = find_calls(archive, actor(), CallQuery(), cursor, limit=10)
        seen += [one.id for one in page.items]
        if page.next is None:
            break
        cursor = page.next
        # New calls, and old ones that took long to end and arrive in the middle.
        register_call(archive, call(started_at=NOON + timedelta(minutes=60)))
        register_call(archive, call(started_at=NOON + timedelta(minutes=chance.randrange(30))))
    assert len(seen) == len(set(seen))
    assert {one.id for one in first} <= set(seen)
    order = {one.id: (one.started_at, one.id) for one in first}
    kept = [order[id_] for id_ in seen if id_ in order]
    assert kept == sorted(kept, reverse=True)


def test_a_full_last_page_has_no_next(archive: Archive) -> None:
    for _ in range(4):
        register_call(archive, call())
    page = find_calls(archive, actor(), CallQuery(), limit=2)
    assert page.next is not None
    last = find_calls(archive, actor(), CallQuery(), page.next, limit=2)
    assert (len(last.items), last.next) == (2, None)
    assert find_calls(archive, actor(), CallQuery(number="nobody")).items == ()


def test_totals_and_neighbours_follow_the_query(archive: Archive) -> None:
    some = [
        call(
            started_at=NOON + timedelta(minutes=n),
            direction=Direction.INCOMING if n % 2 else Direction.OUTGOING,
            participants=people(calling_name="Ёжик" if n != 4 else ""),
        )
        for n in range(6)
    ]
    for one in some:
        register_call(archive, one)
    ids = [one.id for one in some]
    assert count_calls(archive, actor(), CallQuery()) == CallTotals(6, 6 * 61_000)
    assert count_calls(archive, actor(), CallQuery(number="ежик")) == CallTotals(5, 5 * 61_000)
    assert neighbours(archive, actor(), ids[2], CallQuery()) == (ids[3], ids[1])
    assert neighbours(archive, actor(), ids[2], CallQuery(direction=Direction.OUTGOING)) == (ids[4], ids[0])
    assert neighbours(archive, actor(), ids[2], CallQuery(number="ёжик", direction=Direction.OUTGOING)) == (
        None,
        ids[0],
    )
    assert neighbours(archive, actor(), ids[5], CallQuery()) == (None, ids[4])
    assert neighbours(archive, actor(), ids[0], CallQuery()) == (ids[1], None)


@pytest.mark.parametrize(
    ("query", "cursor", "limit", "field"),
    [
        (CallQuery(), "nonsense", 50, "cursor"),
        (CallQuery(), "", 50, "cursor"),
        (CallQuery(), None, 0, "limit"),
        (CallQuery(), None, 201, "limit"),
        (CallQuery(), None, -1, "limit"),
        (CallQuery(since=datetime(2026, 1, 1)), None, 50, "since"),  # noqa: DTZ001
        (CallQuery(until=datetime(2026, 1, 1)), None, 50, "until"),  # noqa: DTZ001
        (CallQuery(number="7" * 201), None, 50, "number"),
    ],
)
def test_bad_questions_name_their_field(
    archive: Archive, query: CallQuery, cursor: str | None, limit: int, field: str
) -> None:
    with pytest.raises(RequestInvalid) as caught:
        find_calls(archive, actor(), query, cursor, limit)
    assert caught.value.field == field


@pytest.mark.parametrize("call_id", ["", "x", "../x", "\0", "é" * 500, new_id(), new_id().upper()])
def test_unknown_ids_are_not_found(archive: Archive, call_id: str) -> None:
    register_call(archive, call())
    asks = (
        lambda: get_call(archive, actor(), call_id),
        lambda: neighbours(archive, actor(), call_id, CallQuery()),
    )
    for ask in asks:
        with pytest.raises(CallNotFound) as caught:
            ask()
        assert isinstance(caught.value, FonotekaError)
