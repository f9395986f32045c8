"""The keyboard: everything is reachable, and the keys of the guide do what it says."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

_NAMELESS = """[...document.querySelectorAll(
  "button, a, input:not([type=hidden]), select, summary, [role=slider]")]
  .filter((one) => one.checkVisibility())
  .filter((one) => ![one.ariaLabel, one.textContent, one.labels?.[0]?.textContent].join("").trim())
  .map((one) => one.outerHTML.slice(0, 120))"""

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]


def test_along_the_list_and_into_a_call_and_back(page: Page) -> None:
    page.goto("/calls")
    links = page.locator("#calls a.who")
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(links.nth(2)).to_be_focused()
    page.keyboard.press("k")
    expect(links.nth(1)).to_be_focused()
    expect(page.locator(".row-c.cur")).to_have_count(1)
    second = links.nth(1).get_attribute("href")
    assert second
    page.keyboard.press("Enter")
    page.locator("call-player.drawn").wait_for()
    expect(page).to_have_url(re.compile(re.escape(second)))
    page.keyboard.press("j")
    expect(page.locator(".top")).to_contain_text("3 of ")
    page.locator("call-player.drawn").wait_for()
    page.keyboard.press("k")
    expect(page).to_have_url(re.compile(re.escape(second)))
    page.locator("call-player.drawn").wait_for()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/calls$"))


def test_a_russian_layout_has_the_same_keys(page: Page) -> None:
    page.goto("/calls")
    page.locator("#calls a.who").first.wait_for()
    page.evaluate(
        """document.body.dispatchEvent(
          new KeyboardEvent("keydown", { code: "KeyJ", key: "о", bubbles: true }))"""
    )
    expect(page.locator("#calls a.who").first).to_be_focused()


def test_keys_are_silent_in_the_search_box(page: Page) -> None:
    page.goto("/calls")
    search = page.get_by_label("Search", exact=True)
    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.keyboard.type("jk?")
    expect(search).to_have_value("jk?")
    expect(page.locator(".row-c.cur")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(search).to_have_value("")
    page.keyboard.press("Escape")
    expect(search).not_to_be_focused()


@pytest.mark.parametrize("where", ["list", "call"])
def test_question_mark_lists_all_keys(page: Page, where: str) -> None:
    page.goto("/calls")
    if where == "call":
        page.locator("#calls a.who").first.click()
        page.locator("call-player.drawn").wait_for()
    page.keyboard.press("Shift+Slash")
    help_ = page.get_by_role("dialog", name="Keys")
    expect(help_).to_be_visible()
    expect(help_).to_contain_text("listen, pause")
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    expect(page).to_have_url(re.compile("/calls" + ("$" if where == "list" else "/.+")))


def test_keys_can_be_switched_off(page: Page) -> None:
    page.goto("/calls")
    page.get_by_role("button", name="all keys").click()
    page.get_by_label("Keys work").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("j")
    expect(page.locator(".row-c.cur")).to_have_count(0)


def test_tab_goes_through_the_list_page_in_reading_order(page: Page) -> None:
    page.goto("/calls")
    page.locator("#calls a[tabindex]").first.wait_for()
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(focused(page))
    assert seen[0] == "To the content"
    order = ["Fonoteka", "Calls", "Administrator", "Search", "Period", "Direction"]
    places = [next(place for place, name in enumerate(seen) if one in name) for one in order]
    assert places == sorted(places)
    # One row alone is in the tab order; its box, its link, its button, and then the keys' help.
    assert seen[seen.index("Listen") + 1] == "?all keys"


def test_every_control_of_the_call_page_has_a_name(page: Page) -> None:
    page.goto("/calls")
    page.locator("#calls a.who").first.click()
    page.locator("call-player.drawn").wait_for()
    nameless = page.evaluate(_NAMELESS)
    assert nameless == []
    expect(page.get_by_role("slider", name="Place in the call")).to_be_visible()
    expect(page.get_by_role("group", name="Speed")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("navigation", name="Sections")).to_be_visible()
    expect(page.get_by_role("complementary", name="About the call")).to_be_visible()


def focused(page: Page) -> str:
    """What a screen reader would say first of the focused element."""
    name: str = page.evaluate(
        """(() => { const one = document.activeElement;
          return (one.getAttribute("aria-label") || one.innerText || one.name || one.tagName)
            .replace(/\\s+/g, " ").trim(); })()"""
    )
    return name
