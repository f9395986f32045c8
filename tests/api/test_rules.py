"""Rules over REST: what is put in force decides, in versions, tried before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fonoteka.archive import register_call
from fonoteka.domain.call import CallOutcome
from tests import examples
from tests.api.conftest import Site, make_app, make_site, serve


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Site]:
    """A site whose rules nobody else changes."""
    made = make_site(tmp_path)
    for url in serve(make_app(made)):
        made.url = url
        yield made
    made.archive.store.close()


@pytest.fixture
def rest(own: Site) -> Iterator[httpx.Client]:
    """A client of it that carries the token."""
    with own.client() as made:
        yield made


def rule(name: str = "Sales", outcome: str = "record", **fields: Any) -> dict[str, Any]:
    """A rule as clients write it."""
    return {"name": name, "outcome": outcome, **fields}


def change(*rules: dict[str, Any], based_on_version: int = 0, default: str = "skip") -> dict[str, Any]:
    """The body of PUT /rules."""
    return {"based_on_version": based_on_version, "rules": list(rules), "default": default}


def test_rules_are_saved_read_and_undone(rest: httpx.Client) -> None:
    assert rest.get("/rules").json() == {
        "version": 0,
        "rules": [],
        "default": "record",
        "default_profile": "standard",
        "default_keep_days": None,
    }
    conditions = {
        "extensions": ["102", "101"],
        "directions": ["incoming"],
        "forwarded_outside": "only",
        "numbers": ["8 495 123-45-67", "+7800*"],
        "weekdays": [4, 0],
        "from_minute": 540,
        "until_minute": 1080,
        "share_percent": 50,
    }
    body = change(rule(conditions=conditions, keep_days=90), rule("Rest", "on_demand", enabled=False))
    saved = rest.put("/rules", json={**body, "note": "first"})
    assert saved.status_code == 200, saved.text
    first = saved.json()["rules"][0]
    assert saved.json()["version"] == 1
    assert first["conditions"] == {
        **conditions,
        "extensions": ["101", "102"],
        "numbers": ["+74951234567", "+7800*"],
        "weekdays": [0, 4],
        "group_ids": [],
        "newcomers": False,
    }
    assert first["id"]
    assert (first["keep_days"], first["keep_within_s"]) == (90, 600)
    assert rest.get("/rules").json() == saved.json()

    assert rest.put("/rules", json=change(based_on_version=1)).json()["rules"] == []
    history = rest.get("/rules/history", params={"limit": 10}).json()["items"]
    assert [one["rule_set"]["version"] for one in history] == [2, 1]
    assert (history[1]["note"], history[1]["author_name"]) == ("first", "tests")
    undone = rest.post("/rules/restore", json={"version": 1}).json()
    assert (undone["version"], undone["rules"]) == (3, saved.json()["rules"])


def test_a_program_that_knows_no_protection_does_not_lift_it(rest: httpx.Client) -> None:
    saved = rest.put("/rules", json=change(rule("Sales", keep_at_least_days=1825), rule("Rest"))).json()
    assert [one["keep_at_least_days"] for one in saved["rules"]] == [1825, None]
    rules = [{**one, "keep_days": 3650} for one in saved["rules"]]
    for one in rules:
        del one["keep_at_least_days"]
    again = rest.put("/rules", json=change(*rules, based_on_version=1)).json()
    assert [one["keep_at_least_days"] for one in again["rules"]] == [1825, None]
    lifted = [{**one, "keep_at_least_days": None} for one in again["rules"]]
    last = rest.put("/rules", json=change(*lifted, based_on_version=2)).json()
    assert [one["keep_at_least_days"] for one in last["rules"]] == [None, None]


def test_what_another_has_saved_is_not_overwritten(rest: httpx.Client) -> None:
    assert rest.put("/rules", json=change(rule())).status_code == 200
    late = rest.put("/rules", json=change(rule("Mine")))
    assert (late.status_code, late.json()["code"]) == (409, "version.conflict")
    assert rest.get("/rules").json()["rules"][0]["name"] == "Sales"


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (rule(conditions={"numbers": ["no number"]}), "rules.1.numbers"),
        (rule(conditions={"group_ids": ["gone"]}), "rules.1.group_ids"),
        (rule(name=""), "rules.1.name"),
        (rule(keep_days=0), "rules.1.keep_days"),
        (rule(profile="loud"), "rules.1.profile"),
        (rule(conditions={"share_percent": 0}), "rules.1.share_percent"),
        (rule(outcome="maybe"), "rules.1.outcome"),
        (rule(colour="red"), "rules.1.colour"),
        (rule(conditions={"extensions": ["\0"]}), "rules.1.conditions.extensions.0"),
    ],
)
def test_a_bad_rule_names_its_field(client: httpx.Client, bad: dict[str, Any], field: str) -> None:
    answer = client.put("/rules", json=change(rule(), bad))
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert client.get("/rules").json()["version"] == 0


def test_unknown_versions_and_huge_bodies_are_refused(client: httpx.Client) -> None:
    answer = client.post("/rules/restore", json={"version": 99})
    assert (answer.status_code, answer.json()["code"]) == (404, "rule.version_not_found")
    answer = client.put("/rules", content=b"[" * 20_000_000)
    assert (answer.status_code, answer.json()["field"]) == (422, "body")
    answer = client.put("/rules", content=(b" " * 1_000_000 for _ in range(20)))
    assert (answer.status_code, answer.json()["code"]) == (400, "request.refused")


def test_the_dry_run_tells_what_would_change(own: Site, rest: httpx.Client) -> None:
    at = datetime.now(UTC) - timedelta(days=1)
    for number in range(3):
        call = examples.call(
            started_at=at + timedelta(minutes=number),
            participants=examples.people(calling=f"10{number}", calling_name="Анна"),
        )
        register_call(own.archive, replace(call, outcome=CallOutcome.RECORDED))
    wanted = {"rules": [rule("Not 101", "skip", conditions={"extensions": ["101"]})], "default": "record"}
    found = rest.post("/rules/dry-run", json={"rule_set": wanted}).json()
    assert found["whole"]["calls"] == 3
    assert [one["calls"] for one in found["by_rule"]] == [1, 2]
    assert (found["would_stop"]["calls"], found["would_start"]["calls"], found["moved"]["calls"]) == (1, 0, 0)
    assert found["examples"][0]["calling"] == "Анна"
    assert (found["examples"][0]["old"]["outcome"], found["examples"][0]["new"]["rule_position"]) == (
        "record",
        1,
    )
    assert rest.get("/rules").json()["version"] == 0


def test_which_rule_decides_and_why_not_the_ones_before(rest: httpx.Client) -> None:
    rules = (
        rule("Incoming", conditions={"directions": ["incoming"]}),
        rule("101", "skip", conditions={"extensions": ["101"]}),
    )
    assert rest.put("/rules", json=change(*rules, default="record")).status_code == 200
    found = rest.get("/rules/which", params={"calling": "101", "called": "84951234567"}).json()
    assert (found["decision"]["rule_name"], found["decision"]["outcome"]) == ("101", "skip")
    assert found["passed"] == [{"position": 1, "name": "Incoming", "unfulfilled": ["directions"]}]
    assert found["facts"]["outside_numbers"] == ["+74951234567"]
    assert rest.get("/rules/which", params={"calling": "1" * 300, "called": ""}).status_code == 422
