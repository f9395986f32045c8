"""The pictures of the documentation. `FONOTEKA_PICTURES=1 make test` makes them anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.e2e.conftest import Demo, Opener, take_picture

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
RUSSIAN = {"locale": "ru-RU", "timezone_id": "Europe/Moscow"}
ENGLISH = {"locale": "en-GB", "timezone_id": "Europe/Moscow"}


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
