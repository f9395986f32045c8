"""GET /calls and GET /calls/{id} over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from fonoteka.archive import count_hours
from fonoteka.domain.direction import Direction
from tests.api.calls import NOON, make_call, register, shelve
from tests.api.conftest import Site


def found(client: httpx.Client, **query: object) -> list[str]:
    """The ids that a query finds, all pages read on."""
    ids: list[str] = []
    page = client.get("/calls", params=query).raise_for_status().json()
    ids.extend(item["id"] for item in page["items"])
    while page["next"] is not None:
        page = client.get("/calls", params={**query, "cursor": page["next"]}).raise_for_status().json()
        ids.extend(item["id"] for item in page["items"])
    return ids


def test_a_call_with_everything_about_it(site: Site, client: httpx.Client) -> None:
    call = make_call()
    recording = shelve(site.archive, call, b"sound" * 100)
    answer = client.get(f"/calls/{call.id}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["started_at"] == "2026-03-02T12:00:00.250000Z"
    assert (body["direction"], body["duration_ms"], body["source"]) == ("outgoing", 61_000, "siprec")
    assert body["participants"][0] == {
        "id": "0",
        "party": "calling",
        "number": "101",
        "name": "Анна Котова",
        "aor": "sip:101@pbx.example.com",
    }
    (shown,) = body["recordings"]
    assert shown["id"] == recording.id
    assert (shown["state"], shown["size_bytes"], shown["duration_ms"]) == ("ready", 500, 61_000)
    assert len(shown["sha256"]) == 64
    assert shown["strip"] == "1" * 45 + "." + "f" * 45
    assert [track["party"] for track in shown["tracks"]] == ["calling", "called"]
    assert shown["tracks"][0]["lost_packets"] == 2
    assert client.get(f"/recordings/{recording.id}").json() == shown
    assert "tenant_id" not in answer.text
    assert "object_key" not in answer.text


def test_the_list_shows_the_same_call(site: Site, client: httpx.Client) -> None:
    call = make_call(called="+78120000001")
    register(site.archive, call)
    page = client.get("/calls", params={"number": "8120000001"}).json()
    assert page["items"] == [client.get(f"/calls/{call.id}").json()]
    assert page["next"] is None
    assert set(page["gists"]) == {call.id}
    assert page["items"][0]["recordings"][0]["state"] == "processing"


def test_newest_first_and_page_by_page(site: Site, client: httpx.Client) -> None:
    calls = [
        make_call(called="+78120000002", started_at=NOON + timedelta(minutes=minute)) for minute in range(7)
    ]
    for call in calls:
        register(site.archive, call)
    newest_first = [call.id for call in reversed(calls)]
    assert found(client, number="8120000002") == newest_first
    assert found(client, number="8120000002", limit=2) == newest_first
    assert found(client, number="8120000002", limit=7) == newest_first


def test_since_is_inclusive_and_until_is_not(site: Site, client: httpx.Client) -> None:
    calls = [
        make_call(called="+78120000003", started_at=NOON + timedelta(minutes=minute)) for minute in range(3)
    ]
    for call in calls:
        register(site.archive, call)
    shown = [client.get(f"/calls/{call.id}").json()["started_at"] for call in calls]
    ids = [call.id for call in calls]
    assert found(client, number="8120000003", since=shown[1]) == [ids[2], ids[1]]
    assert found(client, number="8120000003", until=shown[1]) == [ids[0]]
    assert found(client, number="8120000003", since=shown[1], until=shown[2]) == [ids[1]]
    moscow = (NOON + timedelta(minutes=1, hours=3)).replace(tzinfo=None).isoformat() + "+03:00"
    assert found(client, number="8120000003", since=moscow) == [ids[2], ids[1]]


def test_direction_and_name_filter(site: Site, client: httpx.Client) -> None:
    incoming = make_call("+78120000004", "102", direction=Direction.INCOMING)
    outgoing = make_call("102", "+78120000004", direction=Direction.OUTGOING)
    for call in (incoming, outgoing):
        register(site.archive, call)
    assert found(client, number="8120000004", direction="incoming") == [incoming.id]
    assert found(client, number="8120000004", direction="outgoing") == [outgoing.id]
    assert outgoing.id in found(client, number="Котова", limit=200)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("since=yesterday", "since"),
        ("since=", "since"),
        ("since=2026-03-02", "since"),
        ("since=2026-03-02T12:00:00", "since"),
        ("since=1772452800", "since"),
        ("since=2026-03-02T12:00:00+03:00", "since"),  # an unescaped + arrives as a space
        ("since=2026-02-30T12:00:00Z", "since"),
        ("until=0001-01-01T00:00:00%2B23:59", "until"),
        ("until=9999-12-31T23:59:59-23:59", "until"),
        ("until=2026-03-02T12:00:00Z&since=2026-03-02T12:00:01Z", "until"),
        ("direction=sideways", "direction"),
        ("direction=", "direction"),
        ("number=" + "1" * 101, "number"),
        ("number=1%002", "number"),
        ("number=1%0A2", "number"),
        ("cursor=nonsense", "cursor"),
        ("cursor=", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=" + "A" * 5000, "cursor"),
        ("nubmer=101", "nubmer"),
        ("limit=5&limit=6", "limit"),
        ("number=1&number=1", "number"),
    ],
)
def test_a_bad_parameter_is_named(client: httpx.Client, query: str, field: str) -> None:
    answer = client.get(f"/calls?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["code"], body["field"]) == ("request.invalid", field)
    assert body["errors"][0]["field"] == field


def test_every_bad_parameter_is_listed(client: httpx.Client) -> None:
    body = client.get("/calls?limit=0&direction=up").json()
    assert {(one["field"], one["in"]) for one in body["errors"]} == {
        ("limit", "query"),
        ("direction", "query"),
    }


@pytest.mark.parametrize(
    "call_id",
    [
        "unknown",
        "01957a3c-5f2a-7c41-9a52-6f0d3b1e8c77",
        "%00",
        "%FF%FE",
        "..%2F..",
        "a%0Ab",
        "x" * 5000,
        "é",
        "'",
    ],
)
def test_any_unknown_id_is_404(client: httpx.Client, call_id: str) -> None:
    answer = client.get(f"/calls/{call_id}")
    assert answer.status_code == 404
    assert answer.json()["code"] in ("call.not_found", "route.not_found")


def test_filters_of_what_is_rare_and_orders(client: httpx.Client, site: Site) -> None:
    number = "+78120000077"
    made = [replace(make_call(number, "101"), duration_ms=ms) for ms in (5_000, 65_000, 3_600_000)]
    for one in made:
        shelve(site.archive, one, b"OggS" * 100)
    short, middle, long = (one.id for one in made)
    asked = {"number": "8 (812) 000-00-77 101"}
    assert found(client, **asked, sort="longest") == [long, middle, short]
    assert found(client, **asked, sort="longest", limit=1) == [long, middle, short]
    assert found(client, **asked, duration_min_s=60, duration_max_s=70) == [middle]
    assert set(found(client, **asked, source="siprec")) == {short, middle, long}
    assert found(client, **asked, source="upload") == []
    assert found(client, **asked, held=True) == found(client, **asked, rule="~") == []
    assert found(client, **asked, state="failed") == found(client, **asked, mark_min=1) == []
    assert found(client, number=f"{number} #unknown") == []
    counted = client.get("/calls/count", params={**asked, "duration_max_s": 70}).json()
    assert counted == {"calls": 2, "duration_ms": 70_000, "is_exact": True}


@pytest.mark.parametrize(
    "wrong",
    [
        {"duration_min_s": -1},
        {"duration_min_s": 2, "duration_max_s": 1},
        {"mark_min": 5, "mark_max": 1},
        {"number": "x " * 11},
        {"state": "lost"},
        {"sort": "loudest"},
        {"since": "2026-05-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"sort": "longest", "cursor": "MToxOjAxOTU3YTNjLTVmMmEtN2M0MS05YTUyLTZmMGQzYjFlOGM3Nw"},
    ],
)
def test_filters_that_make_no_sense_are_named(client: httpx.Client, wrong: dict[str, object]) -> None:
    answer = client.get("/calls", params=wrong)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "request.invalid"


def test_first_time_callers_at_an_hour_of_a_weekday(site: Site, client: httpx.Client) -> None:
    """The figures of an overview, by the same filters as the page's."""
    monday, known, new = NOON - timedelta(days=28), "+78125550001", "+78125550002"
    for number, at in (
        (known, monday - timedelta(days=1)),
        (known, monday),  # 12:00 UTC, 15:00 in Moscow
        (new, monday + timedelta(minutes=1)),
        (new, monday + timedelta(hours=1)),
        (new, monday + timedelta(days=1)),
    ):
        call = make_call(calling=number, called="101", started_at=at, direction=Direction.INCOMING)
        register(site.archive, call)
    count_hours(site.archive)
    week = {
        "since": (monday - timedelta(hours=12)).isoformat(),
        "until": (monday + timedelta(days=6, hours=12)).isoformat(),
        "number": "812555000",
    }
    assert len(found(client, **week)) == 4
    assert len(found(client, **week, weekday=0)) == 3
    assert len(found(client, **week, weekday=0, hour=15, zone="Europe/Moscow")) == 2
    assert len(found(client, **week, hour=12, callers="new")) == 2
    assert len(found(client, **week, weekday=1, hour=12, callers="known")) == 0
    assert len(found(client, **week, callers="known")) == 1
    counted = client.get("/calls/count", params={**week, "weekday": 0, "callers": "new"})
    assert counted.raise_for_status().json()["calls"] == 2


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"callers": "new"}, "callers"),
        ({"hour": 3}, "weekday"),
        ({"weekday": 3, "since": "2026-01-01T00:00:00Z"}, "weekday"),
        ({"weekday": 3, "since": "2020-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "weekday"),
        ({"hour": 3, "zone": "Mars/Base"}, "zone"),
        ({"hour": 24}, "hour"),
        ({"weekday": -1}, "weekday"),
    ],
)
def test_filters_that_mean_nothing_are_told(
    client: httpx.Client, asked: dict[str, object], field: str
) -> None:
    answer = client.get("/calls", params=asked)
    assert answer.status_code in (400, 422)
    assert answer.json()["errors"][0]["field"] == field


def test_unmarked_calls_and_several_groups(site: Site, client: httpx.Client) -> None:
    calls = [make_call(called=f"+7812777000{n}", calling=f"70{n}") for n in range(3)]
    for one in calls:
        register(site.archive, one)
    for n in range(2):
        client.post("/extensions", json={"number": f"70{n}"}).raise_for_status()
    groups = [
        client.post("/groups", json={"name": f"Several {n}", "members": [f"70{n}"]}).json() for n in range(2)
    ]
    ids = ",".join(one["id"] for one in groups)
    assert sorted(found(client, number="812777000", group=ids)) == sorted(one.id for one in calls[:2])
    assert len(found(client, number="812777000", group=f"{ids},~")) == 3
    client.put(f"/calls/{calls[0].id}/mark", json={"mark": 3}).raise_for_status()
    assert len(found(client, number="812777000", unmarked="true")) == 2
