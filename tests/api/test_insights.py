"""Insights by REST: figures, reasons and moments as the page shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from tests.api.conftest import Site
from tests.archive.conversations import add, figures_of, plain_call


def test_figures_and_calls_worth_hearing(site: Site, client: httpx.Client) -> None:
    at = datetime.now(UTC) - timedelta(hours=2)
    silent = plain_call("104", at)
    add(site.archive, silent, figures_of(silence_ms=80_000, theirs_ms=5_000, monologue_ms=15_000))
    days = {"since": str(at.date() - timedelta(days=1)), "until": str(at.date() + timedelta(days=1))}
    told = client.get("/insights/talk", params=days).json()
    assert (told["figures"]["talks"], told["figures"]["talk_ratio"]) == (1, 0.75)
    assert told["figures"]["silence"] == 0.8
    assert [(one["label"], one["figures"]["talks"]) for one in told["agents"]] == [("104", 1)]
    assert sum(one["figures"]["talks"] for one in told["by_day"]) == 1
    assert told["quartiles"] == []
    found = client.get("/insights/worth-hearing", params=days).json()
    (worth,) = found["items"]
    assert (worth["call_id"], worth["recording_id"]) == (silent.id, silent.recordings[0].id)
    reason = {"reason": "long_silence", "value": 80_000, "usual": None, "at_ms": 5_000, "name": ""}
    assert worth["reasons"] == [reason]
    assert client.get("/insights/worth-hearing", params={**days, "agent": "105"}).json()["found"] == 0
    assert client.get("/insights/topics", params=days).json() == {"items": []}
    lines = client.get("/insights/talk.csv", params=days).text.splitlines()
    assert (lines[0][1:].split(";")[:2], lines[1].split(";")[0]) == (["label", "name"], "104")
    assert silent.id in client.get("/insights/worth-hearing.csv", params=days).text
    wrong = client.get("/insights/talk", params={"since": "2026-02-02", "until": "2026-02-01"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "request.invalid")
    assert client.get("/insights/worth-hearing", params={**days, "limit": 101}).status_code == 422
