"""Plan, terms, bin and holds over REST, end to end on one recording."""

from __future__ import annotations

from typing import Any

import httpx

from fonoteka.archive import sweep_retention
from tests.api.calls import make_call, shelve
from tests.api.conftest import Site


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_hold_protects_until_it_is_released(site: Site, client: httpx.Client) -> None:
    one = make_call()
    recording = shelve(site.archive, one, b"sound")
    asked = {"case_name": "Иск 7", "reason": "суд", "call_ids": [one.id]}
    placed = client.post("/holds", json=asked)
    assert (placed.status_code, placed.json()["recordings"]) == (201, 1)
    kept = client.get(f"/recordings/{recording.id}/kept").json()
    assert (kept["is_held"], kept["holds"]) == (True, ["Иск 7"])
    assert problem(client.delete(f"/recordings/{recording.id}")) == (409, "recording.held")
    assert placed.json() in client.get("/holds").json()["items"]
    released = client.post(f"/holds/{placed.json()['id']}/release", json={"reason": "кончено"}).json()
    assert released["released_at"]
    assert client.delete(f"/recordings/{recording.id}").status_code == 204


def test_terms_protect_and_take_away_with_consent(site: Site, client: httpx.Client) -> None:
    recording = shelve(site.archive, make_call(), b"sound")
    version = client.get("/storage/terms").json()["version"]

    def save(term: dict[str, Any], **more: Any) -> httpx.Response:
        nonlocal version
        terms = {"version": version, "terms": [{"scope": "tenant", **term}]}
        answer = client.put("/storage/terms", json={"terms": terms, **more})
        version = answer.json().get("version", version)
        return answer

    assert save({"keep_at_least_days": 36_500}).status_code == 200
    assert problem(client.delete(f"/recordings/{recording.id}")) == (409, "recording.protected")
    assert problem(save({"delete_after_days": 1})) == (409, "storage.consent_needed")
    trial = {"terms": {"version": version, "terms": [{"scope": "tenant", "delete_after_days": 1}]}}
    told = client.post("/storage/dry-run", json=trial).json()
    assert told["leaving"]["binned"]["recordings"] >= 1
    assert told["takes_something"]
    listed = client.post("/storage/dry-run.csv", json=trial).text
    assert recording.id in listed
    assert len(listed.splitlines()) == 1 + sum(one["recordings"] for one in told["leaving"].values())
    assert save({"delete_after_days": 1}, agreed=True).status_code == 200
    sweep_retention(site.archive)
    shown = client.get(f"/recordings/{recording.id}").json()
    assert (shown["state"], shown["removal_cause"]) == ("binned", "term")
    assert save({}, agreed=True).status_code == 200
    assert client.post("/storage/bin/empty", json={"recording_ids": [recording.id]}).json() == {
        "recordings": 1
    }
    assert client.get(f"/recordings/{recording.id}").json()["state"] == "deleted"


def test_a_plan_is_saved_in_versions(client: httpx.Client) -> None:
    plan = client.get("/storage").json()["plan"]
    plan |= {"quota_bytes": 100_000_000, "when_full": "overwrite_oldest"}
    # Agreed: other tests of this site may have left what a sweep would take.
    saved = client.put("/storage/plan", json={"plan": plan, "note": "100 МБ", "agreed": True})
    assert saved.json() == plan | {"version": plan["version"] + 1}
    assert problem(client.put("/storage/plan", json={"plan": plan, "agreed": True})) == (
        409,
        "version.conflict",
    )
    newest = client.get("/storage/plan/history").json()["items"][0]
    assert (newest["plan"], newest["note"]) == (saved.json(), "100 МБ")
    bad = saved.json() | {"quota_bytes": 5}
    assert problem(client.put("/storage/plan", json={"plan": bad})) == (422, "request.invalid")
    none = saved.json() | {"quota_bytes": None, "when_full": "refuse"}
    assert client.put("/storage/plan", json={"plan": none}).status_code == 200
