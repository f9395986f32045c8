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
