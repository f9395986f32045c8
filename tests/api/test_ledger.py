"""The ledger over REST: every call and what became of it, and the shares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fonoteka.archive import register_call
from fonoteka.domain.call import CallOutcome
from tests import examples
from tests.api.conftest import make_app, make_site, serve


@pytest.fixture
def rest(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a site with a recorded, a skipped and a missing call."""
    made = make_site(tmp_path)
    for outcome in (CallOutcome.RECORDED, CallOutcome.SKIPPED, CallOutcome.MISSING):
        recordings = {} if outcome is CallOutcome.RECORDED else {"recordings": ()}
        register_call(made.archive, examples.call(outcome=outcome, reason=f"it is {outcome}", **recordings))
    for url in serve(make_app(made)):
        made.url = url
        with made.client() as client:
            yield client
    made.archive.store.close()


def test_the_ledger_lists_calls_without_a_recording(rest: httpx.Client) -> None:
    found = rest.get("/ledger").json()["items"]
    assert {one["outcome"] for one in found} == {"recorded", "skipped", "missing"}
    (missing,) = rest.get("/ledger", params={"outcome": "missing"}).json()["items"]
    assert missing["reason"] == "it is missing"
    assert len(rest.get("/calls").json()["items"]) == 1


def test_shares_count_what_was_wanted(rest: httpx.Client) -> None:
    span = {"since": "2026-04-20T00:00:00Z", "until": "2026-04-30T00:00:00Z"}
    (day,) = rest.get("/ledger/shares", params=span).json()["items"]
    assert (day["day"], day["calls"], day["wanted"], day["recorded_share"]) == ("2026-04-24", 3, 2, 0.5)
    assert day["outcomes"] == {"recorded": 1, "skipped": 1, "missing": 1}
    (nobody,) = rest.get("/ledger/shares", params={**span, "by": "extension"}).json()["items"]
    assert (nobody["subject_id"], nobody["calls"]) == ("", 3)
    backwards = {"since": span["until"], "until": span["since"]}
    assert rest.get("/ledger/shares", params=backwards).json()["field"] == "until"
    assert rest.get("/ledger/shares").status_code == 422


EXPECTED = {
    "external_id": "1777032000.17",
    "started_at": "2026-04-24T12:30:00Z",
    "duration_ms": 30_000,
    "calling": {"number": "+79161234567", "name": "Анна"},
    "called": {"number": "101"},
}


def test_any_pbx_may_tell_of_a_call(rest: httpx.Client) -> None:
    answer = rest.post("/ledger/expected", json=EXPECTED)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("outcome", "known")} == {
        "outcome": "expected",
        "known": False,
    }
    again = rest.post("/ledger/expected", json={**EXPECTED, "connected": [{"number": "102"}]}).json()
    assert again == {"call_id": answer.json()["call_id"], "outcome": "expected", "known": True}
    (one,) = rest.get("/ledger", params={"outcome": "expected"}).json()["items"]
    assert [each["number"] for each in one["participants"]] == ["+79161234567", "101", "102"]
    assert (one["source"], one["external_id"], one["id"]) == (
        "announced",
        EXPECTED["external_id"],
        again["call_id"],
    )
    recorded = examples.call()
    same = {**EXPECTED, "external_id": "x", "started_at": recorded.started_at.isoformat(), "answered": False}
    same |= {"calling": {"number": "101"}, "called": {"number": "84951234567"}}
    assert rest.post("/ledger/expected", json=same).json()["known"], "by its numbers and its time"
    assert len(rest.get("/ledger").json()["items"]) == 4


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"external_id": ""}, 422),
        ({"external_id": "x" * 300}, 422),
        ({"started_at": "1970-01-01T00:00:00Z"}, 422),
        ({"started_at": "2026-04-24T12:30:00"}, 422),
        ({"duration_ms": -1}, 422),
        ({"calling": {"number": "1" * 200}}, 422),
        ({"tenant_id": "theirs"}, 422),
    ],
)
def test_a_call_that_cannot_have_been_is_refused(
    rest: httpx.Client, wrong: dict[str, object], status: int
) -> None:
    assert rest.post("/ledger/expected", json={**EXPECTED, **wrong}).status_code == status
    assert len(rest.get("/ledger").json()["items"]) == 3


def test_calls_are_found_by_what_became_of_them(rest: httpx.Client) -> None:
    def found(**params: str) -> list[str]:
        answer = rest.get("/calls", params=params)
        assert answer.status_code == 200, answer.text
        return sorted(one["outcome"] for one in answer.json()["items"])

    assert found(outcome="any") == ["missing", "recorded", "skipped"]
    assert found(outcome="lacking") == ["missing"]
    assert found(outcome="unwanted", extension="~") == ["skipped"]
    assert found(outcome="any", extension="101") == [], "no extension of ours has that number"
    assert found(outcome="any", group="~") == ["missing", "recorded", "skipped"]
    assert rest.get("/calls", params={"outcome": "moon"}).status_code == 422
    assert rest.get("/calls", params={"unheard": "true"}).json()["items"] == []
