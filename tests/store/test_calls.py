"""Finding calls: by number in any notation, by name, in pages, and cheaply."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text

from fonoteka.domain.call import Call, CallOutcome
from fonoteka.domain.direction import Direction
from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.ids import new_id
from fonoteka.domain.query import CallQuery, CallTotals
from fonoteka.store import Position, Store
from tests.examples import NOON, call, people, recording, two_tracks

LEDGER = CallQuery(outcomes=frozenset(CallOutcome), include_unheard=True)


def save(store: Store, *some: Call) -> None:
    with store.transaction() as tx:
        for one in some:
            tx.calls.add(one)
            for each in one.recordings:
                tx.recordings.add(each)


def found(store: Store, number: str) -> bool:
    with store.reading() as tx:
        return bool(tx.calls.page("default", CallQuery(number=number), None, 9))


NOTATIONS = [
    "+74951234567",
    "8 (495) 123-45-67",
    "8(495)1234567",
    "7 495 123 45 67",
    "84951234567",
    "8495",
    "7495",
    "+7495123",
    "495-12",
    "1234567",
    "67",
    " +7 (495) 123-45-67 ",
    "tel:+7-495-123-45-67",
    "sip:+74951234567@10.0.0.1:5060",
    "８（４９５）１２３－４５－６７",
    "٧٤٩٥١٢٣٤٥٦٧",
]


@pytest.mark.parametrize("stored", ["+74951234567", "84951234567", "8 (495) 123-45-67", "74951234567"])
def test_a_number_is_found_in_any_notation(store: Store, stored: str) -> None:
    save(store, call(participants=people("101", stored)))
    assert [asked for asked in NOTATIONS if not found(store, asked)] == []


def test_a_number_without_the_prefix_is_found_by_the_whole_one(store: Store) -> None:
    save(store, call(participants=people("101", "4951234567")))
    asked = ["+7 495 123-45-67", "84951234567", "4951234567", "1234567"]
    assert [one for one in asked if not found(store, one)] == []


def test_another_number_is_not_found(store: Store) -> None:
    save(store, call(participants=people("101", "+74951234567")))
    others = ["84951234568", "+14951234567", "94951234567", "7 8", "101 496"]
    signs = ["%", "_", "4951_34567", "49%67", "\\", "'", "\0"]
    assert [asked for asked in others + signs if found(store, asked)] == []


NAMES = [
    ("Алёна Щукина", "щУКИН"),
    ("Алёна Щукина", "АЛЕНА"),
    ("Алена Щукина", "алён"),
    ("ЁЛКИНА", "ёлкина"),
    ("Straße", "STRASSE"),
    ("Сергей", "Сергеи\u0306"),
    ("100% wool_ltd", "0% WOOL_"),
    ("O'Neil \\ Co/x", "o'neil \\ co/X"),
    ("Отдел 7", "отдел 7"),
]


def test_a_name_is_found_whatever_its_case(store: Store) -> None:
    for number, (name, asked) in enumerate(NAMES):
        tenant_id = f"t{number}"
        one = call(tenant_id=tenant_id, participants=people(calling_name=name))
        save(store, one)
        with store.reading() as tx:
            assert tx.calls.page(tenant_id, CallQuery(number=asked), None, 9) == (one,), (name, asked)


def test_wildcards_are_plain_signs(store: Store) -> None:
    save(store, call(participants=people(calling_name="100% wool_ltd", called_name="Отдел 7")))
    asked = ["100_", "10%w", "wool-ltd", '"Отдел 8"']
    assert [one for one in asked if found(store, one)] == []


def test_an_address_with_letters_is_found_as_a_name(store: Store) -> None:
    save(store, call(participants=people("Reception.Desk2", "102")))
    assert found(store, "reception")
    assert found(store, "sip:RECEPTION.desk2@pbx")
    assert not found(store, "sip:else@reception")


def test_a_row_is_given_to_its_own_tenant_alone(store: Store) -> None:
    one = call()
    save(store, one)
    with store.reading() as tx:
        assert tx.calls.get("default", one.id) == one
        assert tx.calls.get("other", one.id) is None
        assert tx.recordings.get("default", one.recordings[0].id) == one.recordings[0]
        assert tx.recordings.get("other", one.recordings[0].id) is None


def test_every_filter_narrows(store: Store) -> None:
    early = call(started_at=NOON - timedelta(hours=1), direction=Direction.INCOMING, duration_ms=1000)
    late = call(started_at=NOON, direction=Direction.OUTGOING, duration_ms=2000)
    silent = call(started_at=NOON + timedelta(hours=1), participants=(), recordings=())
    save(store, early, late, silent)
    whole = [silent.id, late.id, early.id]
    table: list[tuple[CallQuery, list[str]]] = [
        (CallQuery(), whole),
        (CallQuery(number="   "), whole),
        (CallQuery(since=NOON), [silent.id, late.id]),
        (CallQuery(until=NOON), [early.id]),
        (CallQuery(since=NOON, until=NOON + timedelta(microseconds=1)), [late.id]),
        (CallQuery(direction=Direction.INCOMING), [early.id]),
        (CallQuery(direction=Direction.INTERNAL), []),
        (CallQuery(number="101", until=NOON), [early.id]),
    ]
    with store.reading() as tx:
        for query, ids in table:
            assert [one.id for one in tx.calls.page("default", query, None, 9)] == ids, query
            assert tx.calls.totals("default", query).calls == len(ids)
        assert tx.calls.totals("default", CallQuery(until=NOON + timedelta(1), number="101")) == CallTotals(
            2, 3000
        )
        assert tx.calls.page("other", CallQuery(), None, 9) == ()
        assert tx.calls.totals("other", CallQuery()) == CallTotals(0, 0)


def test_calls_of_one_instant_are_parted_by_id(store: Store) -> None:
    same = sorted((call(started_at=NOON) for _ in range(7)), key=lambda one: one.id, reverse=True)
    save(store, *same)
    seen: list[str] = []
    after = None
    with store.reading() as tx:
        while page := tx.calls.page("default", CallQuery(), after, 3):
            seen += [one.id for one in page]
            after = Position.of_cursor(Position(page[-1].started_at, page[-1].id).cursor())
        assert seen == [one.id for one in same]
        place = Position(NOON, same[3].id)
        assert tx.calls.newer("default", CallQuery(), place) == same[2].id
        assert tx.calls.older("default", CallQuery(), place) == same[4].id
        assert tx.calls.newer("default", CallQuery(), Position(NOON, same[0].id)) is None
        assert tx.calls.older("default", CallQuery(), Position(NOON, same[6].id)) is None


SOME_ID = "01a20367-a58e-7eb6-9478-16f8b654aa7f"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%%%",
        "MTo",
        "é",
        "\0",
        "A" * 129,
        Position(NOON, SOME_ID).cursor()[:-2],
        Position(NOON, "not-an-id").cursor(),
        Position(NOON, SOME_ID.upper()).cursor(),
        "MTo5OTk5OTk5OTk5OTk5OTk5OTk6MDFhMjAzNjctYTU4ZS03ZWI2LTk0NzgtMTZmOGI2NTRhYTdm",
    ],
)
def test_a_cursor_that_no_page_gave_is_refused(cursor: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        Position.of_cursor(cursor)
    assert caught.value.field == "cursor"


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """What is sent to any database meanwhile."""
    sent: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        sent.append((arguments[2], arguments[3]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_a_page_takes_as_many_queries_as_one_call(store: Store) -> None:
    some = [call() for _ in range(50)]
    save(store, *some)
    counts = []
    for limit in (1, 50):
        with statements() as sent, store.reading() as tx:
            assert len(tx.calls.page("default", CallQuery(), None, limit)) == limit
        counts.append(sum("SELECT" in statement for statement, _ in sent))
    assert counts == [4, 4]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (CallQuery(), "ix_calls_listed"),
        (CallQuery(since=NOON), "ix_calls_listed"),
        (CallQuery(direction=Direction.INTERNAL), "ix_calls_listed_of_direction"),
        (LEDGER, "ix_calls_newest"),
    ],
)
@pytest.mark.parametrize("after", [None, Position(NOON + timedelta(hours=1), new_id())])
def test_the_newest_page_is_read_from_an_index(
    store: Store, database_url: str, query: CallQuery, index: str, after: Position | None
) -> None:
    outcomes = [CallOutcome.RECORDED, *[CallOutcome.SKIPPED] * 19]
    started = [NOON + timedelta(minutes=n) for n in range(120)]
    save(store, *(call(started_at=at, outcome=outcomes[n % 20]) for n, at in enumerate(started)))
    with statements() as sent, store.reading() as tx:
        tx.calls.page("default", query, after, 50)
    statement, parameters = next(one for one in sent if "FROM calls" in one[0])
    plan = explain(database_url, statement, parameters)
    assert f" {index} " in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def explain(url: str, statement: str, parameters: Any) -> str:
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        else:
            connection.execute(text("ANALYZE calls"))
            connection.execute(
                text("SET LOCAL enable_seqscan = off")
            )  # the table is too small for its own good
            connection.execute(text("SET LOCAL enable_bitmapscan = off"))
            rows = connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", parameters).all()
    engine.dispose()
    return " ".join(str(row) for row in rows)


def test_tracks_and_recordings_of_a_page_are_its_own(store: Store) -> None:
    ids = [new_id() for _ in range(3)]
    some = [
        call(
            id=one,
            started_at=NOON + timedelta(minutes=n),
            recordings=tuple(recording(one, tracks=two_tracks()[:n]) for _ in range(n)),
        )
        for n, one in enumerate(ids)
    ]
    save(store, *some)
    with store.reading() as tx:
        page = tx.calls.page("default", CallQuery(), None, 9)
    assert [len(one.recordings) for one in page] == [2, 1, 0]
    assert [[len(each.tracks) for each in one.recordings] for one in page] == [[2, 2], [1], []]
    assert {each.call_id for one in page for each in one.recordings} == set(ids[1:])
