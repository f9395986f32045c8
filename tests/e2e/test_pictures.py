"""Pictures of every page, and those of the documentation, which `FONOTEKA_PICTURES=1 make test` makes anew.

`FONOTEKA_PAGES=FOLDER` keeps those of every page, in both themes, at a desk and on a phone, to be looked at.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.e2e.conftest import Demo, Opener, take_picture
from tests.e2e.test_accessibility import PAGES

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
RUSSIAN = {"locale": "ru-RU", "timezone_id": "Europe/Moscow"}
ENGLISH = {"locale": "en-GB", "timezone_id": "Europe/Moscow"}
DARK: dict[str, Any] = {"color_scheme": "dark"}
STICKS_OUT = """[...document.querySelectorAll("header.top")].some((top) => {
  const box = top.getBoundingClientRect();
  return [...top.querySelectorAll("h1, a, button")].some((one) => {
    const own = one.getBoundingClientRect();
    return !one.closest(".menu-p") && own.height && (own.top < box.top - 1 || own.bottom > box.bottom + 1);
  });
})"""
KEPT = os.environ.get("FONOTEKA_PAGES", "")
LOOKS = {"phone-ru": {**RUSSIAN, **PHONE}, "desk-en-dark": {**ENGLISH, **DARK}}
if KEPT:
    LOOKS |= {"desk-ru": RUSSIAN, "phone-en-dark": {**ENGLISH, **PHONE, **DARK}}


def play_in_the_middle(page: Page, address: str, share: float = 0.44) -> None:
    page.goto(address)
    page.locator("call-player.drawn").wait_for()
    whole = page.evaluate("document.querySelector('call-player').duration")
    page.evaluate("(moment) => document.querySelector('call-player').seek(moment)", whole * share)
    page.locator(".play").click()
    page.wait_for_function(
        "(moment) => document.querySelector('call-player').audio.currentTime > moment",
        arg=whole * share + 0.4,
    )
    expect(page.locator("call-player.playing")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "number", "options"),
    [
        ("call", "+442079460123", ENGLISH),
        ("call-ru", "+78127654321", RUSSIAN),
        ("call-dark", "+442079460123", {**ENGLISH, "color_scheme": "dark"}),
        ("phone", "+78127654321", {**RUSSIAN, **PHONE}),
    ],
)
def test_call(
    open_page: Opener,
    demo: Demo,
    signed_in: StorageState,
    pictures: Path,
    name: str,
    number: str,
    options: dict[str, Any],
) -> None:
    page = open_page(demo.service, signed_in, **options)
    play_in_the_middle(page, f"/calls/{demo.call_with(number)['id']}")
    take_picture(page, pictures / f"{name}.png")


@pytest.mark.parametrize(
    ("name", "options"), [("list", ENGLISH), ("list-ru-dark", {**RUSSIAN, "color_scheme": "dark"})]
)
def test_list(
    open_page: Opener, demo: Demo, signed_in: StorageState, pictures: Path, name: str, options: dict[str, Any]
) -> None:
    page = open_page(demo.service, signed_in, **options)
    page.goto("/calls")
    expect(page.locator("svg.strip").first).to_be_visible()
    take_picture(page, pictures / f"{name}.png")


def test_sign_in(open_page: Opener, demo: Demo, pictures: Path) -> None:
    page = open_page(demo.service, **ENGLISH)
    page.goto("/sign-in")
    take_picture(page, pictures / "sign-in.png")


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_whole_and_fits(
    open_page: Opener, demo: Demo, signed_in: StorageState, tmp_path: Path, look: str
) -> None:
    folder = Path(KEPT) if KEPT else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    page = open_page(demo.service, signed_in, **LOOKS[look])
    call = demo.call_with("+78127654321")
    for number, address in enumerate(one for one in PAGES if one != "/no-such-page"):
        answer = page.goto(address.replace("{call}", call["id"]))
        assert answer is not None
        assert answer.ok, address
        if page.locator("call-player").count():
            page.locator("call-player.drawn").wait_for()
        width = page.viewport_size and page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") == width, address
        assert not page.evaluate(STICKS_OUT), address
        name = address.strip("/").split("?")[0].replace("/", "-").replace("{call}", "one")
        path = folder / f"{number:02}-{name}-{look}.png"
        page.screenshot(path=path, animations="disabled", caret="hide", full_page=True)
        assert path.stat().st_size > 4_000, address
