"""Several calls chosen and tagged, and back: with keys at a desk, with a thumb on a phone; axe looks on."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.e2e.conftest import Demo, Opener
from tests.e2e.test_accessibility import found_by_axe

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(150)]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "locale": "ru-RU"}


def rows_with(page: Page, tag: str) -> Locator:
    return page.locator(f'#calls .tg[title="{tag}"]')


def test_calls_are_chosen_tagged_found_and_untagged(page: Page) -> None:
    page.goto("/calls?sound=any")
    for key in ("j", "x", "j", "j", "Shift+x"):
        page.keyboard.press(key)
    expect(page.locator("[data-bulk-count]")).to_contain_text("Chosen: 3")
    page.locator("#bulk").get_by_role("button", name="Tag").click()
    dialog = page.locator("#bulk-dialog")
    dialog.get_by_label("Tag", exact=True).fill("first order")
    dialog.get_by_role("button", name="Change the tag").click()
    expect(dialog.locator("[data-told]")).to_have_text("Changed on 3 calls.")
    dialog.get_by_role("button", name="Undo").click()
    expect(dialog.locator("[data-told]")).to_have_text("As before on 3 calls.")
    with page.expect_response(lambda answer: "/calls?sound=any" in answer.url):
        dialog.get_by_role("button", name="Close").click()
    expect(page.locator("#bulk")).to_be_hidden()
    expect(rows_with(page, "first order")).to_have_count(0)

    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_contain_text("Chosen: 1")
    page.locator("[data-bulk-all]").click()
    expect(page.locator("[data-bulk-count]")).to_contain_text("All chosen")
    page.locator("#calls [data-select]").first.uncheck()
    page.locator("#bulk").get_by_role("button", name="Tag").click()
    dialog.get_by_label("Tag", exact=True).fill("Whole search")
    page.keyboard.press("Enter")
    expect(dialog.locator("[data-told]")).to_contain_text("Changed on")
    page.keyboard.press("Escape")
    count = page.locator("#calls [data-call]").count()
    expect(rows_with(page, "Whole search")).to_have_count(count - 1)

    # Found by the tag, and all that was found untagged.
    page.locator("#tag-menu > summary").click()
    page.locator("#tag-menu").get_by_role("link", name="Whole search").click()
    expect(page.locator("#calls [data-call]")).to_have_count(count - 1)
    page.locator("#calls [data-select]").first.check()
    page.locator("[data-bulk-all]").click()
    page.locator("#bulk").get_by_role("button", name="Tag").click()
    dialog.get_by_label("Take off").check()
    dialog.get_by_label("Tag", exact=True).fill("Whole search")
    page.keyboard.press("Enter")
    expect(dialog.locator("[data-told]")).to_have_text(f"Changed on {count - 1} calls.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="No calls found")).to_be_visible()


def test_a_thumb_chooses_calls_and_looks_at_one(
    open_page: Opener, demo: Demo, signed_in: StorageState
) -> None:
    page = open_page(demo.service, signed_in, **PHONE, bypass_csp=True)  # for axe, which tries out styles
    page.goto("/calls")
    page.get_by_role("button", name="Выбрать звонки").tap()
    for place in (0, 2):
        page.locator("#calls .row-c").nth(place).tap()
    expect(page.locator("[data-bulk-count]")).to_contain_text("Выбрано: 2")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for button in page.locator("#bulk button:visible").all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 40
    assert found_by_axe(page) == []
    page.locator("#bulk").get_by_role("button", name="Тег").tap()
    dialog = page.locator("#bulk-dialog")
    dialog.get_by_label("Тег", exact=True).fill("перезвонить")
    assert found_by_axe(page) == []
    dialog.get_by_role("button", name="Применить").tap()
    expect(dialog.locator("[data-told]")).to_have_text("Тег изменён у 2 звонков.")
    dialog.get_by_role("button", name="Вернуть").tap()
    expect(dialog.locator("[data-told]")).to_have_text("Отменено у 2 звонков.")
    dialog.get_by_role("button", name="Закрыть").tap()
    page.get_by_role("button", name="Выбрать звонки").tap()

    page.locator("#calls a.who").first.tap()
    page.locator("call-player.drawn").wait_for()
    note, wave = page.get_by_placeholder("Для всех, кто видит этот звонок"), page.locator("[data-wave]")
    expect(wave).to_be_visible()
    expect(note).to_be_hidden()
    page.get_by_role("button", name="Сведения").tap()
    expect(note).to_be_visible()
    expect(wave).to_be_hidden()
    page.get_by_role("button", name="Слушать").tap()  # under the thumb on each of them
    page.wait_for_function("() => document.querySelector('call-player').audio.currentTime > 0.2")
    assert found_by_axe(page) == []
    page.get_by_role("button", name="История").tap()
    expect(page.get_by_role("heading", name="С этим номером")).to_be_visible()
    expect(note).to_be_hidden()
    page.get_by_role("button", name="Разговор").tap()
    expect(wave).to_be_visible()
