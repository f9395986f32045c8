"""The bar of the list: which calls are meant, a second look, and steps until all is done."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from fonoteka import accounts
from fonoteka.domain.access import Role
from fonoteka.domain.direction import Direction
from fonoteka.domain.ids import new_id
from fonoteka.domain.rights import WHOLE_TENANT
from tests.examples import actor
from tests.web.site import Site

NOW = datetime.now(UTC)
BINNED = "</svg>в корзине"
"""What a row says of a recording in the bin."""


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a dialog."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


def worked(browser: TestClient, address: str, fields: dict[str, str]) -> list[dict[str, Any]]:
    """What each step told."""
    steps = [browser.post(address, data=fields).json()]
    while steps[-1]["next"]:
        steps.append(browser.post(address, data={**fields, "cursor": steps[-1]["next"]}).json())
    return steps


def test_all_of_a_search_but_one_goes_into_the_bin_and_comes_back(site: Site) -> None:
    calls = [site.add(NOW - timedelta(minutes=one)) for one in range(3)]
    other = site.add(direction=Direction.OUTGOING)
    browser = site.signed_in()
    chosen = {"ids": "", "search": "direction=incoming", "without": calls[1].id}
    page = browser.post("/calls/selected/bin", data=chosen).text
    assert "Убрать 2 звонка в корзину?" in page
    assert "6\N{NO-BREAK SPACE}мин\N{NO-BREAK SPACE}48\N{NO-BREAK SPACE}с" in page
    fields = fields_of(page)
    late = site.add(NOW + timedelta(days=1))  # its time is also when the archive learned of it
    (step,) = worked(browser, "/calls/selected/bin/step", fields)
    assert step == {"calls": 2, "done": 2, "left": {}, "next": None}
    assert browser.get("/calls").text.count(BINNED) == 2
    assert browser.post("/calls/selected/bin/step", data={**fields, "ids": late.id}).json()["done"] == 1
    assert BINNED not in browser.get(f"/calls?q={other.participants[0].number}&direction=outgoing").text
    (back,) = worked(browser, "/calls/selected/restore/step", fields)
    assert back["done"] == 2
    assert browser.get("/calls").text.count(BINNED) == 1  # the late one, which was named itself


def test_chosen_calls_come_under_a_hold_and_then_stay(site: Site) -> None:
    calls = [site.add(NOW - timedelta(minutes=one)) for one in range(2)]
    browser = site.signed_in()
    fields = fields_of(browser.post("/calls/selected/hold", data={"ids": calls[0].id}).text)
    refused = browser.post("/calls/selected/hold/step", data={**fields, "case_name": " ", "reason": "суд"})
    assert refused.status_code == 422
    assert refused.json()["refused"]
    named = {**fields, "case_name": "Иск 7", "reason": "суд"}
    assert worked(browser, "/calls/selected/hold/step", named)[0]["done"] == 1
    page = browser.post("/calls/selected/bin", data={"ids": " ".join(one.id for one in calls)}).text
    assert "Останутся удержанные: 1" in page
    assert worked(browser, "/calls/selected/bin/step", fields_of(page))[0] == {
        "calls": 2,
        "done": 1,
        "left": {"held": 1},
        "next": None,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"ids": " ".join([new_id()] * 1_001)},
        {"ids": "x", "operation": "' OR 1=1", "cursor": "-1"},
        {"search": "q=" + "9" * 10_000, "operation": new_id(), "cursor": "\x00"},
        {"search": "group=%00&from=2026-99-99&&&=&", "known_by": "tomorrow", "operation": ""},
    ],
)
def test_forms_made_by_hand_are_told_so(site: Site, fields: dict[str, str]) -> None:
    site.add()
    browser = site.signed_in()
    assert browser.post("/calls/selected/bin/step", data=fields).status_code == 400
    assert BINNED not in browser.get("/calls").text


def test_who_may_do_nothing_has_no_bar(site: Site) -> None:
    call = site.add()
    _, secret = accounts.create_user(site.accounts, actor(), "olga", "O", Role.AUDITOR, WHOLE_TENANT)
    browser = site.visitor()
    browser.cookies.set("fonoteka_session", accounts.redeem_sign_in_link(site.accounts, secret, ""))
    page = browser.get("/calls").text
    assert call.id in page
    assert "data-select" not in page
    assert 'id="bulk"' not in page
    assert browser.post("/calls/selected/bin", data={"ids": call.id}).status_code == 403
    assert browser.post("/calls/selected/hold/step", data={"ids": call.id}).status_code == 403


def test_a_tag_for_all_of_a_search_and_back(site: Site) -> None:
    calls = [site.add(NOW - timedelta(minutes=one)) for one in range(3)]
    browser = site.signed_in()
    chosen = {"ids": "", "search": "direction=incoming", "without": calls[1].id}
    fields = {
        **fields_of(browser.post("/calls/selected/tag", data=chosen).text),
        "name": "срочно",
        "do": "put",
    }
    (step,) = worked(browser, "/calls/selected/tag/step", fields)
    assert step == {"calls": 2, "done": 2, "left": {}, "next": None}
    assert browser.get("/calls").text.count('title="срочно"') == 2
    # A second round leaves them alone; taking a tag off makes none.
    again = {**fields, "operation": new_id()}
    assert worked(browser, "/calls/selected/tag/step", again)[0]["left"] == {"tagged": 2}
    refused = browser.post("/calls/selected/tag/step", data={**again, "name": "иное", "do": "take"})
    assert refused.status_code == 422
    assert refused.json()["refused"]
    (back,) = worked(browser, "/calls/selected/tag/undo", fields)
    assert back["done"] == 2
    assert 'title="срочно"' not in browser.get("/calls").text


def test_another_site_chooses_nothing(site: Site) -> None:
    call = site.add()
    evil = {"Origin": "https://evil.example.com"}
    answer = site.signed_in().post("/calls/selected/bin", data={"ids": call.id}, headers=evil)
    assert answer.status_code == 403
