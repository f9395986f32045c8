"""A call is marked beside its player by the keys, a comment tied to the moment that is played."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]

FORM = {
    "name": "Walk",
    "sections": [
        {
            "title": "All",
            "questions": [
                {"id": "a", "text": "Greeted?"},
                {"id": "b", "text": "Clear?", "kind": "scale", "scale_max": 4},
                {"id": "c", "text": "Warned?", "may_not_apply": True},
                {"id": "d", "text": "Polite?", "fatal": True},
            ],
        }
    ],
}


def test_a_call_is_marked_by_the_keys(page: Page, demo: Demo) -> None:
    call = [one for one in demo.calls if one["direction"] == "incoming"][-1]
    number = call["participants"][1]["number"]
    demo.service.send("POST", "/extensions", {"number": number})
    made = demo.service.send("POST", "/scorecards", FORM)
    looked_at = {"version": 1, "edits": 1}
    demo.service.send("POST", f"/scorecards/{made['form_id']}/activate", looked_at)
    page.goto(f"/calls/{call['id']}#t=2")
    page.locator("call-player.drawn").wait_for()
    panel = page.locator("#scores")
    panel.get_by_label("Scorecard").select_option(label="Walk")
    panel.get_by_role("button", name="Fill in").click()
    panel.locator("input[type=radio]").first.focus()
    for key in ("1", "3", "-"):
        page.keyboard.press(key)
    # The keys of the page itself, such as marks from 1 to 5, are silent here.
    expect(page.locator("#mark [aria-pressed=true]")).to_have_count(0)
    last = panel.get_by_role("group", name="4. Polite?")
    expect(last.locator("input").first).to_be_focused()
    last.locator("summary").click()
    last.get_by_role("button", name="Tie to").click()
    expect(last.locator("[data-tied]")).to_have_text("0:02")
    panel.get_by_role("button", name="Submit").click()
    expect(panel.get_by_role("alert")).to_contain_text("Question 4 has no answer")
    last.locator("input").first.focus()
    page.keyboard.press("1")
    panel.get_by_role("button", name="Submit").click()
    expect(panel.locator(".score")).to_have_text("91.7%")
    expect(panel.get_by_role("link", name="0:02")).to_have_attribute("href", "#t=2.0")
