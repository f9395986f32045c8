"""Each figure of the page of completeness opens the list of exactly the calls that it counts."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from fonoteka.archive import register_call
from fonoteka.domain.call import CallOutcome
from fonoteka.domain.people import Extension, Group, Tenant
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.rules import Decision, RuleOutcome
from fonoteka.policy import save_extension, save_group, save_tenant
from tests import examples
from tests.web.site import CLIENT, Site

RULE = Decision(RuleOutcome.SKIP, "r1", "Личные", 2, 3, "standard", None)
WITHOUT = (
    CallOutcome.MISSING,
    CallOutcome.REFUSED,
    CallOutcome.SKIPPED,
    CallOutcome.NOT_KEPT,
    CallOutcome.MISSED,
    CallOutcome.EXPECTED,
)
NOW = datetime.now(UTC)


@pytest.fixture
def full(site: Site) -> Site:
    """Calls of every outcome on three days, some of nobody's extension, the tenant's day another's."""
    save_tenant(site.policy, examples.actor(), Tenant("default", "Default", "Asia/Vladivostok"))
    for number in ("101", "102"):
        save_extension(site.policy, examples.actor(), Extension("", "default", number))
    save_group(site.policy, examples.actor(), Group("", "default", "Продажи", frozenset({"101"})))
    for n in range(12):
        at = NOW - timedelta(hours=7 * n, minutes=1)
        agent = ("Анна", ("101", "102", "900")[n % 3])
        site.add(at, agent=agent, state=RecordingState.SILENT if n % 4 == 0 else RecordingState.READY)
        people = (*examples.people(CLIENT[1], agent[1]),)
        call = examples.call(started_at=at, participants=people, recordings=(), decision=RULE)
        register_call(site.archive, replace(call, outcome=WITHOUT[n % len(WITHOUT)]))
    return site


def figures(page: str) -> list[tuple[str, str]]:
    """The figures of the table that are links: what is shown, and the address."""
    found = re.findall(r'<a class="fig[^"]*" href="([^"]+)">([^<]+)</a>', page)
    return [(html.unescape(address), text) for address, text in found]


def listed(page: str) -> int:
    return len(re.findall(r'class="row-c"', page))


@pytest.mark.parametrize("by", ["day", "group", "extension"])
@pytest.mark.parametrize("zone", ["Europe/Moscow", "America/New_York"])
def test_every_figure_opens_its_calls(full: Site, by: str, zone: str) -> None:
    browser = full.signed_in("en", zone)
    found = figures(browser.get(f"/ledger?by={by}&span=week").text)
    assert len(found) > 10
    outcomes = set()
    for address, text in found:
        asked = parse_qs(urlsplit(address).query)
        outcomes.add(asked["outcome"][0])
        count = listed(browser.get(address).text)
        if text.endswith("%"):
            whole = address.replace("outcome=recorded", "outcome=lacking")
            assert count / (count + listed(browser.get(whole).text)) == pytest.approx(
                int(text.lstrip("> ").rstrip("%")) / 100, abs=0.006
            )
        else:
            assert count == int(text), address
    assert outcomes == {"any", "recorded", "lacking", "unwanted", "missed"}


def test_the_list_says_why_there_is_no_recording(full: Site) -> None:
    page = full.signed_in("ru").get("/calls?outcome=unwanted").text
    assert "правило 2 «Личные»" in html.unescape(page)
    assert 'href="/calls"' in page, "the filter can be taken off"
    lacking = full.signed_in("en").get("/calls?outcome=lacking&from=2001-01-01").text
    assert lacking.count("recording missing") >= 2
    group = re.search(r"group=([0-9a-f-]{36})", full.signed_in("en").get("/ledger?by=group").text)
    assert group
    filtered = full.signed_in("ru").get(f"/calls?outcome=any&sound=any&group={group[1]}").text
    assert "Группа «Продажи»" in html.unescape(filtered)
    nobody = full.signed_in("ru").get("/calls?outcome=any&sound=any&extension=~").text
    assert "без своих внутренних номеров" in nobody
    assert listed(nobody) == 8


@pytest.mark.parametrize(
    "address", ["outcome=moon", "sound=loud", "zone=Mars/Base", "group=%00", "extension=" + "9" * 500]
)
def test_what_cannot_be_understood_filters_nothing_or_finds_nothing(full: Site, address: str) -> None:
    assert full.signed_in().get(f"/calls?{address}").status_code == 200
