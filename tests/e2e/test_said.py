"""What is said of a call, by keys and mouse: no text is lost, sound goes on, and all of it can be undone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]


def test_a_call_is_marked_tagged_and_commented_while_one_listens(page: Page, demo: Demo) -> None:
    call = next(one for one in demo.calls if one["direction"] == "incoming")
    page.goto(f"/calls/{call['id']}#t=7")
    player = page.locator("call-player.drawn")
    player.wait_for()
    note = page.get_by_placeholder("For all who see this call")
    note.fill("not saved yet")
    page.locator("h1").click()

    page.keyboard.press("4")
    expect(page.locator('[data-mark-value="4"]')).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Take the mark back").click()
    expect(page.locator("#mark")).to_contain_text("Mark taken back.")
    page.locator("#mark").get_by_role("button", name="Undo").click()
    expect(page.locator('[data-mark-value="4"]')).to_have_attribute("aria-pressed", "true")

    page.get_by_label("Name of a tag").fill("<b>first order</b>")
    page.keyboard.press("Enter")
    expect(page.locator("#tags .tg")).to_have_text("<b>first order</b>")

    page.locator("h1").click()
    page.keyboard.press("m")
    expect(page.locator("[data-at-clock]")).to_have_text("0:07")
    page.keyboard.type("Says the <i>price</i>, M 5 j")  # keys are silent in a field
    page.get_by_role("button", name="Add the comment").click()
    pin = player.locator(".pins a")
    expect(pin).to_have_text("1")
    expect(page.locator("#comments li .text")).to_have_text("Says the <i>price</i>, M 5 j")
    expect(note).to_have_value("not saved yet")

    page.keyboard.press("Home")
    page.locator("[data-wave]").press("Home")
    expect(player.locator("[data-time]")).to_have_text("0:00")
    pin.click()
    expect(player.locator("[data-time]")).to_have_text("0:07")
    page.locator("#comments").get_by_role("button", name="Delete").click()
    expect(pin).to_have_count(0)
    page.locator("#comments").get_by_role("button", name="Undo").click()
    expect(pin).to_have_count(1)


def test_the_sound_can_be_looked_at_closely(page: Page, demo: Demo) -> None:
    call = next(one for one in demo.calls if one["direction"] == "incoming")
    page.goto(f"/calls/{call['id']}")
    page.locator("call-player.drawn").wait_for()
    view = page.locator("[data-view]")
    whole = view.evaluate("(one) => one.scrollWidth")
    page.keyboard.press("Equal")
    expect(page.locator("[data-zoom-out]")).to_be_enabled()
    assert view.evaluate("(one) => one.scrollWidth") == pytest.approx(2 * whole, abs=2)
    page.locator("[data-wave]").press("End")
    page.wait_for_function("document.querySelector('[data-view]').scrollLeft > 0")
    page.get_by_role("button", name="Show more of the call").click()
    expect(page.locator("[data-zoom-out]")).to_be_disabled()
    assert view.evaluate("(one) => one.scrollWidth") == pytest.approx(whole, abs=2)
