"""Languages, themes, small screens: each page whole in all of them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.e2e.conftest import Demo, Opener

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]

# What is the same in Russian: names of formats and keys, the account's own name and its two letters.
SAME_IN_RUSSIAN = {
    "Shift",
    "Opus",
    "MP",
    "WAV",
    "FLAC",
    "SIPREC",
    "SHA",
    "PCMA",
    "Enter",
    "Esc",
    "Home",
    "End",
    "English",
} | {
    "Administrator",
    "AD",
}


ALERTS = ("/overview", "/alerts/webhooks", "/alerts", "/alerts/channels", "/alerts/deliveries")
_ALL_TEXT = """(() => {
  const labelled = [...document.querySelectorAll("[aria-label], [title], [placeholder]")];
  const labels = labelled.flatMap((one) => [one.ariaLabel, one.title, one.placeholder]);
  return [document.title, document.body.innerText, ...labels].filter(Boolean).join("\\n");
})()"""


def menu(page: Page) -> None:
    page.locator(".me > summary").click()


def brightness(page: Page) -> float:
    """Of the page's ground, 0–255."""
    level: float = page.evaluate(
        """(() => { const context = new OffscreenCanvas(1, 1).getContext("2d");
          context.fillStyle = getComputedStyle(document.body).backgroundColor;
          context.fillRect(0, 0, 1, 1);
          return context.getImageData(0, 0, 1, 1).data[1]; })()"""
    )
    return level


def test_language_there_and_back(page: Page, demo: Demo) -> None:
    address = f"/calls/{demo.call_with('+78127654321')['id']}"
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    menu(page)
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page).to_have_url(re.compile(re.escape(address)))
    expect(page.get_by_role("heading", name="Участники")).to_be_visible()
    expect(page.locator(".meta")).to_contain_text("Входящий")
    page.get_by_role("link", name="Звонки").first.click()
    expect(page.locator("#totals")).to_contain_text("звонк")
    menu(page)
    page.get_by_role("button", name="English").click()
    expect(page.locator("#totals")).to_contain_text("calls")


@pytest.mark.parametrize("where", ["list", "call"])
def test_russian_pages_are_russian(
    open_page: Opener, demo: Demo, signed_in: StorageState, where: str
) -> None:
    page = open_page(demo.service, signed_in, locale="ru-RU")
    page.goto("/calls?q=%D0%BE%D1%80%D0%BB%D0%BE%D0%B2")
    if where == "call":
        page.locator("#calls a.who").first.click()
        page.locator("call-player.drawn").wait_for()
    page.keyboard.press("Shift+Slash")
    told = page.evaluate(_ALL_TEXT)
    words = set(re.findall(r"(?<![\w…])[A-Za-z]{2,}(?![\w…])", re.sub(r"[0-9a-f]{8}…[0-9a-f]{4}", "", told)))
    assert words <= SAME_IN_RUSSIAN


def test_themes(open_page: Opener, demo: Demo, signed_in: StorageState) -> None:
    page = open_page(demo.service, signed_in, color_scheme="dark")
    page.goto("/calls")
    assert brightness(page) < 64
    menu(page)
    page.get_by_role("button", name="Light").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert brightness(page) > 192
    page.reload()
    assert brightness(page) > 192
    menu(page)
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert brightness(page) < 64
    menu(page)
    page.get_by_role("button", name="Auto").click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", re.compile(".*"))
    assert brightness(page) < 64


@pytest.mark.parametrize("language", ["en-GB", "ru-RU"])
def test_no_page_is_wider_than_the_screen(
    open_page: Opener, demo: Demo, signed_in: StorageState, language: str
) -> None:
    page = open_page(demo.service, signed_in, locale=language, has_touch=True)
    for address in (
        "/calls",
        f"/calls/{demo.call_with('+78127654321')['id']}",
        "/sign-in",
        "/calls/none",
        *ALERTS,
    ):
        page.goto(address)
        page.locator("main").wait_for()
        for width in (1100, 800, 390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)


def test_a_phone_has_the_player_under_the_thumb(
    open_page: Opener, demo: Demo, signed_in: StorageState
) -> None:
    page = open_page(demo.service, signed_in, viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto("/calls")
    page.locator("#calls a.who").first.tap()
    page.locator("call-player.drawn").wait_for()
    button = page.get_by_role("button", name="Listen")
    box = button.bounding_box()
    assert box
    assert box["y"] > 844 * 0.8
    assert min(box["width"], box["height"]) >= 44
    button.tap()
    page.wait_for_function("() => document.querySelector('call-player').audio.currentTime > 0.3")
    page.get_by_label("Speed").and_(page.locator("select")).select_option("1.5")
    assert page.evaluate("document.querySelector('call-player').audio.playbackRate") == 1.5


def test_an_address_of_nothing_is_told_kindly(page: Page) -> None:
    answer = page.goto("/calls/01890000-0000-7000-8000-000000000000")
    assert answer
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    page.get_by_role("link", name="To the calls").click()
    expect(page.locator("#calls")).to_be_visible()
